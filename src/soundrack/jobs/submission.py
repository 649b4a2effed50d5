"""Accepting a job: charge, row and delivery in the caller's one transaction, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from soundrack import clock, ids
from soundrack.billing import credits
from soundrack.database import locks
from soundrack.database.tables import jobs
from soundrack.errors import TooManyJobs
from soundrack.jobs import record
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import Kind
from soundrack.service import Service


@dataclass(frozen=True)
class Order:
    """What a caller asks for, checked and in the house's terms."""

    service: str
    account_id: str
    kind: Kind
    parameters: Mapping[str, Any]
    input: str | Foreign
    """The id of an upload, or what is to be fetched."""
    work_s: float
    credits: int
    request_id: str
    key_id: str | None = None
    webhook_url: str | None = None
    """A URL that `Outbound.check` has passed."""
    jobs_at_once: int | None = None
    """How many jobs the account may have queued and under way at the service, this one included; None: any number."""


def submit(connection: Connection, queue: JobQueue, order: Order, *, id_prefix: str) -> Job:
    """Accept a job.

    Parameters
    ----------
    connection : Connection
        An open write transaction; the job exists once it commits.
    id_prefix : str
        What the service's job ids begin with.

    Raises
    ------
    TooManyJobs
        If the account has as many under way as it may have.
    NotEnoughCredits
        If the balance does not cover it.
    """
    if order.jobs_at_once is not None:
        _make_room(connection, order, order.jobs_at_once)
    job_id = ids.short(id_prefix)
    foreign = order.input if isinstance(order.input, Foreign) else None
    connection.execute(
        insert(jobs).values(
            id=job_id,
            account_id=order.account_id,
            service=order.service,
            kind=order.kind,
            status=Status.QUEUED,
            parameters=dict(order.parameters),
            input_asset_id=None if foreign else order.input,
            input_url=foreign.url if foreign else None,
            input_terms=foreign.terms if foreign else None,
            webhook_url=order.webhook_url,
            key_id=order.key_id,
            work_s=order.work_s,
            credits_charged=order.credits,
            request_id=order.request_id,
            created_at=clock.now(),
        )
    )
    if order.credits > 0:
        credits.charge(connection, order.account_id, order.credits, job_id, service=Service(order.service))
    queue.enqueue(connection, job_id)
    return record.get(connection, job_id, account_id=order.account_id, service=order.service)


def _make_room(connection: Connection, order: Order, at_once: int) -> None:
    """Count under a lock, as two requests that count at once would both find room for one."""
    locks.account(connection, order.account_id)
    live = connection.execute(
        select(func.count())
        .select_from(jobs)
        .where(
            jobs.c.account_id == order.account_id,
            jobs.c.service == order.service,
            jobs.c.status.in_((Status.QUEUED, Status.PROCESSING)),
        )
    ).scalar_one()
    if live >= at_once:
        raise TooManyJobs(f"Your plan allows {at_once} at once, and {live} are under way. Wait for one to end.")
