"""Places: bounded in all and for each receiver, and the quick ones always find one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.outbound.webhooks import switchboard
from soundrack.outbound.webhooks.claims import Parcel
from soundrack.outbound.webhooks.switchboard import Pace, Switchboard
from soundrack.service import Service

pytestmark = pytest.mark.one_database


def parcel(number: int, receiver: str, account: str = "acc_1") -> Parcel:
    return Parcel(
        f"whd_{number}", account, Service.BLACKLAB, "job.done", None, None, f"{receiver}/", receiver, False, b"", (), 0
    )  # fmt: skip


def started(board: Switchboard) -> list[Parcel]:
    found = []
    while (one := board.next()) is not None:
        found.append(one)
    return found


def prove_quick(board: Switchboard, receiver: str) -> None:
    board.add([parcel(-1, receiver)])
    (one,) = started(board)
    board.done(one, Pace.QUICK)


@pytest.mark.parametrize(("pace", "places"), [(None, 4), (Pace.QUICK, 16), (Pace.SLOW, 8), (Pace.FAILING, 2)])
def test_a_receiver_gets_as_many_places_as_its_pace_allows(pace: Pace | None, places: int):
    board = Switchboard()
    if pace is not None:
        board.add([parcel(-1, "a")])
        board.done(started(board)[0], pace)
    board.add(parcel(number, "a") for number in range(50))

    assert len(started(board)) == places
    assert started(board) == []


def test_receivers_take_turns():
    board = Switchboard()
    for name in "ab":
        prove_quick(board, name)
    board.add(parcel(number, "a") for number in range(30))
    board.add(parcel(100 + number, "b") for number in range(3))

    assert [one.receiver for one in started(board)[:6]] == ["a", "b"] * 3


def test_however_many_receivers_are_dead_a_quick_one_finds_a_place():
    board = Switchboard()
    prove_quick(board, "quick")
    dead = [f"dead{number}" for number in range(1000)]
    wants, room = board.wants(dead)
    claimed = [
        parcel(number, want.receiver, f"acc_{number % 7}")
        for number, want in enumerate(wants)
        if room.take(f"acc_{number % 7}")
    ]
    board.add(claimed)
    assert len(started(board)) == len(claimed) == switchboard.MOST_PATIENT

    assert board.wants(dead)[0] == []
    ((want,), _) = board.wants([*dead, "quick"])
    assert want.receiver == "quick"
    board.add(parcel(5000 + number, "quick") for number in range(10))
    assert len(started(board)) == 10


def test_one_account_s_receivers_get_no_more_than_their_share_of_the_patient_places():
    board = Switchboard()
    _, room = board.wants([f"dead{number}" for number in range(1000)])

    taken = Counter(account for account in ["hostile"] * 500 + ["honest"] * 5 if room.take(account))

    assert taken == {"hostile": switchboard.MOST_PATIENT_OF_ACCOUNT, "honest": 5}


def test_a_quick_receiver_that_dies_keeps_what_it_has_and_gets_no_more():
    board = Switchboard()
    prove_quick(board, "a")
    board.add(parcel(number, "a") for number in range(40))
    running = started(board)
    for one in running[:3]:
        board.done(one, Pace.FAILING)

    assert started(board) == []
    for one in running[3:]:
        board.done(one, Pace.FAILING)
    assert len(started(board)) == 2


def test_what_is_drained_is_counted_no_more():
    board = Switchboard()
    board.add(parcel(number, "a") for number in range(10))
    (first, *_) = started(board)

    out = board.drain(lambda _: True)

    assert len(out) == 6
    board.done(first, None)
    assert board.next() is None
    assert board._held == 3
    assert len(board._reserved) == 3


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, *Pace])), max_size=300))
def test_whatever_happens_the_bounds_hold_and_in_the_end_nothing_is_left(steps: list[tuple[int, Pace | None]]):
    board = Switchboard()
    running: list[Parcel] = []
    for number, (receiver, pace) in enumerate(steps):
        board.add([parcel(number, str(receiver), f"acc_{receiver % 2}")])
        running += started(board)
        assert max(Counter(one.receiver for one in running).values(), default=0) <= Pace.QUICK.places
        if number % 3 == 0 and running:
            board.done(running.pop(0), pace)
    while running:
        board.done(running.pop(), Pace.QUICK)
        running += started(board)

    assert (board._held, board._running, board._running_patient, board._reserved) == (0, 0, 0, {})
    assert not board._reserved_of
