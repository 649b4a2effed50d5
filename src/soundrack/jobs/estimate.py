"""How long until a new job is done, from the queue and the measured speed of this machine."""

from __future__ import annotations

import math

from sqlalchemy import Connection, func, select

from soundrack.database.tables import jobs
from soundrack.jobs import fleet
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import Kind

_JOBS_REMEMBERED = 50

_BYTES_PER_SECOND = {"audio/wav": 176_400, "audio/aiff": 176_400, "audio/flac": 110_000, "audio/mpeg": 32_000}
"""CD audio as it is usually delivered: uncompressed, FLAC at 62 %, MP3 at 256 kbit/s."""


def audio_seconds(content_type: str, size_bytes: int) -> float:
    """Return how long a file of a type and size is likely to play, before anybody has opened it."""
    return size_bytes / _BYTES_PER_SECOND[content_type]


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
            jobs.c.status.in_((Status.QUEUED, Status.PROCESSING)), jobs.c.created_at < job.created_at
        )
    ).scalar_one()
    speed = _measured_speed(connection, job.kind) or workers.speed
    remaining_audio_s: float = ahead_s / workers.slots + job.work_s * (1.0 - job.progress)
    return max(1, math.ceil(remaining_audio_s / speed))


def _measured_speed(connection: Connection, kind: Kind) -> float | None:
    rows = connection.execute(
        select(jobs.c.work_s, jobs.c.started_at, jobs.c.ended_at)
        .where(jobs.c.kind == kind, jobs.c.status == Status.COMPLETED)
        .order_by(jobs.c.ended_at.desc())
        .limit(_JOBS_REMEMBERED)
    ).all()
    took_s = sum((row.ended_at - row.started_at).total_seconds() for row in rows)
    return sum(row.work_s for row in rows) / took_s if took_s > 0 else None
