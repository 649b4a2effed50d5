"""SignalKey's stream of a job: its progress, then its result or its error.

Events and their ids, where N is the number of the last step (`soundrack.jobs.steps`):

- ``progress`` for each step, its id the step's number; that of the end of a completed job says 1.0;
- ``result``, N + 1, and ``done``, N + 2, of a job that was completed;
- ``error``, N, of one that failed, and nothing more.

Who connects for the first time is told the last progress and what follows. ``Last-Event-ID`` goes on after the event of
that id; with one that was never given out everything is told from the start. To whoever has had the last event the
answer is 204, which tells an ``EventSource`` to connect no more.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from soundrack.accounts import credentials
from soundrack.accounts.credentials import Principal
from soundrack.billing import subscriptions
from soundrack.errors import NotAllowed, SoundrackError
from soundrack.jobs import record, steps
from soundrack.jobs.following import Watch
from soundrack.jobs.record import Job, Status
from soundrack.jobs.steps import Step
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import event_stream
from soundrack.services.event_stream import EventStream
from soundrack.services.signalkey import errors, views

RETRY_MS = 2000
"""After how long a client that was cut off shall connect again."""
_ID = re.compile(r"[0-9]{1,9}", re.ASCII)
_DONE = b'{"ok": true}'
_RESULT_AND_DONE = 2

Found = TypeVar("Found")


async def open(rack: Rack, job: Job, principal: Principal) -> EventStream:
    """Return the response that streams a followed job to its owner.

    Of the request it reads ``Last-Event-ID``.
    """
    return JobStream(rack, job.id, principal)


class JobStream(EventStream):
    """One client's stream; what it hears of its job comes from `Rack.following`."""

    def __init__(self, rack: Rack, job_id: str, principal: Principal) -> None:
        super().__init__()
        self._rack = rack
        self._job_id = job_id
        self._principal = principal
        self._had = 0
        """The id of the last event that the client has had."""
        self._news: list[Step] = []
        self._is_silent = False
        self._preface = event_stream.retry(RETRY_MS)
        self._watch: Watch | None = None

    async def begin(self, scope: Scope) -> bool:
        """See where the client stands, and wait for the job."""
        after = -1
        said = event_stream.last_event_id(scope)
        if said is not None:
            last = await steps.last(self._rack.lookups, self._job_id)
            final = last.number
            if last.is_end and (await self._job()).status is Status.COMPLETED:
                final += _RESULT_AND_DONE
            self._had = int(said) if _ID.fullmatch(said) and int(said) <= final else 0
            if last.is_end and self._had == final:
                return False
            after = min(self._had, last.number - 1) if last.is_end else self._had
        self._watch = await self._rack.following.watch(self._job_id, after, self)
        return True

    def hear(self, news: Sequence[Step]) -> None:
        """Take new steps."""
        self._news += news
        self.stir()

    def nothing(self) -> None:
        """Give a sign of life, unless the client has not even read what it was sent before."""
        if not self.is_writing:
            self._is_silent = True
            self.stir()

    def over(self) -> None:
        """End, so that the client connects again, to another process."""
        self.is_over = True
        self.stir()

    def end(self) -> None:
        """Wait for the job no more."""
        if self._watch is not None:
            self._watch.end()

    async def write(self) -> bytes:
        """Return the events that are new, a comment if there are none and it is time, or nothing."""
        written = b""
        news, self._news = self._news, []
        is_silent, self._is_silent = self._is_silent, False
        if news:
            try:
                await _once(_checks, self._principal.subject, lambda: _check(self._rack, self._principal))
                for step in news:
                    written += await self._events(step)
            except SoundrackError as error:
                self.is_over = True
                written += event_stream.event("error", _body(error))
        if written:
            preface, self._preface = self._preface, b""
            return preface + written
        return event_stream.SILENT if is_silent else b""

    async def _events(self, step: Step) -> bytes:
        if not step.is_end:
            return _progress(step) if step.number > self._had else b""
        self.is_over = True
        ids_and_events = await _once(_endings, self._job_id, lambda: self._ending(step))
        return b"".join(event for event_id, event in ids_and_events if event_id > self._had)

    async def _ending(self, step: Step) -> list[tuple[int, bytes]]:
        """Return the last events of the job with their ids, for all who watch it."""
        job, number = await self._job(), step.number
        if job.status is not Status.COMPLETED:
            return [(number, event_stream.event("error", views.failure(job), number))]
        result = await run_in_threadpool(views.result, job, self._rack)
        return [
            (number, _progress(step)),
            (number + 1, event_stream.event("result", result, number + 1)),
            (number + 2, event_stream.event("done", _DONE, number + 2)),
        ]

    async def _job(self) -> Job:
        return await record.look_up(
            self._rack.lookups, self._job_id, account_id=self._principal.account_id, service=Service.SIGNALKEY
        )


@lru_cache(1024)
def _progress(step: Step) -> bytes:
    data = json.dumps({"progress": step.progress, "stage": step.stage}).encode()
    return event_stream.event("progress", data, step.number)


async def _check(rack: Rack, principal: Principal) -> None:
    """Refuse to tell more to somebody who may not use the API any more, as the door would."""
    plan = subscriptions.named(rack.plans, Service.SIGNALKEY, (await credentials.again(rack.lookups, principal)).plan)
    if not plan.api_access:
        raise NotAllowed(f"The plan {plan.title} does not include the API.")


def _body(error: SoundrackError) -> bytes:
    return bytes(errors.answer(Request({"type": "http", "path": "", "headers": []}), error).body)


async def _once(
    under_way: dict[str, asyncio.Task[Any]], name: str, find: Callable[[], Coroutine[Any, Any, Found]]
) -> Found:
    """Return what is found, which many streams ask for at the same moment and one goes to look for."""
    task: asyncio.Task[Found] | None = under_way.get(name)
    if task is None or task.get_loop() is not asyncio.get_running_loop():
        task = under_way[name] = asyncio.get_running_loop().create_task(find())
        task.add_done_callback(lambda done: _forget(under_way, name, done))
    return await asyncio.shield(task)


def _forget(under_way: dict[str, asyncio.Task[Any]], name: str, done: asyncio.Task[Any]) -> None:
    if under_way.get(name) is done:
        del under_way[name]
    if not done.cancelled():
        done.exception()  # looked at, even if all who asked have gone meanwhile


_checks: dict[str, asyncio.Task[Any]] = {}
"""By whose they are."""
_endings: dict[str, asyncio.Task[Any]] = {}
"""By job."""
