"""Long polls: an answer that is given when a job has ended, or after a while, whichever is first.

One that waits costs what its connection costs, one object, and an entry among the event loop's timers: no thread, no
task of its own, no query. A task exists only while the answer is being given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

import structlog
from fastapi import Response
from starlette.types import Receive, Scope, Send

from soundrack.errors import Internal, SoundrackError
from soundrack.jobs.following import Following, Watch
from soundrack.jobs.steps import Step

_log = structlog.get_logger()


class LongPoll(Response):
    """Waits for a followed job.

    Parameters
    ----------
    answer : callable
        Makes the response; asked once, at the end of the job, of the time, or of this process.
    refuse : callable
        The service's words for an error that `answer` raises.
    most_s : float
        Seconds after which the answer is given in any case.
    """

    def __init__(
        self,
        following: Following,
        job_id: str,
        answer: Callable[[], Awaitable[Response]],
        refuse: Callable[[SoundrackError], Response],
        *,
        most_s: float,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers()
        self._following = following
        self._job_id = job_id
        self._answer = answer
        self._refuse = refuse
        self._most_s = most_s
        self._told: Callable[[Response], Awaitable[None]] | None = None
        self._telling: asyncio.Task[None] | None = None

    def hear(self, news: Sequence[Step]) -> None:
        """Answer if the job has ended."""
        if news[-1].is_end:
            self._tell()

    def nothing(self) -> None:
        """Go on waiting."""

    def over(self) -> None:
        """Answer now, since this process ends; the client asks the next one."""
        self._tell()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._told = lambda response: response(scope, receive, send)
        timer = asyncio.get_running_loop().call_later(self._most_s, self._tell)
        watch: Watch | None = None
        try:
            watch = await self._following.watch(self._job_id, -1, self)
            # what the client still sends is read and thrown away; this returns when it has gone, or was answered
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._told = None
            timer.cancel()
            if watch is not None:
                watch.end()
            if self._telling is not None:
                self._telling.cancel()

    def _tell(self) -> None:
        if self._told is not None and self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._give(self._told), context=Context())

    async def _give(self, told: Callable[[Response], Awaitable[None]]) -> None:
        try:
            response = await self._answer()
        except SoundrackError as error:
            response = self._refuse(error)
        except Exception as error:  # noqa: BLE001  nobody waits for this task
            _log.error("long poll not answered", job=self._job_id, exc_info=error)
            response = self._refuse(Internal("An unexpected error happened. It has been logged."))
        await told(response)
