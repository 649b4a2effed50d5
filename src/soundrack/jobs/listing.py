"""An account's jobs at one service, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, tuple_

from soundrack.database.tables import jobs
from soundrack.errors import Invalid, NotFound
from soundrack.jobs import record
from soundrack.jobs.record import Job, Status

LARGEST_PAGE = 100
USUAL_PAGE = 20


@dataclass(frozen=True)
class Page:
    """Some jobs, the newest first, and whether there are older ones of the kind that was asked for."""

    jobs: list[Job]
    has_more: bool


def page(
    connection: Connection,
    *,
    account_id: str,
    service: str,
    status: Status | None = None,
    starting_after: str | None = None,
    limit: int = USUAL_PAGE,
) -> Page:
    """Return the newest jobs, or those that come after a job of the page before.

    The order is by creation and, of jobs created at the same moment, by id. A page begins at a place in that order and
    not at a count, so that jobs which arrive, or change their status, between two pages shift nothing: none is shown
    twice, and none is left out. Whatever an account has, an index leads straight to the place.

    Parameters
    ----------
    status : optional
        Only jobs with this status.
    starting_after : str, optional
        The id of a job of this account and service, of whatever status.
    limit : int
        1 to `LARGEST_PAGE`.

    Raises
    ------
    Invalid
        If `starting_after` is the id of no such job.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError("a page has 1 to 100 jobs")
    after = None if starting_after is None else _place(connection, starting_after, account_id, service)
    rows = connection.execute(_wanted(account_id, service, status, after).limit(limit + 1)).all()
    return Page([record.from_row(row) for row in rows[:limit]], has_more=len(rows) > limit)


def _place(connection: Connection, job_id: str, account_id: str, service: str) -> Job:
    try:
        return record.get(connection, job_id, account_id=account_id, service=service)
    except NotFound:
        raise Invalid("This is not the id of one of your jobs.", field="starting_after") from None


def _wanted(account_id: str, service: str, status: Status | None, after: Job | None) -> Select[tuple[object, ...]]:
    wanted = record.COLUMNS.where(jobs.c.account_id == account_id, jobs.c.service == service)
    if status is not None:
        wanted = wanted.where(jobs.c.status == status)
    if after is not None:
        wanted = wanted.where(tuple_(jobs.c.created_at, jobs.c.id) < (after.created_at, after.id))
    return wanted.order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
