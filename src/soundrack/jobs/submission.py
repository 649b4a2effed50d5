"""Accepting a job: charge, row and delivery in the caller's one transaction, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from soundrack import clock, ids
from soundrack.billing import credits
from soundrack.database.tables import jobs
from soundrack.jobs import record
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import Kind


@dataclass(frozen=True)
class Order:
    """What a caller asks for, checked and in the house's terms."""

    service: str
    account_id: str
    kind: Kind
    parameters: Mapping[str, Any]
    input_asset_id: str
    work_s: float
    credits: int
    request_id: str


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
    NotEnoughCredits
        If the balance does not cover it.
    """
    job_id = ids.short(id_prefix)
    connection.execute(
        insert(jobs).values(
            id=job_id,
            account_id=order.account_id,
            service=order.service,
            kind=order.kind,
            status=Status.QUEUED,
            parameters=dict(order.parameters),
            input_asset_id=order.input_asset_id,
            work_s=order.work_s,
            credits_charged=order.credits,
            request_id=order.request_id,
            created_at=clock.now(),
        )
    )
    credits.charge(connection, order.account_id, order.credits, job_id)
    queue.enqueue(connection, job_id)
    return record.get(connection, job_id, account_id=order.account_id, service=order.service)
