"""Jobs followed by many at once: one query a tick for the whole process, however many wait for however many jobs.

`news` finds out what steps have been committed, by any process; here they are handed to those who wait for them. Who
waits costs an entry in two dictionaries, and neither a task, a thread, a timer nor a connection. Nothing runs while
nobody waits.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from contextvars import Context
from typing import Protocol

import structlog

from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.jobs import steps
from soundrack.jobs.news import News, of
from soundrack.jobs.steps import Step

QUIET_S = 15.0
"""Whoever has heard nothing for so long is told that there is nothing."""
_LOOK_FOR_QUIET_S = 0.5
_AGAIN_S = 1.0
_log = structlog.get_logger()


class Watcher(Protocol):
    """Who waits for a job. What it is told comes in the event loop in which it began; it must return at once."""

    def hear(self, news: Sequence[Step]) -> None:
        """Take new steps, in their order, each once; no more come after the end of the job."""

    def nothing(self) -> None:
        """Take that nothing was to be heard for `QUIET_S` seconds."""

    def over(self) -> None:
        """Take that nothing will be told any more, since this process ends; the job may go on."""


class Watch:
    """That somebody waits for a job; `end` it when nobody does."""

    __slots__ = ("_following", "after", "job_id", "watcher")

    def __init__(self, following: Following, job_id: str, after: int, watcher: Watcher) -> None:
        self._following = following
        self.job_id = job_id
        self.after = after
        """The number of the last step that was told."""
        self.watcher = watcher

    def end(self) -> None:
        """Tell the watcher nothing more. Ending twice is no error."""
        self._following.forget(self)


class Following:
    """All who wait for jobs in one process.

    Begun by the first who waits and at rest when there is nobody, so it may outlive an event loop; used from one at a
    time. After `close` nobody can wait in that event loop any more.
    """

    def __init__(self, database: Database, lookups: Lookups) -> None:
        self._database = database
        self._lookups = lookups
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._told_at: OrderedDict[Watch, float] = OrderedDict()
        """When each was told anything for the last time, the longest ago first."""
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed: asyncio.AbstractEventLoop | None = None
        self.news: News | None = None
        """What finds out, or did for the last who waited."""

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._told_at)

    async def watch(self, job_id: str, after: int, watcher: Watcher) -> Watch:
        """Have a watcher told a job's steps after a number, those that are there already first.

        A job without steps is never heard of.

        Parameters
        ----------
        after : int
            The number of the last step that it knows; -1: it wants the last one that there is, and those that follow.
        """
        loop = asyncio.get_running_loop()
        watch = Watch(self, job_id, max(0, after), watcher)
        if loop is self._closed:
            watcher.over()
            return watch
        self._begin(loop)
        # waiting before looking: a step between the two is heard twice, and told once
        self._watches[job_id].add(watch)
        self._told_at[watch] = time.monotonic()
        try:
            if after < 0:
                there = [await steps.last(self._lookups, job_id)]
            else:
                there = await steps.since(self._lookups, job_id, after)
        except LookupError:
            there = []
        except BaseException:
            watch.end()
            raise
        self._tell(watch, there)
        return watch

    async def follow(self, job_id: str, after: int = 0) -> AsyncGenerator[Step]:
        """Yield a job's steps after a number as they are committed, the end last.

        It also ends, without that step, when this process does.
        """
        heard = _Heard()
        watch = await self.watch(job_id, after, heard)
        try:
            while not heard.is_over:
                await heard.wait()
                for step in heard.take():
                    yield step
                    if step.is_end:
                        return
        finally:
            watch.end()

    def forget(self, watch: Watch) -> None:
        """Have somebody wait no more, as `Watch.end`."""
        if self._told_at.pop(watch, None) is None:
            return
        of_job = self._watches[watch.job_id]
        of_job.discard(watch)
        if not of_job:
            del self._watches[watch.job_id]
        if not self._told_at:
            self._rest()

    async def close(self) -> None:
        """Tell everybody that it is over, and give back what was opened from the running event loop."""
        self._closed = asyncio.get_running_loop()
        for watch in list(self._told_at):
            watch.end()
            watch.watcher.over()
        tasks, self._tasks = self._tasks, []
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:  # the former one is gone, and all that waited in it
            self._loop, self._tasks = loop, []
            self._watches.clear()
            self._told_at.clear()
        self._tasks = [task for task in self._tasks if not task.done()]
        if not self._told_at:
            self.news = of(self._database, self._after_of_each)
            self.news.begin()
            # of no caller's context, or its request would be named in the log for what is done for all
            self._tasks += [
                loop.create_task(self._pass_on(self.news), context=Context()),
                loop.create_task(self._break_silence(), context=Context()),
            ]

    def _rest(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _pass_on(self, news: News) -> None:
        """Pass news on to those whom they concern, for as long as anybody waits."""
        while True:
            try:
                async with aclosing(news.run()) as found:
                    async for job_id, step in found:
                        for watch in list(self._watches.get(job_id, ())):
                            self._tell(watch, [step])
            except Exception as error:  # noqa: BLE001  whatever it was, those who wait go on waiting
                _log.error("steps of jobs cannot be read", exc_info=error)
            finally:
                await news.close()
            await asyncio.sleep(_AGAIN_S)

    def _after_of_each(self) -> dict[str, int]:
        """Return the jobs that somebody waits for, and after which step of each."""
        return {job_id: min(watch.after for watch in of_job) for job_id, of_job in self._watches.items()}

    def _tell(self, watch: Watch, there: Iterable[Step]) -> None:
        if watch not in self._told_at:
            return
        news = [step for step in there if step.number > watch.after]
        if not news:
            return
        watch.after = news[-1].number
        self._told_at[watch] = time.monotonic()
        self._told_at.move_to_end(watch)
        if news[-1].is_end:
            watch.end()
        watch.watcher.hear(news)

    async def _break_silence(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_FOR_QUIET_S)
            now = time.monotonic()
            while self._told_at:
                watch, told_at = next(iter(self._told_at.items()))
                if now - told_at < QUIET_S:
                    break
                self._told_at[watch] = now
                self._told_at.move_to_end(watch)
                watch.watcher.nothing()


class _Heard:
    """A watcher that keeps what it hears until it is asked."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._is_there = asyncio.Event()
        self.is_over = False

    def hear(self, news: Sequence[Step]) -> None:
        self._steps += news
        self._is_there.set()

    def nothing(self) -> None:
        """Whoever asks for steps is not told that there are none."""

    def over(self) -> None:
        self.is_over = True
        self._is_there.set()

    async def wait(self) -> None:
        await self._is_there.wait()

    def take(self) -> list[Step]:
        self._is_there.clear()
        found, self._steps = self._steps, []
        return found
