"""Accepting a job: charge, row and delivery in the caller's one transaction, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from soundrack import clock
from soundrack.billing import credits
from soundrack.database import locks
from soundrack.database.tables import job_inputs, jobs
from soundrack.errors import TooManyJobs
from soundrack.jobs import estimate, record, steps, uploads
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import NAME, Kind
from soundrack.jobs.uploads import Accepted
from soundrack.service import Service


@dataclass(frozen=True)
class Order:
    """What a caller asks for, checked and in the house's terms."""

    service: str
    account_id: str
    kind: Kind
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Accepted | Foreign]
    """By the names under which the engine knows them, uploads and what is to be fetched; none for what is made new."""
    work_s: float
    credits: int
    request_id: str
    key_id: str | None = None
    webhook_url: str | None = None
    """A URL that `endpoints.check_url` has passed."""
    jobs_at_once: int | None = None
    """How many jobs the account may have queued and under way at the service, this one included; None: any number."""
    followed: bool = False
    """Whether somebody may wait for its steps, which are then written down, `soundrack.jobs.steps`."""


def submit(connection: Connection, queue: JobQueue, order: Order, *, job_id: str, lease_s: float) -> Job:
    """Accept a job.

    Parameters
    ----------
    connection : Connection
        An open write transaction; the job exists once it commits.
    job_id : str
        A new id in the service's own form.
    lease_s : float
        Seconds for which a silent worker is taken for alive.

    Raises
    ------
    Invalid
        If an upload has been deleted since it was accepted.
    TooManyJobs
        If the account has as many under way as it may have.
    NotEnoughCredits
        If the balance does not cover it.
    """
    if not all(NAME.fullmatch(name) for name in order.inputs):
        raise ValueError("each input of a job has a name that a file may have")
    uploads.require(connection, [one for one in order.inputs.values() if isinstance(one, Accepted)])
    if order.jobs_at_once is not None:
        # counted under a lock, as two requests that count at once would both find room for one
        locks.account(connection, order.account_id)
        check_room(
            connection,
            account_id=order.account_id,
            service=order.service,
            at_once=order.jobs_at_once,
            lease_s=lease_s,
        )
    connection.execute(
        insert(jobs).values(
            id=job_id,
            account_id=order.account_id,
            service=order.service,
            kind=order.kind,
            status=Status.QUEUED,
            parameters=dict(order.parameters),
            webhook_url=order.webhook_url,
            key_id=order.key_id,
            work_s=order.work_s,
            credits_charged=order.credits,
            request_id=order.request_id,
            created_at=clock.now(),
            followed=order.followed,
        )
    )
    if order.inputs:
        connection.execute(insert(job_inputs), [_row(job_id, name, one) for name, one in order.inputs.items()])
    if order.credits > 0:
        credits.charge(connection, order.account_id, order.credits, job_id, service=Service(order.service))
    if order.followed:
        steps.begin(connection, job_id)
    queue.enqueue(connection, job_id)
    return record.get(connection, job_id, account_id=order.account_id, service=order.service)


def _row(job_id: str, name: str, one: Accepted | Foreign) -> dict[str, Any]:
    row: dict[str, Any] = {"job_id": job_id, "name": name, "asset_id": None, "url": None, "terms": None}
    return row | ({"asset_id": one.asset_id} if isinstance(one, Accepted) else {"url": one.url, "terms": one.terms})


def check_room(
    connection: Connection, *, account_id: str, service: str, at_once: int, lease_s: float, coming: int = 0
) -> None:
    """Refuse a job for which an account has no room at a service; whoever accepts one holds the account's lock.

    Parameters
    ----------
    at_once : int
        How many jobs it may have queued and under way.
    coming : int
        Others of which there is no row yet, as their songs are still arriving.

    Raises
    ------
    TooManyJobs
        If it has as many, this one not included.
    """
    live = [
        record.from_row(row)
        for row in connection.execute(
            record.COLUMNS.where(
                jobs.c.account_id == account_id,
                jobs.c.service == service,
                jobs.c.status.in_((Status.QUEUED, Status.PROCESSING)),
            )
            .order_by(jobs.c.created_at)
            .limit(at_once)
        )
    ]
    if len(live) + coming >= at_once:
        raise TooManyJobs(
            f"Your plan allows {at_once} at once, and as many are under way. Wait for one to end.",
            retry_after_s=estimate.first_end_s(connection, live, lease_s),
        )
