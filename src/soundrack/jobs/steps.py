"""What a followed job goes through, written down step by step for those who wait for it.

A job whose order says `followed` has at least one step, ``upload``, from the transaction that accepts it on, and a last
one from the transaction that ends it on; between them stand the stages of its engine. Steps are numbered from 1, over
all attempts: when an attempt is lost the stages come again with higher numbers, and the progress that is told waits
until the work has caught up. A step is only ever added by whoever holds the job's row, so for one job the order of the
numbers is that of the commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, case, delete, exists, func, insert, select

from soundrack import clock
from soundrack.database.lookups import Lookups
from soundrack.database.tables import job_steps, jobs

UPLOAD = "upload"
"""The first stage: the input has arrived."""
_ACCEPTED = 0.05
"""How far a job is said to be when it is accepted; what its engine tells is spread over the rest."""
CHANNEL = "soundrack_job_steps"
"""On PostgreSQL, on which the id of a job is called out whenever a step of it is committed."""

_KEPT = timedelta(hours=1)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one job."""

    number: int
    """From 1, without gaps."""
    stage: str
    """At the end: the last one that was reached."""
    progress: float
    """0 to 1, never falling; 1 only at the end of a job that was completed."""
    is_end: bool
    """Whether the job has ended with it; how, its record says."""


def begin(connection: Connection, job_id: str) -> None:
    """Write the first step of a job that is being accepted."""
    connection.execute(
        insert(job_steps).values(
            job_id=job_id, number=1, stage=UPLOAD, progress=_ACCEPTED, is_end=False, at=clock.now()
        )
    )


def tell(connection: Connection, job_id: str, stage: str, progress: float) -> None:
    """Write that a job has come to a stage of its engine, if that is news; its row must be held.

    Nothing is written if it has ended, or stands where it stood.

    Parameters
    ----------
    progress : float
        As the engine tells it, 0 to 1.
    """
    overall = _ACCEPTED + (1.0 - _ACCEPTED) * min(1.0, max(0.0, progress))
    _add(connection, job_id, stage=stage, progress=round(overall, 4), is_end=False)


def end(connection: Connection, job_id: str, *, completed: bool) -> None:
    """Write the last step of a job, in the transaction that ends it; a second one is not written."""
    _add(connection, job_id, stage=None, progress=1.0 if completed else 0.0, is_end=True)


def _add(connection: Connection, job_id: str, *, stage: str | None, progress: float, is_end: bool) -> None:
    written = connection.execute(
        _ADD,
        {"job": job_id, "to_stage": stage, "to_progress": progress, "ends": is_end, "now": clock.now()},
        execution_options={"preserve_rowcount": True},  # of an insert it is not kept otherwise
    )
    if written.rowcount == 1 and connection.dialect.name == "postgresql":
        connection.execute(_CALL, {"job": job_id})


async def last(lookups: Lookups, job_id: str) -> Step:
    """Return the last step of a followed job.

    Raises
    ------
    LookupError
        If there is none: the job is not followed, or there is no such job.
    """
    found: Step | None = await lookups.first(lookups.prepare(_LAST, Step), job=job_id)
    if found is None:
        raise LookupError("no step of such a job")
    return found


async def since(lookups: Lookups, job_id: str, after: int) -> list[Step]:
    """Return a job's steps whose numbers are higher than `after`, in their order.

    Of a job that ended more than an hour ago there is only the last one.
    """
    found: list[Step] = await lookups.all(lookups.prepare(_SINCE, Step), job=job_id, after=after)
    return found


def sweep(connection: Connection) -> None:
    """Delete what nobody waits for any more: all but the last step of jobs that ended an hour ago."""
    passed = (
        select(job_steps.c.seq)
        .where(
            ~job_steps.c.is_end,
            job_steps.c.at < clock.now() - _KEPT,
            exists(select(jobs.c.id).where(jobs.c.id == job_steps.c.job_id, jobs.c.ended_at < clock.now() - _KEPT)),
        )
        .limit(_AT_ONCE)
    )
    connection.execute(delete(job_steps).where(job_steps.c.seq.in_(passed.scalar_subquery())))


_COLUMNS = (job_steps.c.number, job_steps.c.stage, job_steps.c.progress, job_steps.c.is_end)
_OF_JOB = select(*_COLUMNS).where(job_steps.c.job_id == bindparam("job"))
_LAST = _OF_JOB.order_by(job_steps.c.number.desc()).limit(1)
_SINCE = _OF_JOB.where(job_steps.c.number > bindparam("after")).order_by(job_steps.c.number)

_job, _ends = bindparam("job", type_=job_steps.c.job_id.type), bindparam("ends", type_=job_steps.c.is_end.type)
_to_stage = bindparam("to_stage", type_=job_steps.c.stage.type)
_to_progress = bindparam("to_progress", type_=job_steps.c.progress.type)
_before = _OF_JOB.order_by(job_steps.c.number.desc()).limit(1).subquery()
_ADD = insert(job_steps).from_select(
    ["job_id", "number", "stage", "progress", "is_end", "at"],
    select(
        _job,
        _before.c.number + 1,
        func.coalesce(_to_stage, _before.c.stage),
        case((_before.c.progress < _to_progress, _to_progress), else_=_before.c.progress),
        _ends,
        bindparam("now", type_=job_steps.c.at.type),
    ).where(~_before.c.is_end, _ends | (_before.c.stage != _to_stage) | (_before.c.progress < _to_progress)),
)
_CALL = select(func.pg_notify(CHANNEL, bindparam("job")))
