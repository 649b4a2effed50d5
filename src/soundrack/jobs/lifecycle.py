"""The steps of a job's life after it was accepted, each one guarded write.

A worker holds a job by a *lease*: it must renew it, and each renewal names the attempt that it belongs to. Whoever
was frozen, cut off or given up for dead finds that its attempt is not the current one and that its writes change
nothing, so a job ends once, is refunded at most once, and only the settled attempt's output counts.

Whoever locks several rows takes them in this order, so that nobody waits in a circle: job, uploads by their ids,
account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Update, select, update

from soundrack import clock
from soundrack.billing import credits
from soundrack.database.tables import jobs
from soundrack.errors import Conflict, Internal, SoundrackError
from soundrack.jobs import foreign, inputs, record, steps
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.record import Job, Output, Status
from soundrack.outbound.webhooks import events
from soundrack.outbound.webhooks.events import Event
from soundrack.service import Service


@dataclass(frozen=True)
class Outcome:
    """What a completed attempt leaves behind."""

    outputs: Mapping[str, Output]
    """By name."""
    result: dict[str, Any]
    """What services tell of it: a few numbers."""
    report: dict[str, Any]
    """All that the engine says of it."""
    work_s: float
    cpu_s: float


def claim(connection: Connection, queue: JobQueue, job_id: str, worker_id: str, lease_s: float) -> Job | None:
    """Begin the next attempt at a queued job, or return None if it is not to be run now.

    It is not if it has ended, is being run, or has to wait until others of its account have fetched their inputs;
    then it is delivered again in a moment.
    """
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
    job = record.from_row(connection.execute(record.COLUMNS.where(jobs.c.id == job_id)).one())
    if not foreign.any_of(connection, job):
        return job
    if foreign.must_wait(connection, job, lease_s):
        connection.execute(
            _held(job).values(status=Status.QUEUED, attempt=jobs.c.attempt - 1, lease_until=None, worker_id=None)
        )
        queue.enqueue(connection, job.id, delay_s=foreign.TRY_AGAIN_S)
        return None
    connection.execute(_held(job).values(stage=foreign.STAGE))
    return job


def renew(
    connection: Connection,
    job: Job,
    lease_s: float,
    stage: str,
    progress: float,
    *,
    work_s: float | None = None,
    is_step: bool = False,
) -> bool:
    """Keep the lease and note how far the work is; False if the attempt is not the current one any more.

    Parameters
    ----------
    work_s : float, optional
        Seconds of audio, where more is known of them now than when the job was accepted.
    is_step : bool
        Whether it is a step of the engine's, to be written down if the job is followed.
    """
    lease_until = clock.now() + timedelta(seconds=lease_s)
    values: dict[str, Any] = {"lease_until": lease_until, "stage": stage, "progress": progress}
    if work_s is not None:
        values["work_s"] = work_s
    if connection.execute(_held(job).values(values)).rowcount == 0:
        return False
    if is_step and job.followed:
        steps.tell(connection, job.id, stage, progress)
    return True


def complete(connection: Connection, job: Job, outcome: Outcome) -> bool:
    """End a job well; False, and nothing changed, if the attempt is not the current one any more."""
    ended = connection.execute(
        _held(job).values(
            status=Status.COMPLETED,
            progress=1.0,
            ended_at=clock.now(),
            lease_until=None,
            outputs={name: asdict(output) for name, output in outcome.outputs.items()},
            result=outcome.result,
            report=outcome.report,
            work_s=outcome.work_s,
            cpu_s=outcome.cpu_s,
        )
    )
    if ended.rowcount == 1:
        _ended(connection, job, completed=True)
        _tell(connection, Event.JOB_COMPLETED, job)
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
        _ended(connection, job)
        _refund(connection, job)
        _tell(connection, Event.JOB_FAILED, job)
    return ended.rowcount == 1


def cancel(connection: Connection, job: Job) -> None:
    """End a queued or running job because its owner asks for it, and give its credits back.

    A worker that has it learns so at its next sign of life, and stops; nothing that it still writes counts.

    Raises
    ------
    Conflict
        If the job has ended.
    """
    ended = connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id, jobs.c.status.in_((Status.QUEUED, Status.PROCESSING)))
        .values(status=Status.CANCELLED, ended_at=clock.now(), lease_until=None)
    )
    if ended.rowcount == 0:
        raise Conflict("The job has ended, so it cannot be cancelled.")
    _ended(connection, job)
    _refund(connection, job)


def give_back(connection: Connection, queue: JobQueue, job: Job) -> bool:
    """Put a job back into the queue because its worker is stopping; this is no fault of the job's."""
    returned = connection.execute(_held(job).values(status=Status.QUEUED, lease_until=None, worker_id=None))
    if returned.rowcount == 1:
        queue.enqueue(connection, job.id)
    return returned.rowcount == 1


def lapse(connection: Connection, job: Job) -> None:
    """Let the lease of an attempt that was lost run out now; whoever reaps next counts the loss and takes it back."""
    connection.execute(_held(job).values(lease_until=clock.now()))


def reap(connection: Connection, queue: JobQueue, max_losses: int) -> Job | None:
    """Take back a job whose lease has run out, and return it as it was; None if there is none.

    A job is queued anew, unless it has now taken down `max_losses` workers: then it is failed and refunded, so that a
    file that kills whatever touches it does not circle for ever. One in a transaction, so that no two lots of rows are
    ever waited for by each other.
    """
    expired = connection.execute(
        record.COLUMNS.where(jobs.c.status == Status.PROCESSING, jobs.c.lease_until < clock.now())
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if expired is None:
        return None
    job = record.from_row(expired)
    connection.execute(_held(job).values(losses=jobs.c.losses + 1))
    if job.losses + 1 >= max_losses:
        fail(connection, job, Internal(f"The job was given up after {max_losses} workers were lost over it."))
    else:
        give_back(connection, queue, job)
    return job


def redeliver(connection: Connection, queue: JobQueue, job_id: str) -> Status | None:
    """Have a job that still waits delivered once more; return its status, None if there is no such job.

    For one whose delivery was lost before it was begun: nobody holds a lease on it that could run out.
    """
    found = connection.execute(select(jobs.c.status).where(jobs.c.id == job_id).with_for_update()).scalar()
    if found == Status.QUEUED:
        queue.enqueue(connection, job_id)
    return None if found is None else Status(found)


def is_next(connection: Connection, job_id: str) -> bool:
    """Say whether a job waits, and none that waits has waited longer."""
    first = select(jobs.c.id).where(jobs.c.status == Status.QUEUED).order_by(jobs.c.created_at).limit(1)
    return connection.execute(first).scalar() == job_id


def _ended(connection: Connection, job: Job, *, completed: bool = False) -> None:
    """What every end brings with it."""
    inputs.release(connection, job)
    if job.followed:
        steps.end(connection, job.id, completed=completed)


def _refund(connection: Connection, job: Job) -> None:
    if job.credits_charged > 0:
        credits.refund(connection, job.account_id, job.credits_charged, job.id)


def _tell(connection: Connection, event: Event, job: Job) -> None:
    events.record(connection, event, job.account_id, Service(job.service), job_id=job.id)


def _held(job: Job) -> Update:
    return update(jobs).where(jobs.c.id == job.id, jobs.c.status == Status.PROCESSING, jobs.c.attempt == job.attempt)
