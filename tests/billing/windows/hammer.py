"""Processes that hit one subject as fast as they can, on counters that they share."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from pydantic import SecretStr

from soundrack.billing.windows import Rate, Windows
from soundrack.billing.windows.log import MINUTE_US, microseconds
from soundrack.billing.windows.postgresql import PostgresqlWindows
from soundrack.billing.windows.sqlite import SqliteWindows
from soundrack.database import Database
from soundrack.database.lookups import Lookups

SUBJECT = "hammered"


def run(
    kind: str, where: str, rate: Rate, *, processes: int, hits: int | None = None, seconds: float = 0.0
) -> list[list[int]]:
    """Return the moments, in microseconds, at which hits of each process were let through.

    Each process hits `hits` times, or as often as it can in so many seconds.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier, answers = context.Barrier(processes), context.Queue()
    started = [
        context.Process(target=_strike, args=(kind, where, rate, hits, seconds, barrier, answers))
        for _ in range(processes)
    ]
    for process in started:
        process.start()
    let_through = [answers.get(timeout=60 + seconds) for _ in started]
    for process in started:
        process.join()
    answers.close()
    answers.join_thread()
    return let_through


@asynccontextmanager
async def opened(kind: str, where: str) -> AsyncGenerator[Windows]:
    """Open a store as a process of its own does."""
    if kind == "postgresql":
        with closing(Database(where)) as database:
            lookups = Lookups(database)
            yield PostgresqlWindows(database, lookups)
            await lookups.close()
    elif kind == "sqlite":
        windows = SqliteWindows(Path(where), patience_s=30)
        yield windows
        await windows.close()
    else:
        from soundrack.billing.windows.redis import RedisWindows  # noqa: PLC0415  slow to import

        shared = RedisWindows(SecretStr(where))
        yield shared
        await shared.close()


def _strike(
    kind: str,
    where: str,
    rate: Rate,
    hits: int | None,
    seconds: float,
    barrier: Barrier,
    answers: Queue[list[int]],
) -> None:
    async def strike() -> list[int]:
        moments = []
        async with opened(kind, where) as windows:
            barrier.wait(30)
            until = time.monotonic() + seconds
            numbers = itertools.count() if hits is None else range(hits)
            for _ in numbers:
                standing = await windows.hit(SUBJECT, rate)
                if standing.allowed:
                    moments.append(microseconds(standing.reset_at) - MINUTE_US)
                if hits is None and time.monotonic() > until:
                    break
        return moments

    answers.put(asyncio.run(strike()))
