"""Inputs that lie at URLs of the caller's: accepted with the job, fetched by its worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, func, select

from soundrack.audio.containers import HEAD_BYTES, Container, sniff
from soundrack.database import locks
from soundrack.database.tables import job_inputs, jobs
from soundrack.errors import UnsupportedFormat
from soundrack.jobs import fleet
from soundrack.jobs.inputs import Input
from soundrack.jobs.record import Job, Status
from soundrack.jobs.uploads import CONTENT_TYPES
from soundrack.outbound import Outbound

STAGE = "fetch"
TRY_AGAIN_S = 1.0

_MOST_AT_ONCE = 8


@dataclass(frozen=True)
class Foreign:
    """What is to be fetched, and what it may be.

    Parameters
    ----------
    url : str
        A URL that `Outbound.check` has passed.
    field : str
        What the caller calls it, for errors.
    """

    url: str
    most_bytes: int
    containers: tuple[Container, ...]
    field: str

    @property
    def terms(self) -> dict[str, Any]:
        """What is stored beside the URL."""
        containers = [str(container) for container in self.containers]
        return {"most_bytes": self.most_bytes, "containers": containers, "field": self.field}


@dataclass(frozen=True)
class Fetched:
    """What came."""

    content_type: str
    size_bytes: int


def any_of(connection: Connection, job: Job) -> bool:
    """Say whether any input of a job is to be fetched."""
    fetched = exists(select(job_inputs.c.name).where(job_inputs.c.job_id == job.id, job_inputs.c.url.is_not(None)))
    found: bool = connection.execute(select(fetched)).scalar_one()
    return found


def must_wait(connection: Connection, job: Job, lease_s: float) -> bool:
    """Say whether a job that has just been claimed must wait before its inputs are fetched, if any are to be.

    The jobs of one account fetch at half of all workers' slots at once, at least at 1 and at most at 8: whoever names
    servers that are slow on purpose takes neither every slot nor every thread that looks up names. Its account stays
    locked until the transaction ends, so that two workers cannot both find room for one.
    """
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


def fetch(outbound: Outbound, wanted: Input, path: Path, watch: Callable[[], None]) -> Fetched:
    """Fetch an input into a new file.

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
    if wanted.url is None or wanted.terms is None:
        raise ValueError("the input is not to be fetched")
    terms: Mapping[str, Any] = wanted.terms
    field = terms["field"]
    fetched = outbound.fetch_blocking(wanted.url, path, most_bytes=terms["most_bytes"], field=field, watch=watch)
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
    if container is None or container not in terms["containers"]:
        known = ", ".join(name.upper() for name in terms["containers"])
        raise UnsupportedFormat(f"The file behind the URL is not audio in one of these formats: {known}.", field=field)
    return Fetched(CONTENT_TYPES[container], fetched.size_bytes)
