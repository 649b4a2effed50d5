"""The queue: which deliveries are due, and whose they are for now.

A courier holds a delivery by a *lease*: until the lease ends `due_at` is its end, so nobody else finds the delivery
due, and the deliveries of a courier that was killed become due again by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, update

from soundrack import clock
from soundrack.database.among import Among
from soundrack.database.tables import Moment, webhook_deliveries
from soundrack.outbound.webhooks.deliveries import State
from soundrack.outbound.webhooks.keyring import Keyring
from soundrack.outbound.webhooks.secrets import Signing
from soundrack.service import Service

MOST_BYTES_AT_ONCE = 32 * 1024 * 1024
"""Bodies that one claim brings into memory; a single larger one is claimed alone."""

_table = webhook_deliveries.c


@dataclass(slots=True)  # not frozen, which costs four times as much to make, and many are made
class Parcel:
    """A delivery that is held, with all that its attempt needs."""

    id: str
    account_id: str
    service: Service
    event_name: str
    endpoint_id: str | None
    job_id: str | None
    url: str
    receiver: str
    is_test: bool
    body: bytes = field(repr=False)
    signings: tuple[Signing, ...] = field(repr=False)
    lease_ends: float
    """By the monotonic clock."""


@dataclass(frozen=True)
class Want:
    """How many deliveries to one receiver are asked for."""

    receiver: str
    count: int
    is_patient: bool
    """Whether the receiver is among those that may take long: they are counted against `Room`."""


@dataclass
class Room:
    """How many deliveries to receivers that may take long there is room for, in all and for each account."""

    patient: int
    of_account: Mapping[str, int]
    most_of_account: int
    _taken: dict[str, int] = field(default_factory=dict)

    def take(self, account_id: str) -> bool:
        """Take a place for an account's delivery, if there is one."""
        taken = self._taken.get(account_id, 0)
        if self.patient <= 0 or self.of_account.get(account_id, 0) + taken >= self.most_of_account:
            return False
        self._taken[account_id] = taken + 1
        self.patient -= 1
        return True


def due_receivers(connection: Connection) -> list[str]:
    """Return the receivers that something is due for."""
    return list(connection.execute(_DUE_RECEIVERS, {"now": clock.now()}).scalars())


def claim(
    connection: Connection, keyring: Keyring, holder: str, wants: Sequence[Want], room: Room, *, lease: timedelta
) -> list[Parcel]:
    """Take deliveries that are due, the earliest of each receiver first and of each lane only the first.

    Parameters
    ----------
    connection : Connection
        An open write transaction; they are held once it commits.
    holder : str
        The courier's id.
    """
    now, lease_ends = clock.now(), time.monotonic() + lease.total_seconds()
    taken: list[str] = []
    size_bytes = 0
    for want in wants:
        due = connection.execute(_DUE, {"receiver": want.receiver, "now": now, "count": want.count}).all()
        for delivery_id, account_id, its_bytes in due:
            if taken and size_bytes + its_bytes > MOST_BYTES_AT_ONCE:
                break
            if want.is_patient and not room.take(account_id):
                break
            taken.append(delivery_id)
            size_bytes += its_bytes
    if not taken:
        return []
    connection.execute(_HOLD, {"its_ids": taken, "holder": holder, "until": now + lease})
    rows = {row[0]: row for row in connection.execute(_CONTENTS, {"its_ids": taken}).all()}
    signings = {whose: keyring.of(connection, *whose) for whose in {_whose(row) for row in rows.values()}}
    return [_parcel(row, signings[_whose(row)], lease_ends) for row in map(rows.__getitem__, taken)]


def give_back(connection: Connection, holder: str, parcels: Sequence[Parcel]) -> None:
    """Let go of deliveries that were not tried, or whose attempt was broken off, so that anybody may take them now."""
    ids = [parcel.id for parcel in parcels]
    connection.execute(_GIVE_BACK, {"its_ids": ids, "holder": holder, "now": clock.now()})


def _whose(row: Any) -> tuple[str, Service, str | None]:
    """Return whose secrets sign a delivery."""
    return row[1], _SERVICES[row[2]], row[5]


def _parcel(row: Any, signings: tuple[Signing, ...], lease_ends: float) -> Parcel:
    delivery_id, account_id, name, event_name, endpoint_id, _, job_id, url, receiver, is_test, body = row
    return Parcel(
        delivery_id,
        account_id,
        _SERVICES[name],
        event_name,
        endpoint_id,
        job_id,
        url,
        receiver,
        is_test,
        body,
        signings,
        lease_ends,
    )


def _due_receivers() -> Select[str]:
    """The index is entered once for each receiver, however many deliveries wait for it."""
    first = select(func.min(_table.receiver).label("receiver")).where(_table.status == State.PENDING)
    every = first.cte("receivers", recursive=True)
    following = (
        select(func.min(_table.receiver))
        .where(_table.status == State.PENDING, _table.receiver > every.c.receiver)
        .scalar_subquery()
    )
    every = every.union_all(select(following).where(every.c.receiver.is_not(None)))
    earliest = (
        select(func.min(_table.due_at))
        .where(_table.status == State.PENDING, _table.receiver == every.c.receiver)
        .scalar_subquery()
    )
    return select(every.c.receiver).where(every.c.receiver.is_not(None), earliest <= bindparam("now", type_=Moment))


def _due() -> Select[str, str, int]:
    earlier = webhook_deliveries.alias("earlier")
    is_blocked = (
        select(earlier.c.id)
        .where(earlier.c.lane == _table.lane, earlier.c.status == State.PENDING, earlier.c.place < _table.place)
        .exists()
    )
    return (
        select(_table.id, _table.account_id, func.length(_table.body))
        .where(
            _table.status == State.PENDING,
            _table.receiver == bindparam("receiver"),
            _table.due_at <= bindparam("now", type_=Moment),
            ~is_blocked,
        )
        .order_by(_table.due_at)
        .limit(bindparam("count"))
        .with_for_update(skip_locked=True, of=webhook_deliveries)
    )


_SERVICES = {str(service): service for service in Service}
_DUE_RECEIVERS = _due_receivers()
_DUE = _due()
_CONTENTS = select(
    _table.id,
    _table.account_id,
    _table.service,
    _table.event_name,
    _table.endpoint_id,
    _table.key_id,
    _table.job_id,
    _table.url,
    _table.receiver,
    _table.is_test,
    _table.body,
).where(Among(_table.id, "its_ids"))
_HOLD = (
    update(webhook_deliveries)
    .where(Among(_table.id, "its_ids"))
    .values(claimed_by=bindparam("holder"), due_at=bindparam("until"))
)
_GIVE_BACK = (
    update(webhook_deliveries)
    .where(Among(_table.id, "its_ids"), _table.claimed_by == bindparam("holder"))
    .values(claimed_by=None, due_at=bindparam("now"))
)
