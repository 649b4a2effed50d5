"""Connections to PostgreSQL, past asyncpg's own pool."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

MOST = 8
CONNECT_S = 10.0


class Line:
    """A connection to PostgreSQL and the statements that it has been taught."""

    __slots__ = ("_statements", "connection")

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._statements: dict[str, Any] = {}

    async def statement(self, sql: str) -> Any:
        known = self._statements.get(sql)
        if known is None:
            known = self._statements[sql] = await self.connection.prepare(sql)
        return known


class Lines:
    """The connections of one event loop, at most so many, the last used first.

    asyncpg's own pool resets a connection between two users, at half the price of a lookup; a single statement leaves
    nothing behind to reset.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._idle: list[Line] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> Line:
        while True:
            while self._idle:
                line = self._idle.pop()
                if not line.connection.is_closed():
                    return line
                self._open -= 1
            if self._open < MOST:
                self._open += 1
                try:
                    return Line(await self._connect())
                except BaseException:
                    self._gone()
                    raise
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except BaseException:
                self._call_next()  # it may have been this one's turn already
                raise

    def give(self, line: Line) -> None:
        self._idle.append(line)
        self._call_next()

    def drop(self, line: Line) -> None:
        """In the middle of something, or not to be trusted any more."""
        line.connection.terminate()
        self._gone()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for line in idle:
            await line.connection.close(timeout=CONNECT_S)
            self._gone()

    def _gone(self) -> None:
        self._open -= 1
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
