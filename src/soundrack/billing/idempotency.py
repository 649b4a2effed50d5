"""Idempotency keys: a request that is sent again does nothing again and gets the first one's response.

A key is *claimed* before the work, and *settled* with the response in the transaction that does the work, so that no
crash can come between the two. A claim whose process died without either counts for nothing once its lease is over.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from soundrack import clock
from soundrack.database import upsert
from soundrack.database.tables import idempotency_records as records
from soundrack.errors import AlreadyRunning, Invalid, KeyReused

KEY_CHARACTERS = 255
FIELD = "Idempotency-Key"

_TRIES = 5
_OPERATION_CHARACTERS = 120


@dataclass(frozen=True)
class Request:
    """What makes two requests the same."""

    account_id: str
    operation: str
    """What the key is unique within, besides the account: a service's method and path, or a service's action."""
    key: str
    fingerprint: str
    """As `fingerprint` gives it."""


@dataclass(frozen=True)
class Claim:
    """The right to carry a request out."""

    request: Request
    id: str


@dataclass(frozen=True)
class Response:
    """What a request was answered, without what belongs to one sending of it (ids, dates, limits)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def request(account_id: str, operation: str, key: str, content: bytes, *, field: str = FIELD) -> Request:
    """Return what a key and a request's content stand for.

    Raises
    ------
    Invalid
        If the key is empty or longer than 255 characters.
    """
    if not key or len(key) > KEY_CHARACTERS:
        raise Invalid(f"An idempotency key has 1 to {KEY_CHARACTERS} characters.", field=field)
    if len(operation) > _OPERATION_CHARACTERS:
        operation = hashlib.sha256(operation.encode()).hexdigest()
    return Request(account_id, operation, key, hashlib.sha256(operation.encode() + b"\0" + content).hexdigest())


def claim(
    connection: Connection,
    request: Request,
    claim_id: str,
    *,
    lease: timedelta,
    life: timedelta | None,
    field: str = FIELD,
) -> Claim | Response:
    """Claim a request for whoever is to carry it out, in a transaction of its own, or return its response.

    Parameters
    ----------
    claim_id : str
        Unique to this sending of the request, at most 64 characters.
    lease : timedelta
        Time after which an unsettled claim may be taken over.
    life : timedelta or None
        Time from now for which a new key is remembered; None for ever.

    Raises
    ------
    AlreadyRunning
        If the same request is being carried out.
    KeyReused
        If the key stands for a request of other content.
    """
    for _ in range(_TRIES):
        found = connection.execute(_SELECT.where(_is(request))).first()
        now = clock.now()
        if found is None or _counts_for_nothing(found, now):
            if _write(connection, request, found, claim_id, now, lease, life):
                return Claim(request, claim_id)
            continue  # somebody else has just done so: look again
        if found.fingerprint != request.fingerprint:
            raise KeyReused("This idempotency key was used for another request. Use a new one.", field=field)
        if found.status is None:
            raise AlreadyRunning("A request with this idempotency key is being carried out.", field=field)
        return Response(found.status, tuple((name, value) for name, value in found.headers), bytes(found.body))
    raise AlreadyRunning("Requests with this idempotency key come in too fast.", field=field)


def settle(connection: Connection, claim: Claim, response: Response) -> None:
    """Keep the response, in the transaction that does the work.

    Raises
    ------
    AlreadyRunning
        If the claim was taken over, or settled; the work must not be committed.
    """
    kept = connection.execute(
        update(records)
        .where(_is(claim.request), records.c.claim == claim.id, records.c.status.is_(None))
        .values(status=response.status, headers=[list(header) for header in response.headers], body=response.body)
    )
    if kept.rowcount == 0:
        raise AlreadyRunning("Another request with this idempotency key has taken over.", field=FIELD)


def release(connection: Connection, claim: Claim) -> None:
    """Forget an unsettled claim whose work came to nothing through our own fault, so that it can be tried again."""
    connection.execute(
        delete(records).where(_is(claim.request), records.c.claim == claim.id, records.c.status.is_(None))
    )


def sweep(connection: Connection) -> None:
    """Delete keys that have had their time."""
    connection.execute(delete(records).where(records.c.expires_at <= clock.now()))


_SELECT = select(
    records.c.fingerprint,
    records.c.claim,
    records.c.claimed_until,
    records.c.status,
    records.c.headers,
    records.c.body,
    records.c.expires_at,
)


def _is(request: Request) -> ColumnElement[bool]:
    return and_(
        records.c.account_id == request.account_id,
        records.c.operation == request.operation,
        records.c.key == request.key,
    )


def _counts_for_nothing(found: Row[*tuple[Any, ...]], now: datetime) -> bool:
    if found.expires_at is not None and found.expires_at <= now:
        return True
    return found.status is None and found.claimed_until <= now


def _write(
    connection: Connection,
    request: Request,
    found: Row[*tuple[Any, ...]] | None,
    claim_id: str,
    now: datetime,
    lease: timedelta,
    life: timedelta | None,
) -> bool:
    values = {
        "fingerprint": request.fingerprint,
        "claim": claim_id,
        "claimed_until": now + lease,
        "status": None,
        "headers": None,
        "body": None,
        "created_at": now,
        "expires_at": None if life is None else now + life,
    }
    if found is not None:
        same = and_(
            _is(request),
            records.c.claim == found.claim,
            records.c.status.is_(None) if found.status is None else records.c.status == found.status,
        )
        return connection.execute(update(records).where(same).values(values)).rowcount == 1
    put = upsert.into(connection, records).values(
        account_id=request.account_id, operation=request.operation, key=request.key, **values
    )
    return connection.execute(put.on_conflict_do_nothing().returning(records.c.claim)).first() is not None
