"""What attempts have made: judged, stored below one prefix for each attempt, and cleared away when its time has come.

An attempt is written down before its first file is stored, so that whatever dies in the middle, whoever sweeps next
knows where to look.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, insert, or_, select, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import jobs, output_folders
from soundrack.errors import Internal
from soundrack.jobs.record import Job, Output, Status
from soundrack.jobs.task import NAME
from soundrack.storage.objects import ObjectStore

MOST = 100
"""Outputs of one job."""

_AT_ONCE = 500
_NOBODY_WRITES_AFTER = timedelta(hours=1)
"""By then a worker that was given up while it stored its files has gone on, and taken them back, or is no more."""
_FILENAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}", re.ASCII)
_CONTENT_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,60}", re.ASCII)


@dataclass(frozen=True)
class Made:
    """A file that a child has left, and what it says of it."""

    path: Path
    content_type: str


def judged(folder: Path, told: Any) -> dict[str, Made]:
    """Return the outputs that a child tells of, by name.

    What it says is not trusted: names and types are held against their forms, and each must be a file of its own in
    the folder itself, no link, folder or pipe. Call it once the child has ended.

    Raises
    ------
    Internal
        If anything of this does not hold, or there are no outputs, or more than `MOST`.
    """
    if not isinstance(told, dict) or not 1 <= len(told) <= MOST or not stat.S_ISDIR(_mode(folder)):
        raise _not_kept()
    made = {name: _judged(folder, name, one) for name, one in told.items()}
    if len({one.path for one in made.values()}) < len(made):
        raise _not_kept()
    return made


def _judged(folder: Path, name: str, told: Any) -> Made:
    match told:
        case {"filename": str(filename), "content_type": str(content_type)}:
            path = folder / filename
            formed = NAME.fullmatch(name) and _FILENAME.fullmatch(filename) and _CONTENT_TYPE.fullmatch(content_type)
            if formed and stat.S_ISREG(_mode(path)):
                return Made(path, content_type)
    raise _not_kept()


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _not_kept() -> Internal:
    return Internal("The job's process did not leave what it should have made.")


def begin(connection: Connection, job: Job) -> None:
    """Write down that an attempt is about to store its outputs."""
    connection.execute(insert(output_folders).values(job_id=job.id, attempt=job.attempt, begun_at=clock.now()))


def store(objects: ObjectStore, job: Job, made: Made) -> Output:
    """Store one output of an attempt under its own name."""
    key = f"{_path(job.id, job.attempt)}/{made.path.name}"
    return Output(key, objects.put_file(key, made.path), made.content_type)


def withdraw(objects: ObjectStore, job: Job) -> None:
    """Delete all that an attempt has stored: it does not count."""
    objects.delete_folder(_path(job.id, job.attempt))


def expire(database: Database, objects: ObjectStore, life: timedelta) -> None:
    """Delete the results that are past their time; the jobs stay on record."""
    current = and_(jobs.c.id == output_folders.c.job_id, jobs.c.attempt == output_folders.c.attempt)
    over = (jobs.c.status == Status.COMPLETED, jobs.c.ended_at < clock.now() - life)
    found = _found(database, output_folders.join(jobs, current), *over)
    for folder in found:
        objects.delete_folder(_path(*folder))
    with database.write() as connection:
        ids = [job_id for job_id, _ in found]
        connection.execute(update(jobs).where(jobs.c.id.in_(ids)).values(output_deleted_at=clock.now()))
        _forget(connection, found)


def sweep(database: Database, objects: ObjectStore) -> None:
    """Delete what attempts have stored that died, or were given up, before it counted."""
    lost = or_(
        jobs.c.id.is_(None),  # its account is gone
        jobs.c.attempt != output_folders.c.attempt,
        jobs.c.status.in_((Status.QUEUED, Status.FAILED, Status.CANCELLED)),
    )
    begun_before = output_folders.c.begun_at < clock.now() - _NOBODY_WRITES_AFTER
    anyone_s = output_folders.outerjoin(jobs, jobs.c.id == output_folders.c.job_id)
    found = _found(database, anyone_s, lost, begun_before)
    for folder in found:
        objects.delete_folder(_path(*folder))
    with database.write() as connection:
        _forget(connection, found)


def _found(database: Database, source: FromClause, *conditions: ColumnElement[bool]) -> list[tuple[str, int]]:
    folders = select(output_folders.c.job_id, output_folders.c.attempt).select_from(source)
    with database.read() as connection:
        return [(row.job_id, row.attempt) for row in connection.execute(folders.where(*conditions).limit(_AT_ONCE))]


def _forget(connection: Connection, found: list[tuple[str, int]]) -> None:
    for job_id, attempt in found:
        connection.execute(
            delete(output_folders).where(output_folders.c.job_id == job_id, output_folders.c.attempt == attempt)
        )


def _path(job_id: str, attempt: int) -> str:
    return f"output/{job_id}/{attempt}"
