"""How long until a new job is done, from the queue and the measured speed of this machine."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from threading import Lock
from typing import Self

from sqlalchemy import Connection, func, select

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import jobs
from soundrack.jobs import fleet
from soundrack.jobs.fleet import Fleet
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import Kind, work_s
from soundrack.jobs.uploads import Accepted

_JOBS_REMEMBERED = 50

_BYTES_PER_SECOND = {
    "audio/wav": 176_400,
    "audio/aiff": 176_400,
    "audio/flac": 110_000,
    "audio/mpeg": 32_000,
    "audio/ogg": 20_000,
    "audio/mp4": 32_000,
}
"""CD audio as it is usually delivered: uncompressed, FLAC at 62 %, MP3 and AAC at 256 kbit/s, Vorbis at 160."""

_USUAL_S = 240.0
_WITHOUT_WORKERS_S = 30


def audio_seconds(content_type: str, size_bytes: int) -> float:
    """Return how long a file of a type and size is likely to play, before anybody has opened it."""
    return size_bytes / _BYTES_PER_SECOND[content_type]


def usual_work_s(connection: Connection, kind: Kind) -> float:
    """Return the seconds of audio that an input nobody has seen yet is judged to have.

    The mean of the last 50 jobs of this kind that were completed; before there were any, a song of four minutes.
    """
    last = (
        select(jobs.c.work_s)
        .where(jobs.c.kind == kind, jobs.c.status == Status.COMPLETED)
        .order_by(jobs.c.ended_at.desc())
        .limit(_JOBS_REMEMBERED)
        .subquery()
    )
    mean: float | None = connection.execute(select(func.avg(last.c.work_s))).scalar_one()
    return mean or _USUAL_S


def expected_work_s(connection: Connection, kind: Kind, inputs: Mapping[str, Accepted | Foreign]) -> float:
    """Return the seconds of audio to work through in a new job, from what is known of its inputs."""
    return work_s(
        {
            name: audio_seconds(one.content_type, one.size_bytes)
            if isinstance(one, Accepted)
            else usual_work_s(connection, kind)
            for name, one in inputs.items()
        }
    )


def first_end_s(connection: Connection, live: Iterable[Job], lease_s: float) -> int:
    """Return the seconds, at least 1, until the first of some queued or running jobs is likely to end.

    While no worker is alive, and so nobody can say, it is a time after which one may be.
    """
    queue = Queue.look(connection, lease_s)
    ends_s = [end_s for job in live if (end_s := queue.remaining_s(job)) is not None]
    return min(ends_s, default=_WITHOUT_WORKERS_S)


def remaining_s(connection: Connection, job: Job, lease_s: float) -> int | None:
    """Return the seconds, rounded up, until a queued or running job is likely to be done.

    The jobs ahead and this one are shared among the slots of the workers alive, each working at the speed at which the
    last 50 jobs of this kind were done or, before there were any, at the speed that the workers measured when they
    started. None while no worker is alive: then nobody can say.
    """
    workers = fleet.alive(connection, lease_s)
    if workers.slots == 0:
        return None
    ahead_s = connection.execute(
        select(func.coalesce(func.sum(jobs.c.work_s * (1.0 - jobs.c.progress)), 0.0)).where(
            _WAITING, jobs.c.created_at < job.created_at
        )
    ).scalar_one()
    return _remaining_s(job, ahead_s, workers.slots, _measured_speed(connection, job.kind) or workers.speed)


@dataclass(frozen=True)
class Queue:
    """The queue and the workers at one moment: enough to estimate any job."""

    taken_at: datetime
    workers: Fleet
    speeds: dict[Kind, float | None]
    created_at: list[datetime]
    """When each job that has not ended was created, the oldest first."""
    ahead_s: list[float]
    """Seconds of audio left of all jobs before each of them, and at the end of all."""

    @classmethod
    def look(cls, connection: Connection, lease_s: float) -> Self:
        """Take a snapshot."""
        rows = connection.execute(
            select(jobs.c.created_at, jobs.c.work_s * (1.0 - jobs.c.progress))
            .where(_WAITING)
            .order_by(jobs.c.created_at)
        ).all()
        return cls(
            taken_at=clock.now(),
            workers=fleet.alive(connection, lease_s),
            speeds={kind: _measured_speed(connection, kind) for kind in Kind},
            created_at=[row[0] for row in rows],
            ahead_s=[0.0, *accumulate(row[1] for row in rows)],
        )

    def remaining_s(self, job: Job) -> int | None:
        """Return what the function of this name does, as of this moment."""
        if self.workers.slots == 0:
            return None
        ahead_s = self.ahead_s[bisect_left(self.created_at, job.created_at)]
        return _remaining_s(job, ahead_s, self.workers.slots, self.speeds[job.kind] or self.workers.speed)


class Estimates:
    """Estimates for many callers, from a snapshot that is at most a second old."""

    def __init__(self, database: Database, lease_s: float) -> None:
        self._database = database
        self._lease_s = lease_s
        self._lock = Lock()
        self._latest: Queue | None = None
        self._looking = False

    async def remaining_s(self, job: Job) -> int | None:
        """Return the seconds until a job is likely to be done, as `Queue.remaining_s`."""
        queue = self._younger_than(_FRESH if not self._looking else _OLDEST)
        if queue is None:
            self._looking = True
            queue = await asyncio.to_thread(self._look)
        return queue.remaining_s(job)

    def _look(self) -> Queue:
        with self._lock:
            try:
                queue = self._younger_than(_FRESH)  # somebody else may have looked while this one waited
                if queue is None:
                    with self._database.read() as connection:
                        queue = self._latest = Queue.look(connection, self._lease_s)
                return queue
            finally:
                self._looking = False

    def _younger_than(self, age: timedelta) -> Queue | None:
        queue = self._latest
        # older than no time at all: the clock has been set back
        return queue if queue is not None and timedelta(0) <= clock.now() - queue.taken_at < age else None


_FRESH = timedelta(milliseconds=500)
_OLDEST = timedelta(seconds=1)
"""Until here the last snapshot serves while somebody takes the next one."""

_WAITING = jobs.c.status.in_((Status.QUEUED, Status.PROCESSING))


def _remaining_s(job: Job, ahead_s: float, slots: int, speed: float) -> int:
    return max(1, math.ceil((ahead_s / slots + job.work_s * (1.0 - job.progress)) / speed))


def _measured_speed(connection: Connection, kind: Kind) -> float | None:
    rows = connection.execute(
        select(jobs.c.work_s, jobs.c.started_at, jobs.c.ended_at)
        .where(jobs.c.kind == kind, jobs.c.status == Status.COMPLETED)
        .order_by(jobs.c.ended_at.desc())
        .limit(_JOBS_REMEMBERED)
    ).all()
    took_s = sum((row.ended_at - row.started_at).total_seconds() for row in rows)
    return sum(row.work_s for row in rows) / took_s if took_s > 0 else None
