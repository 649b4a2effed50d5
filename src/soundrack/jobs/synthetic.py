"""Jobs that nobody works on, for sandboxes: their life is written down when they are accepted, and the clock tells it.

To whoever asks, such a job is like any other. It costs nothing, reads none of its inputs, and gives a file that was
made long ago. What happens to it is an event of the moment at which it will happen; cancelling it takes that back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select, tuple_, update

from soundrack import clock, ids
from soundrack.database import locks
from soundrack.database.lookups import Lookups
from soundrack.database.tables import events as events_table
from soundrack.database.tables import sandbox_jobs
from soundrack.errors import Conflict, Invalid, NotFound, SoundrackError, TooManyJobs
from soundrack.jobs import uploads
from soundrack.jobs.listing import LARGEST_PAGE, USUAL_PAGE
from soundrack.jobs.record import Job, Output, Status
from soundrack.jobs.submission import Order
from soundrack.jobs.task import Kind
from soundrack.jobs.tones import PLAYS_S, USUAL_RATE_HZ, Tones
from soundrack.jobs.uploads import Accepted
from soundrack.outbound.webhooks import events
from soundrack.outbound.webhooks.events import Event
from soundrack.service import Service

MARK = "synthetic"
"""Is true in what an event of such a job carries, by which a service knows where to look for the job."""
KEPT = timedelta(days=1)
_USUAL_END_S = 2
"""Whole seconds after which a job has ended, unless it was asked never to."""

_ENDLESS_S = 60
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class SyntheticJob(Job):
    """A job as it is at a moment."""

    remaining_s: int | None
    """Seconds, rounded up, until it ends; a minute if it never does, None once it has."""


@dataclass(frozen=True)
class Page:
    """Some jobs, the newest first, and whether there are older ones of the kind that was asked for."""

    jobs: list[SyntheticJob]
    has_more: bool


@dataclass(frozen=True)
class Script:
    """A life.

    Parameters
    ----------
    starts_s, ends_s : float, optional
        Seconds after its acceptance at which the job is taken up and ends; None: never.
    error : SoundrackError, optional
        How it ends; None: well.
    credits_low : tuple of int, optional
        A balance and a threshold of which ``credits.low`` is told at once.
    """

    starts_s: float | None = 0.5
    ends_s: float | None = 1.5
    error: SoundrackError | None = None
    credits_low: tuple[int, int] | None = None


def prepare(tones: Tones, order: Order) -> Output:
    """Return the file that a job will give. Not in a transaction: the first of an installation takes seconds."""
    return tones.output(order.parameters["format"], _rate_hz(order.parameters))


def submit(connection: Connection, order: Order, script: Script, output: Output, *, id_prefix: str) -> SyntheticJob:
    """Accept a job in an open write transaction. Whatever its order says, it costs nothing.

    Parameters
    ----------
    output : Output
        What `prepare` gave.

    Raises
    ------
    Invalid
        If an upload has been deleted since it was accepted.
    TooManyJobs
        If the account has as many under way here as it may have.
    """
    uploads.require(connection, [one for one in order.inputs.values() if isinstance(one, Accepted)])
    now, job_id, service = clock.now(), ids.short(id_prefix), Service(order.service)
    if order.jobs_at_once is not None:
        _make_room(connection, order, order.jobs_at_once, now)
    ends_at = _later(now, script.ends_s)
    connection.execute(
        insert(sandbox_jobs).values(
            id=job_id,
            account_id=order.account_id,
            service=service,
            kind=order.kind,
            parameters=dict(order.parameters),
            request_id=order.request_id,
            key_id=order.key_id,
            webhook_url=order.webhook_url,
            created_at=now,
            starts_at=_later(now, script.starts_s),
            ends_at=ends_at,
            outputs=None if script.error else {"master": asdict(output)},
            error_kind=script.error.kind if script.error else None,
            error_message=str(script.error) if script.error else None,
        )
    )
    if script.credits_low is not None:
        balance, threshold = script.credits_low
        data = {MARK: True, "balance": balance, "threshold": threshold}
        events.record(connection, Event.CREDITS_LOW, order.account_id, service, data=data)
    if ends_at is not None:
        event = Event.JOB_FAILED if script.error else Event.JOB_COMPLETED
        events.record(connection, event, order.account_id, service, job_id=job_id, data={MARK: True}, at=ends_at)
    return get(connection, job_id, account_id=order.account_id, service=service, at=now)


def cancel(connection: Connection, job_id: str, *, account_id: str, service: str) -> None:
    """End a job that has not ended, and have its end told to nobody.

    Raises
    ------
    NotFound
        As `get` does.
    Conflict
        If it has ended.
    """
    now = clock.now()
    job = get(connection, job_id, account_id=account_id, service=service, at=now)
    cancelled = connection.execute(
        update(sandbox_jobs).where(sandbox_jobs.c.id == job.id, _is_live(now)).values(cancelled_at=now)
    )
    if cancelled.rowcount == 0:
        raise Conflict(_ENDED)
    taken_back = connection.execute(
        delete(events_table).where(events_table.c.job_id == job.id, events_table.c.expanded_at.is_(None))
    )
    was_to_end = select(sandbox_jobs.c.ends_at).where(sandbox_jobs.c.id == job.id)
    if taken_back.rowcount == 0 and connection.execute(was_to_end).scalar_one() is not None:
        raise Conflict(_ENDED)  # a courier whose clock is ahead of ours has told it


def get(
    connection: Connection, job_id: str, *, account_id: str, service: str, at: datetime | None = None
) -> SyntheticJob:
    """Return an account's own job as it is at a moment, now if none is given.

    Raises
    ------
    NotFound
        If there is none of this id, or it is another account's or service's, or no id at all: all look alike.
    """
    values = _asked(job_id, account_id, service)
    row = connection.execute(_OWN, values).first()
    if row is None:
        raise NotFound(_NONE)
    return _job(row, at or clock.now())


async def look_up(lookups: Lookups, job_id: str, *, account_id: str, service: str) -> SyntheticJob:
    """Return an account's own job as `get` does, without a connection."""
    row = await lookups.first(lookups.prepare(_OWN), **_asked(job_id, account_id, service))
    if row is None:
        raise NotFound(_NONE)
    return _job(row, clock.now())


def page(
    connection: Connection,
    *,
    account_id: str,
    service: str,
    status: Status | None = None,
    starting_after: str | None = None,
    limit: int = USUAL_PAGE,
) -> Page:
    """Return jobs as `listing.page` does, as they are now.

    Raises
    ------
    Invalid
        If `starting_after` is the id of no such job.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError("a page has 1 to 100 jobs")
    now, table = clock.now(), sandbox_jobs.c
    wanted = _COLUMNS.where(table.account_id == account_id, table.service == service)
    if status is not None:
        wanted = wanted.where(_has(status, now))
    if starting_after is not None:
        try:
            after = get(connection, starting_after, account_id=account_id, service=service)
        except NotFound:
            raise Invalid("This is not the id of one of your jobs.", field="starting_after") from None
        wanted = wanted.where(tuple_(table.created_at, table.id) < (after.created_at, after.id))
    rows = connection.execute(wanted.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)).all()
    return Page([_job(row, now) for row in rows[:limit]], has_more=len(rows) > limit)


def sweep(connection: Connection) -> int:
    """Forget the jobs that are a day old, and return how many they were."""
    return connection.execute(delete(sandbox_jobs).where(sandbox_jobs.c.created_at < clock.now() - KEPT)).rowcount


_NONE = "No such job."
_ENDED = "The job has ended, so it cannot be cancelled."
_COLUMNS = select(sandbox_jobs)
_OWN = _COLUMNS.where(
    sandbox_jobs.c.id == bindparam("job_id"),
    sandbox_jobs.c.account_id == bindparam("account_id"),
    sandbox_jobs.c.service == bindparam("service"),
)


def _asked(job_id: str, account_id: str, service: str) -> dict[str, str]:
    if not _ID.fullmatch(job_id):
        raise NotFound(_NONE)
    return {"job_id": job_id, "account_id": account_id, "service": service}


def _later(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _rate_hz(parameters: Mapping[str, Any]) -> int:
    return parameters["rate_hz"] or USUAL_RATE_HZ


def _job(row: Any, now: datetime) -> SyntheticJob:
    status = _status(row, now)
    is_live = status in {Status.QUEUED, Status.PROCESSING}
    is_done, has_failed = status is Status.COMPLETED, status is Status.FAILED
    remaining_s = _ENDLESS_S if row.ends_at is None else math.ceil((row.ends_at - now).total_seconds())
    return SyntheticJob(
        id=row.id,
        account_id=row.account_id,
        service=row.service,
        kind=Kind(row.kind),
        status=status,
        parameters=row.parameters,
        webhook_url=row.webhook_url,
        work_s=PLAYS_S,
        credits_charged=0,
        request_id=row.request_id,
        key_id=row.key_id,
        created_at=row.created_at,
        attempt=0 if status is Status.QUEUED else 1,
        losses=0,
        worker_id=None,
        stage="",
        progress=1.0 if is_done else 0.0,
        started_at=None if status is Status.QUEUED else row.starts_at,
        ended_at=None if is_live else row.cancelled_at or row.ends_at,
        outputs={name: Output(**one) for name, one in row.outputs.items()} if is_done else {},
        result={"rate_hz": _rate_hz(row.parameters)} if is_done else None,
        error_kind=row.error_kind if has_failed else None,
        error_message=row.error_message if has_failed else None,
        followed=False,
        remaining_s=remaining_s if is_live else None,
    )


def _status(row: Any, now: datetime) -> Status:
    if row.cancelled_at is not None:
        return Status.CANCELLED
    if row.ends_at is not None and row.ends_at <= now:
        return Status.FAILED if row.error_kind else Status.COMPLETED
    return Status.PROCESSING if row.starts_at is not None and row.starts_at <= now else Status.QUEUED


def _is_live(now: datetime) -> ColumnElement[bool]:
    table = sandbox_jobs.c
    return and_(table.cancelled_at.is_(None), or_(table.ends_at.is_(None), table.ends_at > now))


def _has(status: Status, now: datetime) -> ColumnElement[bool]:
    """Return the condition that `_status` gives a status."""
    table = sandbox_jobs.c
    if status is Status.CANCELLED:
        return table.cancelled_at.is_not(None)
    has_ended = and_(table.cancelled_at.is_(None), table.ends_at <= now)
    if status is Status.COMPLETED:
        return and_(has_ended, table.error_kind.is_(None))
    if status is Status.FAILED:
        return and_(has_ended, table.error_kind.is_not(None))
    if status is Status.PROCESSING:
        return and_(_is_live(now), table.starts_at <= now)
    return and_(_is_live(now), or_(table.starts_at.is_(None), table.starts_at > now))


def _make_room(connection: Connection, order: Order, at_once: int, now: datetime) -> None:
    """Count under a lock, as two requests that count at once would both find room for one."""
    locks.account(connection, order.account_id)
    mine = (sandbox_jobs.c.account_id == order.account_id, sandbox_jobs.c.service == order.service)
    live = connection.execute(select(sandbox_jobs.c.id).where(*mine, _is_live(now)).limit(at_once)).all()
    if len(live) >= at_once:
        raise TooManyJobs(
            f"Your plan allows {at_once} at once, and as many are under way. Wait for one to end.",
            retry_after_s=_USUAL_END_S,
        )
