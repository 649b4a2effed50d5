"""What came of attempts: written down in batches, with what follows from it for the delivery and its endpoint."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from soundrack import clock
from soundrack.database.among import Among
from soundrack.database.bulk import insert_rows
from soundrack.database.tables import webhook_attempts, webhook_deliveries, webhook_endpoints
from soundrack.outbound.webhooks import endpoints
from soundrack.outbound.webhooks.claims import Parcel
from soundrack.outbound.webhooks.deliveries import State
from soundrack.outbound.webhooks.endpoints import Endpoint

RETRY_AFTER_S = (2, 15, 120, 600, 3600)
"""Pauses before the retries of a round."""
JITTER = 0.1

_GONE = 410
_MOST_ERROR_CHARACTERS = 300


@dataclass(slots=True)  # as parcels
class Outcome:
    """One attempt that was made."""

    parcel: Parcel
    started_at: datetime
    duration_ms: int
    status: int | None
    """None if there was no answer."""
    error: str = ""
    answer: bytes = b""

    @property
    def accepted(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Settled:
    """What a batch of attempts led to."""

    delivered: list[Parcel]
    failed: list[Parcel]
    """Those that will not be tried again."""
    disabled: list[Endpoint]
    """Endpoints that were switched off."""


def settle(connection: Connection, holder: str, outcomes: Sequence[Outcome], *, disable_after: timedelta) -> Settled:
    """Write attempts down, and end their deliveries or put them off until the next retry.

    What is not held by this holder any more is left alone: it was given to another after a long freeze, or removed.
    """
    by_id = {outcome.parcel.id: outcome for outcome in outcomes}
    held = {
        delivery_id: (attempts, tries)
        for delivery_id, attempts, tries in connection.execute(_HELD, {"its_ids": by_id, "holder": holder}).all()
    }
    kept = [by_id[delivery_id] for delivery_id in held]
    if not kept:
        return Settled([], [], [])
    insert_rows(connection, webhook_attempts, [_attempt(one, held[one.parcel.id][0] + 1) for one in kept])
    disabled = _judge_endpoints(connection, kept, disable_after)
    off = _switched_off(connection, kept)

    delivered = [one.parcel for one in kept if one.accepted]
    failed: list[Parcel] = []
    again: list[dict[str, Any]] = []
    for one in kept:
        if one.accepted:
            continue
        pause_s = _pause_s(one, held[one.parcel.id][1], off)
        if pause_s is None:
            failed.append(one.parcel)
        else:
            again.append({"its_id": one.parcel.id, "again_at": clock.now() + timedelta(seconds=pause_s)})
    _end(connection, delivered, State.DELIVERED)
    _end(connection, failed, State.FAILED)
    if again:
        connection.execute(_AGAIN, again)
    return Settled(delivered, failed, disabled)


def _attempt(outcome: Outcome, number: int) -> tuple[Any, ...]:
    return (
        outcome.parcel.id,
        number,
        outcome.started_at,
        outcome.duration_ms,
        outcome.status,
        outcome.error[:_MOST_ERROR_CHARACTERS],
        outcome.answer,
    )


def _pause_s(outcome: Outcome, tries: int, off: set[str]) -> float | None:
    """Return the seconds until the next attempt, or None if there is none: a 410, a test, the round's end."""
    is_last = tries >= len(RETRY_AFTER_S) or outcome.parcel.is_test
    if is_last or outcome.status == _GONE or outcome.parcel.endpoint_id in off:
        return None
    return RETRY_AFTER_S[tries] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  spreads load, hides nothing


def _judge_endpoints(connection: Connection, outcomes: Iterable[Outcome], disable_after: timedelta) -> list[Endpoint]:
    """Note since when endpoints fail, and switch off those that are gone or have failed for too long.

    A success of a test counts, a failure of one does not.
    """
    succeeded = {one.parcel.endpoint_id for one in outcomes if one.accepted} - {None}
    failures: dict[str, datetime] = {}
    gone: set[str] = set()
    for one in outcomes:
        endpoint_id = one.parcel.endpoint_id
        if endpoint_id is None or one.accepted or one.parcel.is_test:
            continue
        if one.status == _GONE:
            gone.add(endpoint_id)
        if endpoint_id not in succeeded:
            failures[endpoint_id] = min(one.started_at, failures.get(endpoint_id, one.started_at))
    table = webhook_endpoints.c
    if succeeded:
        connection.execute(
            update(webhook_endpoints)
            .where(table.id.in_(sorted(filter(None, succeeded))), table.failing_since.is_not(None))
            .values(failing_since=None)
        )
    return _give_up(connection, failures, gone, disable_after)


def _give_up(
    connection: Connection, failures: Mapping[str, datetime], gone: set[str], disable_after: timedelta
) -> list[Endpoint]:
    if not failures and not gone:
        return []
    if failures:
        connection.execute(
            _FAILING, [{"its_id": endpoint_id, "since": since} for endpoint_id, since in sorted(failures.items())]
        )
    failing_long = connection.execute(
        select(webhook_endpoints.c.id).where(
            webhook_endpoints.c.id.in_(failures), webhook_endpoints.c.failing_since <= clock.now() - disable_after
        )
    ).scalars()
    reasons = dict.fromkeys(failing_long, endpoints.FAILED_TOO_LONG) | dict.fromkeys(gone, endpoints.GONE)
    given_up = (endpoints.disable(connection, one, because) for one, because in sorted(reasons.items()))
    return [endpoint for endpoint in given_up if endpoint is not None]


def _switched_off(connection: Connection, outcomes: Iterable[Outcome]) -> set[str]:
    unhappy = {one.parcel.endpoint_id for one in outcomes if not one.accepted} - {None}
    if not unhappy:
        return set()
    return set(
        connection.execute(
            select(webhook_endpoints.c.id).where(
                webhook_endpoints.c.id.in_(sorted(filter(None, unhappy))),
                webhook_endpoints.c.disabled_at.is_not(None),
            )
        ).scalars()
    )


def _end(connection: Connection, parcels: Sequence[Parcel], state: State) -> None:
    if not parcels:
        return
    ids = [parcel.id for parcel in parcels]
    connection.execute(_END, {"its_ids": ids, "state": state, "now": clock.now()})


_table = webhook_deliveries.c
_HELD = (
    select(_table.id, _table.attempts, _table.tries)
    .where(Among(_table.id, "its_ids"), _table.claimed_by == bindparam("holder"))
    .order_by(_table.id)
    .with_for_update()
)
_END = (
    update(webhook_deliveries)
    .where(Among(_table.id, "its_ids"))
    .values(
        status=bindparam("state"),
        attempts=_table.attempts + 1,
        tries=_table.tries + 1,
        due_at=None,
        claimed_by=None,
        ended_at=bindparam("now"),
    )
)
_AGAIN = (
    update(webhook_deliveries)
    .where(_table.id == bindparam("its_id"))
    .values(
        attempts=_table.attempts + 1,
        tries=_table.tries + 1,
        due_at=bindparam("again_at"),
        claimed_by=None,
    )
)
_FAILING = (
    update(webhook_endpoints)
    .where(webhook_endpoints.c.id == bindparam("its_id"), webhook_endpoints.c.failing_since.is_(None))
    .values(failing_since=bindparam("since"))
)
