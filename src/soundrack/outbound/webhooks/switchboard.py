"""Whose turn it is: how many deliveries go out at once, in all and to one receiver.

A *quick* receiver is one whose last answer was a success within two seconds. All others (unknown, slow, failing) may
take the whole ten seconds of an attempt, so together they get no more than half of the places, and one account's no
more than a quarter. Thus however many receivers are slow, hostile or dead, the quick ones find a place.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from soundrack.outbound.webhooks.claims import Parcel, Room, Want

MOST_AT_ONCE = 400
MOST_PATIENT = 200
MOST_PATIENT_OF_ACCOUNT = 100
MOST_HELD = 3000
"""Deliveries in memory: under way, and claimed ahead for quick receivers."""
QUICK_S = 2.0

_AHEAD = 6
_MOST_REMEMBERED = 20_000


class Pace(Enum):
    """What a receiver has lately been like."""

    UNKNOWN = 4
    QUICK = 16
    SLOW = 8
    FAILING = 2

    def __init__(self, places: int) -> None:
        self.places = places
        """How many deliveries such a receiver gets at once."""


class _Receiver:
    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: deque[Parcel] = deque()
        self.running = 0
        self.is_lined = False
        self.take_as(Pace.UNKNOWN)

    def take_as(self, pace: Pace) -> None:
        self.pace = pace
        self.is_patient = pace is not Pace.QUICK

    @property
    def held(self) -> int:
        return self.running + len(self.queue)


class Switchboard:
    """Deals out places. It belongs to one event loop and knows neither the network nor the database."""

    def __init__(self) -> None:
        self._receivers: dict[str, _Receiver] = {}
        self._quick: deque[_Receiver] = deque()
        self._patient: deque[_Receiver] = deque()
        self._running = 0
        self._running_patient = 0
        self._held = 0
        # deliveries that were claimed for a receiver that was not quick, and whose they are
        self._reserved: dict[str, str] = {}
        self._reserved_of: Counter[str] = Counter()

    def wants(self, due: Sequence[str]) -> tuple[list[Want], Room]:
        """Return what is to be claimed for receivers that something is due for: quick ones first, else by lot."""
        room = MOST_HELD - self._held
        patient = min(room, MOST_PATIENT - len(self._reserved))
        wants: list[Want] = []
        for name in random.sample(due, len(due)):
            receiver = self._receivers.get(name) or _Receiver(name)
            count = self._appetite(receiver)
            if count > 0 and (patient > 0 or not receiver.is_patient):
                wants.append(Want(name, count, receiver.is_patient))
        wants.sort(key=lambda want: want.is_patient)
        return _within(wants, room), Room(max(0, patient), self._reserved_of.copy(), MOST_PATIENT_OF_ACCOUNT)

    def add(self, parcels: Iterable[Parcel]) -> None:
        """Take in what was claimed."""
        for parcel in parcels:
            receiver = self._receivers.setdefault(parcel.receiver, _Receiver(parcel.receiver))
            receiver.queue.append(parcel)
            self._held += 1
            if receiver.is_patient:
                self._reserved[parcel.id] = parcel.account_id
                self._reserved_of[parcel.account_id] += 1
            self._line_up(receiver)

    def next(self) -> Parcel | None:
        """Return a delivery that may go out now, receivers in turn; None if none may."""
        while self._running < MOST_AT_ONCE:
            if self._quick:
                receiver = self._quick.popleft()
            elif self._patient and self._running_patient < MOST_PATIENT:
                receiver = self._patient.popleft()
            else:
                return None
            receiver.is_lined = False
            if not receiver.queue or receiver.running >= receiver.pace.places:
                continue  # its pace has changed, or its queue was drained, since it lined up
            parcel = receiver.queue.popleft()
            receiver.running += 1
            self._running += 1
            self._running_patient += receiver.is_patient
            self._line_up(receiver)
            return parcel
        return None

    def done(self, parcel: Parcel, pace: Pace | None) -> None:
        """Free the place of a delivery whose attempt has ended; no pace says that it was broken off."""
        receiver = self._receivers[parcel.receiver]
        self._running_patient -= receiver.is_patient
        receiver.running -= 1
        self._running -= 1
        self._let_go(parcel)
        if pace is not None:
            was_patient = receiver.is_patient
            receiver.take_as(pace)
            self._running_patient += receiver.running * (receiver.is_patient - was_patient)
        self._line_up(receiver)
        self._forget(receiver)

    def drain(self, leaves: Callable[[Parcel], bool]) -> list[Parcel]:
        """Take out what waits for its turn and answers to a description."""
        out: list[Parcel] = []
        for receiver in self._receivers.values():
            leaving = [parcel for parcel in receiver.queue if leaves(parcel)]
            if leaving:
                receiver.queue = deque(parcel for parcel in receiver.queue if not leaves(parcel))
                out += leaving
        for parcel in out:
            self._let_go(parcel)
        return out

    @staticmethod
    def _appetite(receiver: _Receiver) -> int:
        if receiver.is_patient:
            return receiver.pace.places - receiver.held
        most = receiver.pace.places * _AHEAD
        return most - receiver.held if 2 * receiver.held <= most else 0  # in large helpings

    def _let_go(self, parcel: Parcel) -> None:
        self._held -= 1
        account_id = self._reserved.pop(parcel.id, None)
        if account_id is not None:
            self._reserved_of[account_id] -= 1
            if not self._reserved_of[account_id]:
                del self._reserved_of[account_id]

    def _line_up(self, receiver: _Receiver) -> None:
        if receiver.queue and not receiver.is_lined and receiver.running < receiver.pace.places:
            receiver.is_lined = True
            (self._patient if receiver.is_patient else self._quick).append(receiver)

    def _forget(self, receiver: _Receiver) -> None:
        """What is known of a receiver goes when too much is known; it starts as unknown the next time."""
        if len(self._receivers) > _MOST_REMEMBERED and not receiver.held and not receiver.is_lined:
            del self._receivers[receiver.name]


def _within(wants: Sequence[Want], room: int) -> list[Want]:
    """Cut off what there is no room for. Those not quick are counted one by one when they are claimed."""
    cut: list[Want] = []
    for want in wants:
        if room <= 0:
            break
        count = min(want.count, room)
        cut.append(Want(want.receiver, count, want.is_patient))
        room -= 0 if want.is_patient else count
    return cut
