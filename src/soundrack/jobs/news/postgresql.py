"""News in PostgreSQL.

Whoever writes a step calls out its job's id on a channel, and the server passes the call on when the step is committed
(``NOTIFY`` is part of the transaction). The call says where to look and not what is there: the steps themselves are
read, for all jobs that were called in a tick by one query, each after the number that is known of it. `seq` is not
used: transactions may commit in another order than that in which they took their numbers.

A connection can be lost without a sign, and calls with it. So all jobs are looked at whenever the connection is new,
and now and then while it lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from typing import Any

import asyncpg
import structlog
from sqlalchemy import URL

from soundrack.database.lookups.lines import CONNECT_S
from soundrack.database.lookups.postgresql import address
from soundrack.jobs.steps import CHANNEL, Step

TICK_S = 0.01
"""The least time between two queries."""
_LOOK_AT_ALL_S = 15.0
_PATIENCE_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_log = structlog.get_logger()

_LATER = """
SELECT asked.job_id, number, stage, progress, is_end
FROM unnest($1::text[], $2::integer[]) AS asked(job_id, after)
JOIN job_steps ON job_steps.job_id = asked.job_id AND job_steps.number > asked.after
ORDER BY job_steps.job_id, job_steps.number
"""


class PostgresqlNews:
    """A connection of its own that listens, and is made anew when it is lost.

    Parameters
    ----------
    asked : callable
        Gives the jobs of which news are wanted, and after which step of each.
    """

    def __init__(self, url: URL, asked: Callable[[], Mapping[str, int]]) -> None:
        self._dsn = address(url)
        self._asked = asked
        self._connection: Any = None
        self._called: set[str] = set()
        self._stir = asyncio.Event()
        self.ticks = 0
        self.queries = 0

    def begin(self) -> None:
        """Miss nothing from now on, as `News.begin`: whoever has just begun to listen looks at all jobs."""

    async def run(self) -> AsyncGenerator[tuple[str, Step]]:
        """Yield steps, as `News.run`."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._connect()
                pause_s = _FIRST_PAUSE_S
                async for step in self._listen():
                    yield step
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:  # of which TimeoutError is one
                _log.warning("steps of jobs are not heard of, trying again", error=repr(error), after_s=pause_s)
                await self.close()
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _listen(self) -> AsyncGenerator[tuple[str, Step]]:
        found = await self._read(None)  # what was called out while nobody listened
        while True:
            for job_id, *step in found:
                yield job_id, Step(*step)
            await asyncio.sleep(TICK_S)
            try:
                async with asyncio.timeout(_LOOK_AT_ALL_S):
                    await self._stir.wait()
                called, self._called = self._called, set()
            except TimeoutError:
                called = None
            self._stir.clear()
            found = await self._read(called)

    async def _read(self, called: Collection[str] | None) -> list[Any]:
        """Return the later steps of the jobs that were called, or of all."""
        self.ticks += 1
        asked = self._asked()
        after = asked if called is None else {job_id: asked[job_id] for job_id in called if job_id in asked}
        if not after:
            return []
        self.queries += 1
        rows: list[Any] = await self._connection.fetch(
            _LATER, list(after.keys()), list(after.values()), timeout=_PATIENCE_S
        )
        return rows

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._dsn, timeout=CONNECT_S, server_settings={"application_name": "soundrack news", "jit": "off"}
        )
        self._connection.add_termination_listener(self._lost)
        await self._connection.add_listener(CHANNEL, self._hear)

    def _hear(self, _connection: object, _pid: int, _channel: str, job_id: str) -> None:
        self._called.add(job_id)
        self._stir.set()

    def _lost(self, _connection: object) -> None:
        self._stir.set()  # the next query fails, and another connection is made

    async def close(self) -> None:
        """Give up the connection, without a word to the server: it may not be there."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
