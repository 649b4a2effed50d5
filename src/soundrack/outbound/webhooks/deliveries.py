"""Deliveries: one event to one receiver, with every attempt that was made, kept for its owner to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from soundrack import clock, ids
from soundrack.database.tables import api_keys, events, webhook_attempts, webhook_deliveries
from soundrack.errors import Conflict, NotFound
from soundrack.outbound import target
from soundrack.outbound.webhooks import endpoints
from soundrack.outbound.webhooks.voice import Voice
from soundrack.service import Service

ID_CHARACTERS = 20
_TEST_EVENT = "test"
_SWEPT_AT_ONCE = 1000


class State(StrEnum):
    """Where a delivery is in its life. The last two are ends, until somebody has it sent again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Delivery:
    """One delivery."""

    id: str
    account_id: str
    service: Service
    event_id: str | None
    endpoint_id: str | None
    """None: to the URL that a job was given."""
    job_id: str | None
    event_name: str
    url: str
    is_test: bool
    status: State
    attempts: int
    created_at: datetime
    due_at: datetime | None
    claimed_by: str | None
    """The courier that is at it now."""
    ended_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One attempt at a delivery."""

    number: int
    started_at: datetime
    duration_ms: int
    status: int | None
    """HTTP status; None if there was no answer, and then `error` says why."""
    error: str
    answer: bytes
    """The first 1,024 bytes of what the receiver said: for the account's owner alone."""


_FIELDS = tuple(Delivery.__dataclass_fields__)
_COLUMNS = select(*(webhook_deliveries.c[name] for name in _FIELDS))


def listed(
    connection: Connection,
    account_id: str,
    *,
    service: Service | None = None,
    endpoint_id: str | None = None,
    job_id: str | None = None,
    status: State | None = None,
    before: Delivery | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Return an account's deliveries, the newest first, without their bodies.

    Parameters
    ----------
    before : Delivery, optional
        The last one of the page before.
    """
    table = webhook_deliveries.c
    query = _COLUMNS.where(table.account_id == account_id)
    for column, value in (
        (table.service, service), (table.endpoint_id, endpoint_id), (table.job_id, job_id), (table.status, status)
    ):  # fmt: skip
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(
            (table.created_at < before.created_at) | ((table.created_at == before.created_at) & (table.id < before.id))
        )
    rows = connection.execute(query.order_by(table.created_at.desc(), table.id.desc()).limit(limit))
    return [_from_row(row) for row in rows]


def get(connection: Connection, delivery_id: str, *, account_id: str) -> Delivery:
    """Return an account's own delivery.

    Raises
    ------
    NotFound
        If there is none of this id, or it is another account's: both look alike.
    """
    table = webhook_deliveries.c
    row = connection.execute(_COLUMNS.where(table.id == delivery_id, table.account_id == account_id)).first()
    if row is None:
        raise NotFound("No such delivery.")
    return _from_row(row)


def body(connection: Connection, delivery: Delivery) -> bytes:
    """Return what is posted, byte for byte."""
    found: bytes = connection.execute(
        select(webhook_deliveries.c.body).where(webhook_deliveries.c.id == delivery.id)
    ).scalar_one()
    return found


def attempts(connection: Connection, delivery: Delivery) -> list[Attempt]:
    """Return every attempt that was made, the first one first."""
    rows = connection.execute(
        select(*(webhook_attempts.c[name] for name in Attempt.__dataclass_fields__))
        .where(webhook_attempts.c.delivery_id == delivery.id)
        .order_by(webhook_attempts.c.number)
    )
    return [Attempt(*row) for row in rows]


def resend(connection: Connection, delivery_id: str, *, account_id: str) -> Delivery:
    """Have a delivery sent again, at once and with a whole round of retries; its id and its body are the same.

    One that waits for its next attempt begins a new round too.

    Raises
    ------
    NotFound
        As `get` does.
    Conflict
        If it is being sent at this moment, or its endpoint is switched off.
    """
    delivery = get(connection, delivery_id, account_id=account_id)
    if delivery.endpoint_id is not None:
        endpoint = endpoints.get(connection, delivery.endpoint_id, account_id=account_id)
        if endpoint.disabled_at is not None and not delivery.is_test:
            raise Conflict("The webhook is switched off. Switch it on, then send the delivery again.")
    begun = connection.execute(
        update(webhook_deliveries)
        .where(
            webhook_deliveries.c.id == delivery_id,
            webhook_deliveries.c.account_id == account_id,
            webhook_deliveries.c.claimed_by.is_(None),
        )
        .values(status=State.PENDING, tries=0, due_at=clock.now(), ended_at=None)
    )
    if begun.rowcount == 0:
        raise Conflict("The delivery is being sent at this moment.")
    return get(connection, delivery_id, account_id=account_id)


def send_test(
    connection: Connection, voice: Voice, endpoint_id: str, *, account_id: str, event: str | None = None
) -> Delivery:
    """Send an endpoint a signed sample: one attempt, also where the endpoint is switched off.

    Where secrets are paired with keys, the newest key's signs.

    Parameters
    ----------
    event : str, optional
        The documented name of the event; the first that the endpoint wants if not given.

    Raises
    ------
    NotFound
        If there is no such endpoint, or no such event at its service.
    """
    endpoint = endpoints.get(connection, endpoint_id, account_id=account_id)
    known = {name: happened for happened, name in voice.names.items()}
    name = event or next((one for one in known if endpoint.wants(one)), next(iter(known)))
    if name not in known:
        raise NotFound("No such event at this service.")
    now, event_id = clock.now(), ids.short("evt_", ID_CHARACTERS)
    # an event of its own, so that whatever holds for deliveries (their retention) holds for tests
    connection.execute(
        insert(events).values(
            id=event_id,
            account_id=account_id,
            service=endpoint.service,
            name=_TEST_EVENT,
            data={},
            created_at=now,
            expanded_at=now,
        )
    )
    delivery_id = ids.short(voice.scheme.id_prefix, ID_CHARACTERS)
    write(
        connection,
        [
            row(
                delivery_id=delivery_id,
                account_id=account_id,
                service=endpoint.service,
                event_id=event_id,
                endpoint_id=endpoint.id,
                key_id=_newest_key(connection, account_id, endpoint.service) if voice.paired else None,
                job_id=None,
                event_name=name,
                url=endpoint.url,
                body=voice.sample(known[name], now),
                is_test=True,
            )
        ],
    )
    return get(connection, delivery_id, account_id=account_id)


def row(
    *,
    delivery_id: str,
    account_id: str,
    service: Service,
    event_id: str,
    endpoint_id: str | None,
    key_id: str | None,
    job_id: str | None,
    event_name: str,
    url: str,
    body: bytes,
    is_test: bool = False,
    place: int = 0,
) -> dict[str, Any]:
    """Return the row of a new delivery, due now.

    Deliveries of one job to one receiver share a lane, in which they go out in the order of `place`; every other has a
    lane to itself.

    Raises
    ------
    Invalid
        If the URL cannot be read.
    """
    now = clock.now()
    return {
        "id": delivery_id,
        "account_id": account_id,
        "service": service,
        "event_id": event_id,
        "endpoint_id": endpoint_id,
        "key_id": key_id,
        "job_id": job_id,
        "event_name": event_name,
        "url": url,
        "receiver": target.read(url).origin,
        "lane": delivery_id if job_id is None else lane(job_id, endpoint_id),
        "place": place,
        "body": body,
        "is_test": is_test,
        "status": State.PENDING,
        "attempts": 0,
        "tries": 0,
        "created_at": now,
        "due_at": now,
    }


def lane(job_id: str, endpoint_id: str | None) -> str:
    """Return the lane of a job's deliveries to an endpoint, or to the job's own URL."""
    return f"{job_id} {endpoint_id or 'own'}"


def write(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store new deliveries."""
    if rows:
        connection.execute(insert(webhook_deliveries), list(rows))


def sweep(connection: Connection, older_than: timedelta) -> int:
    """Delete events that old with their deliveries and attempts, and return how many events they were.

    Those that are still to be delivered stay, however old.
    """
    pending = exists().where(webhook_deliveries.c.event_id == events.c.id, webhook_deliveries.c.status == State.PENDING)
    old = select(events.c.id).where(events.c.expanded_at < clock.now() - older_than, ~pending).limit(_SWEPT_AT_ONCE)
    swept = list(connection.execute(old).scalars())
    connection.execute(delete(events).where(events.c.id.in_(swept)))
    return len(swept)


def _newest_key(connection: Connection, account_id: str, service: Service) -> str | None:
    newest: str | None = connection.execute(
        select(api_keys.c.id)
        .where(api_keys.c.account_id == account_id, api_keys.c.service == service, api_keys.c.revoked_at.is_(None))
        .order_by(api_keys.c.created_at.desc())
        .limit(1)
    ).scalar()
    return newest


def _from_row(row: Any) -> Delivery:
    fields = dict(zip(_FIELDS, row, strict=True))
    return Delivery(**fields | {"service": Service(fields["service"]), "status": State(fields["status"])})
