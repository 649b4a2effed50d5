"""What many ask at the same moment, carried out together: one round for all that one turn of the event loop brings."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Rounds(Generic[Asked, Answer]):
    """Gathers what is asked and has it carried out in rounds.

    A round begins with the next turn of the event loop and takes all that has been asked until then. While as many
    rounds are under way as may be, what is asked gathers for the next: the busier it gets, the larger they are.

    Used from one or several event loops; each has rounds of its own.

    Parameters
    ----------
    carry_out : callable
        Gives the answers in the order of what was asked: for each the answer, or the exception that its caller gets.
        What it raises, all of the round get.
    at_once : int
        Rounds of one event loop under way at once.
    most : int
        How much is carried out in one round.
    """

    def __init__(
        self, carry_out: Callable[[list[Asked]], Awaitable[Sequence[Answer | Exception]]], *, at_once: int, most: int
    ) -> None:
        self._carry_out = carry_out
        self._at_once = at_once
        self._most = most
        self._gatherings: dict[asyncio.AbstractEventLoop, _Gathering[Asked, Answer]] = {}

    async def ask(self, asked: Asked) -> Answer:
        """Ask, and return the answer. Whoever is cancelled before the round begins has not asked."""
        loop = asyncio.get_running_loop()
        gathering = self._gatherings.get(loop) or self._begin(loop)
        answer: asyncio.Future[Answer] = loop.create_future()
        gathering.waiting.append((asked, answer))
        if not gathering.starting and gathering.under_way < self._at_once:
            gathering.starting = True
            gathering.under_way += 1
            # of no caller's context, or its request would be named in the log for what another asked
            task = loop.create_task(self._go_round(gathering), context=Context())
            gathering.tasks.add(task)
            task.add_done_callback(gathering.tasks.discard)
        return await answer

    def _begin(self, loop: asyncio.AbstractEventLoop) -> _Gathering[Asked, Answer]:
        self._gatherings = {known: old for known, old in self._gatherings.items() if not known.is_closed()}
        gathering = self._gatherings[loop] = _Gathering[Asked, Answer]()
        return gathering

    async def _go_round(self, gathering: _Gathering[Asked, Answer]) -> None:
        gathering.starting = False
        try:
            while gathering.waiting:
                await self._answer(gathering.next(self._most))
        finally:
            gathering.under_way -= 1

    async def _answer(self, several: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        if not several:
            return
        try:
            answers = await self._carry_out([asked for asked, _ in several])
        except BaseException as error:
            for _, answer in several:
                _give(answer, error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, answer), given in zip(several, answers, strict=True):
            _give(answer, given)


class _Gathering(Generic[Asked, Answer]):
    """What is asked and under way in one event loop."""

    __slots__ = ("starting", "tasks", "under_way", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self.starting = False
        self.under_way = 0
        self.tasks: set[asyncio.Task[None]] = set()  # an event loop keeps none alive

    def next(self, most: int) -> list[tuple[Asked, asyncio.Future[Answer]]]:
        several: list[tuple[Asked, asyncio.Future[Answer]]] = []
        while self.waiting and len(several) < most:
            one = self.waiting.popleft()
            if not one[1].done():
                several.append(one)
        return several


def _give(answer: asyncio.Future[Answer], given: Answer | BaseException) -> None:
    if answer.done():
        return
    if isinstance(given, asyncio.CancelledError):
        answer.cancel()
    elif isinstance(given, BaseException):
        answer.set_exception(given)
    else:
        answer.set_result(given)
