"""News in a SQLite file.

``PRAGMA data_version`` changes when another connection, of whatever process, has committed; it takes microseconds and
reads no table. Only then the steps are read that are later than the last one, whatever jobs they are of: there is one
writer at a time, so `seq` rises in the order of the commits, and steps that concern nobody here are few.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from sqlalchemy import URL, bindparam, func, select

from soundrack.database.lookups.prepared import Prepared, compiled_for
from soundrack.database.tables import job_steps
from soundrack.jobs.steps import Step

TICK_S = 0.01
_BUSY_S = 30


class SqliteNews:
    """A connection of its own, which reads in the event loop: in WAL mode a reader waits for nobody."""

    def __init__(self, url: URL) -> None:
        dialect = url.get_dialect()()
        self._arguments = dialect.create_connect_args(url)
        self._newest, self._later = compiled_for(_NEWEST, dialect, None), compiled_for(_LATER, dialect, None)
        self._connection: sqlite3.Connection | None = None
        self._seq: int | None = None
        self.ticks = 0
        self.queries = 0

    def begin(self) -> None:
        """Miss nothing from now on, as `News.begin`."""
        if self._seq is None:
            ((self._seq,),) = _all(self._open(), self._newest, {})

    async def run(self) -> AsyncGenerator[tuple[str, Step]]:
        """Yield steps, as `News.run`."""
        self.begin()
        version = -1  # that of a connection before it was asked, so that it is read once whatever it says
        while True:
            self.ticks += 1
            # asked before the steps are read: what is committed between the two is read now, or at the next tick
            before, version = version, _version(self._open())
            if version != before:
                self.queries += 1
                for seq, job_id, *step in _all(self._open(), self._later, {"seq": self._seq}):
                    yield job_id, Step(*step)
                    self._seq = seq
            await asyncio.sleep(TICK_S)

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        (file,), options = self._arguments
        given: dict[str, Any] = {
            **options,
            "check_same_thread": False,  # tests run one event loop after another, each in a thread of its own
            "isolation_level": None,
            "timeout": _BUSY_S,
        }
        connection: sqlite3.Connection = sqlite3.connect(file, **given)
        connection.execute("PRAGMA query_only = ON")
        return connection


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _all(connection: sqlite3.Connection, prepared: Prepared, values: dict[str, Any]) -> Sequence[Any]:
    return [prepared.row(row) for row in connection.execute(prepared.sql, prepared.values(values)).fetchall()]


_NEWEST = select(func.coalesce(func.max(job_steps.c.seq), 0))
_LATER = (
    select(
        job_steps.c.seq,
        job_steps.c.job_id,
        job_steps.c.number,
        job_steps.c.stage,
        job_steps.c.progress,
        job_steps.c.is_end,
    )
    .where(job_steps.c.seq > bindparam("seq"))
    .order_by(job_steps.c.seq)
)
