"""A job as the house sees it: one row of the `jobs` table, which alone is the truth about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, bindparam, select

from soundrack.database.lookups import Lookups
from soundrack.database.tables import jobs
from soundrack.errors import NotFound
from soundrack.jobs.task import Kind


class Status(StrEnum):
    """Where a job is in its life. The last three are ends."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a completed job has left in the store."""

    key: str
    size_bytes: int
    content_type: str

    @property
    def filename(self) -> str:
        """What the file is called: the last part of its key."""
        return PurePosixPath(self.key).name


@dataclass(frozen=True)
class Job:
    """One job."""

    id: str
    account_id: str
    service: str
    kind: Kind
    status: Status
    parameters: dict[str, Any]
    webhook_url: str | None = field(repr=False)  # it may hold a secret: not for logs
    work_s: float
    credits_charged: int
    request_id: str
    key_id: str | None
    created_at: datetime
    attempt: int
    losses: int
    worker_id: str | None
    stage: str
    progress: float
    started_at: datetime | None
    ended_at: datetime | None
    outputs: dict[str, Output]
    """By name; none until it is completed."""
    result: dict[str, Any] | None
    error_kind: str | None
    error_message: str | None
    followed: bool
    """Whether its steps are written down, `soundrack.jobs.steps`."""


_ID = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_FIELDS = tuple(Job.__dataclass_fields__)
COLUMNS = select(*(jobs.c[name] for name in _FIELDS))
"""Selects what `from_row` takes."""


def from_row(row: Any) -> Job:
    """Return the job of a row selected by `COLUMNS`."""
    fields = dict(zip(_FIELDS, row, strict=True))
    fields["kind"] = Kind(fields["kind"])
    fields["status"] = Status(fields["status"])
    fields["outputs"] = {name: Output(**one) for name, one in (fields["outputs"] or {}).items()}
    return Job(**fields)


def get(connection: Connection, job_id: str, *, account_id: str, service: str) -> Job:
    """Return an account's own job.

    Raises
    ------
    NotFound
        If there is none of this id, or it is another account's or service's, or no id at all: all look alike.
    """
    if not _ID.fullmatch(job_id):
        raise NotFound("No such job.")
    row = connection.execute(_OWN, {"job_id": job_id, "account_id": account_id, "service": service}).first()
    if row is None:
        raise NotFound("No such job.")
    return from_row(row)


async def look_up(lookups: Lookups, job_id: str, *, account_id: str, service: str) -> Job:
    """Return an account's own job as `get` does, without a connection."""
    if not _ID.fullmatch(job_id):
        raise NotFound("No such job.")
    asked = lookups.prepare(_OWN, lambda *values: from_row(values))
    found: Job | None = await lookups.first(asked, job_id=job_id, account_id=account_id, service=service)
    if found is None:
        raise NotFound("No such job.")
    return found


_OWN = COLUMNS.where(
    jobs.c.id == bindparam("job_id"),
    jobs.c.account_id == bindparam("account_id"),
    jobs.c.service == bindparam("service"),
)
