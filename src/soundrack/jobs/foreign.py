"""Inputs that lie at a URL of the caller's: accepted with the job, fetched by its worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from soundrack.audio.containers import HEAD_BYTES, Container, sniff
from soundrack.database import locks
from soundrack.database.tables import jobs
from soundrack.errors import UnsupportedFormat
from soundrack.jobs import estimate, fleet
from soundrack.jobs.record import Job, Status
from soundrack.jobs.task import Kind
from soundrack.outbound import Outbound

STAGE = "fetch"
TRY_AGAIN_S = 1.0

_FIELD = "input_url"
_MOST_AT_ONCE = 8
_USUAL_S = 240.0
_JOBS_REMEMBERED = 50
_CONTENT_TYPES = {
    Container.WAV: "audio/wav",
    Container.AIFF: "audio/aiff",
    Container.FLAC: "audio/flac",
    Container.MP3: "audio/mpeg",
}


@dataclass(frozen=True)
class Foreign:
    """What is to be fetched, and what it may be.

    Parameters
    ----------
    url : str
        A URL that `Outbound.check` has passed.
    """

    url: str
    most_bytes: int
    containers: tuple[Container, ...]

    @property
    def terms(self) -> dict[str, Any]:
        """What is stored beside the URL."""
        return {"most_bytes": self.most_bytes, "containers": [str(container) for container in self.containers]}


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


def must_wait(connection: Connection, job: Job, lease_s: float) -> bool:
    """Say whether a job that has just been claimed must wait before its input is fetched.

    The jobs of one account fetch at half of all workers' slots at once, at least at 1 and at most at 8: whoever names
    servers that are slow on purpose takes neither every slot nor every thread that looks up names. Its account stays
    locked until the transaction ends, so that two workers cannot both find room for one.
    """
    if job.input_url is None:
        return False
    locks.account(connection, job.account_id)
    fetching: int = connection.execute(
        select(func.count())
        .select_from(jobs)
        .where(
            jobs.c.account_id == job.account_id,
            jobs.c.status == Status.PROCESSING,
            jobs.c.stage == STAGE,
            jobs.c.id != job.id,
        )
    ).scalar_one()
    return fetching >= max(1, min(_MOST_AT_ONCE, fleet.alive(connection, lease_s).slots // 2))


def fetch(outbound: Outbound, job: Job, path: Path, watch: Callable[[], None]) -> float | None:
    """Fetch a job's input into a new file; return the seconds of audio it is likely to hold, if its kind tells.

    Parameters
    ----------
    watch : callable
        Called each second; what it raises ends the fetch, and nothing is left of it.

    Raises
    ------
    Invalid, ForbiddenAddress, Unreachable, TooLarge
        As by `Outbound.fetch`.
    UnsupportedFormat
        If it is none of the containers that the service takes.
    """
    if job.input_url is None or job.input_terms is None:
        raise ValueError("the job has no input to be fetched")
    terms: Mapping[str, Any] = job.input_terms
    fetched = outbound.fetch_blocking(job.input_url, path, most_bytes=terms["most_bytes"], field=_FIELD, watch=watch)
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
    if container is None or container not in terms["containers"]:
        known = ", ".join(name.upper() for name in terms["containers"])
        raise UnsupportedFormat(f"The file behind the URL is not audio in one of these formats: {known}.", field=_FIELD)
    content_type = _CONTENT_TYPES.get(container)
    return estimate.audio_seconds(content_type, fetched.size_bytes) if content_type else None
