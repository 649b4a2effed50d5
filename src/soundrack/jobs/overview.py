"""Jobs of all accounts and services, for those who run the house. Services look only at their callers' own."""

from __future__ import annotations

from sqlalchemy import Connection, select

from soundrack.database.tables import jobs
from soundrack.errors import NotFound
from soundrack.jobs import record
from soundrack.jobs.record import Job, Status


def listed(
    connection: Connection, *, account_id: str | None = None, status: Status | None = None, limit: int = 50
) -> list[Job]:
    """Return the newest jobs, the newest first.

    Parameters
    ----------
    account_id, status : optional
        Only of this account, only with this status.
    """
    wanted = record.COLUMNS
    if account_id is not None:
        wanted = wanted.where(jobs.c.account_id == account_id)
    if status is not None:
        wanted = wanted.where(jobs.c.status == status)
    rows = connection.execute(wanted.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit))
    return [record.from_row(row) for row in rows]


def get(connection: Connection, job_id: str) -> Job:
    """Return a job, whosever it is.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    owner = connection.execute(select(jobs.c.account_id, jobs.c.service).where(jobs.c.id == job_id)).first()
    if owner is None:
        raise NotFound("No such job.")
    return record.get(connection, job_id, account_id=owner.account_id, service=owner.service)
