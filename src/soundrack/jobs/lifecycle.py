"""The steps of a job's life after it was accepted, each one guarded write.

A worker holds a job by a *lease*: it must renew it, and each renewal names the attempt that it belongs to. Whoever
was frozen, cut off or given up for dead finds that its attempt is not the current one and that its writes change
nothing, so a job ends once, is refunded at most once, and only the settled attempt's output counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Update, update

from soundrack import clock
from soundrack.billing import credits
from soundrack.database.tables import jobs
from soundrack.errors import Internal, SoundrackError
from soundrack.jobs import inputs, record
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.record import Job, Status


@dataclass(frozen=True)
class Outcome:
    """What a completed attempt leaves behind."""

    output_key: str
    output_bytes: int
    result: dict[str, Any]
    work_s: float
    cpu_s: float


def claim(connection: Connection, job_id: str, worker_id: str, lease_s: float) -> Job | None:
    """Begin the next attempt at a queued job, or return None if it is not waiting to be run."""
    now = clock.now()
    taken = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.status == Status.QUEUED)
        .values(
            status=Status.PROCESSING,
            attempt=jobs.c.attempt + 1,
            worker_id=worker_id,
            lease_until=now + timedelta(seconds=lease_s),
            started_at=now,
            stage="",
            progress=0.0,
        )
    )
    if taken.rowcount == 0:
        return None
    return record.from_row(connection.execute(record.COLUMNS.where(jobs.c.id == job_id)).one())


def renew(connection: Connection, job: Job, lease_s: float, stage: str, progress: float) -> bool:
    """Keep the lease and note how far the work is; False if the attempt is not the current one any more."""
    lease_until = clock.now() + timedelta(seconds=lease_s)
    kept = connection.execute(_held(job).values(lease_until=lease_until, stage=stage, progress=progress))
    return kept.rowcount == 1


def complete(connection: Connection, job: Job, outcome: Outcome) -> bool:
    """End a job well; False, and nothing changed, if the attempt is not the current one any more."""
    ended = connection.execute(
        _held(job).values(
            status=Status.COMPLETED,
            progress=1.0,
            ended_at=clock.now(),
            lease_until=None,
            output_key=outcome.output_key,
            output_bytes=outcome.output_bytes,
            result=outcome.result,
            work_s=outcome.work_s,
            cpu_s=outcome.cpu_s,
        )
    )
    if ended.rowcount == 1:
        inputs.release(connection, job)
    return ended.rowcount == 1


def fail(connection: Connection, job: Job, error: SoundrackError) -> bool:
    """End a job badly and give its credits back; False if the attempt is not the current one any more."""
    ended = connection.execute(
        _held(job).values(
            status=Status.FAILED,
            ended_at=clock.now(),
            lease_until=None,
            error_kind=error.kind,
            error_message=str(error),
        )
    )
    if ended.rowcount == 1:
        credits.refund(connection, job.account_id, job.credits_charged, job.id)
        inputs.release(connection, job)
    return ended.rowcount == 1


def give_back(connection: Connection, queue: JobQueue, job: Job) -> bool:
    """Put a job back into the queue because its worker is stopping; this is no fault of the job's."""
    returned = connection.execute(_held(job).values(status=Status.QUEUED, lease_until=None, worker_id=None))
    if returned.rowcount == 1:
        queue.enqueue(connection, job.id)
    return returned.rowcount == 1


def lapse(connection: Connection, job: Job) -> None:
    """Let the lease of an attempt that was lost run out now; whoever reaps next counts the loss and takes it back."""
    connection.execute(_held(job).values(lease_until=clock.now()))


def reap(connection: Connection, queue: JobQueue, max_losses: int) -> list[Job]:
    """Take back every job whose lease has run out, and return them as they were.

    A job is queued anew, unless it has now taken down `max_losses` workers: then it is failed and refunded, so that a
    file that kills whatever touches it does not circle for ever.
    """
    expired = connection.execute(
        record.COLUMNS.where(jobs.c.status == Status.PROCESSING, jobs.c.lease_until < clock.now()).with_for_update(
            skip_locked=True
        )
    ).all()
    lost = [record.from_row(row) for row in expired]
    for job in lost:
        counted = connection.execute(_held(job).values(losses=jobs.c.losses + 1))
        if counted.rowcount == 0:
            continue
        if job.losses + 1 >= max_losses:
            fail(connection, job, Internal(f"The job was given up after {max_losses} workers were lost over it."))
        else:
            give_back(connection, queue, job)
    return lost


def _held(job: Job) -> Update:
    return update(jobs).where(jobs.c.id == job.id, jobs.c.status == Status.PROCESSING, jobs.c.attempt == job.attempt)
