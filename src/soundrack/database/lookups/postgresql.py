"""Lookups in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import URL

from soundrack.database.lookups.lines import CONNECT_S, Lines
from soundrack.database.lookups.prepared import Prepared
from soundrack.database.rounds import Rounds

_ROUNDS_AT_ONCE = 2
_MOST_IN_A_ROUND = 64

_OF_LIBPQ_ALONE = frozenset(
    {
        "connect_timeout",
        "channel_binding",
        "fallback_application_name",
        "gssencmode",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "load_balance_hosts",
        "tcp_user_timeout",
    }
)
"""Parameters of a PostgreSQL address that asyncpg would pass on to the server, which knows none of them."""


def address(url: URL) -> str:
    """Return an address as asyncpg takes it."""
    known = {name: value for name, value in url.query.items() if name not in _OF_LIBPQ_ALONE}
    return url.set(drivername="postgresql", query=known).render_as_string(hide_password=False)


class Postgresql:
    """Connections for each running event loop: in a server there is one."""

    def __init__(self, url: URL) -> None:
        self.dialect = url.set(drivername="postgresql+asyncpg").get_dialect()()
        self._dsn = address(url)
        self._lines: dict[asyncio.AbstractEventLoop, Lines] = {}
        self._rounds: dict[str, Rounds[list[Any], Any]] = {}

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None:
        rounds = self._rounds.get(prepared.sql)
        if rounds is None:
            carry_out = partial(self._first_of_each, prepared)
            rounds = self._rounds[prepared.sql] = Rounds(carry_out, at_once=_ROUNDS_AT_ONCE, most=_MOST_IN_A_ROUND)
        found = await rounds.ask(values)
        return None if found is None else prepared.row(found)

    async def _first_of_each(self, prepared: Prepared, asked: list[list[Any]]) -> Sequence[Any]:
        """Look up many in one way to the server and back; whatever one of them does wrong, the others are answered."""
        sql = prepared.sql_of_many
        if len(asked) > 1 and sql is not None:
            # in one order always, since a statement may lock rows: two servers then never wait for each other
            order = sorted(range(len(asked)), key=lambda place: repr(asked[place]))
            arrays = [list(column) for column in zip(*(asked[place] for place in order), strict=True)]
            try:
                rows = await self._do(sql, lambda statement: statement.fetch(*arrays))
            except (asyncpg.PostgresError, asyncpg.InterfaceError):
                pass  # nothing was done: one by one, it shows whose it is
            else:
                found: list[Any] = [None] * len(asked)
                for place, *row in reversed(rows):  # the first of several rows is the answer
                    found[order[place - 1]] = row
                return found
        return [await self._first(prepared, values) for values in asked]

    async def _first(self, prepared: Prepared, values: list[Any]) -> Any:
        try:
            return await self._do(prepared.sql, lambda statement: statement.fetchrow(*values))
        except Exception as error:  # noqa: BLE001  its caller alone gets it
            return error

    async def all(self, prepared: Prepared, values: list[Any]) -> list[Any]:
        rows = await self._do(prepared.sql, lambda statement: statement.fetch(*values))
        return [prepared.row(row) for row in rows]

    async def run(self, prepared: Prepared, values: list[Any]) -> int:
        async def carry_out(statement: Any) -> int:
            await statement.fetch(*values)
            status: str = statement.get_statusmsg()
            return int(status.rpartition(" ")[2])

        changed: int = await self._do(prepared.sql, carry_out)
        return changed

    async def _do(self, sql: str, act: Callable[[Any], Awaitable[Any]]) -> Any:
        lines = self._of_running_loop()
        line = await lines.take()
        try:
            done = await act(await line.statement(sql))
        except asyncpg.exceptions.InvalidCachedStatementError:
            # a table has changed since: nothing was done, and a new connection knows the new one
            lines.drop(line)
            return await self._do(sql, act)
        except asyncpg.PostgresError:
            lines.give(line)
            raise
        except BaseException:
            lines.drop(line)
            raise
        lines.give(line)
        return done

    def _of_running_loop(self) -> Lines:
        loop = asyncio.get_running_loop()
        lines = self._lines.get(loop)
        if lines is None:
            self._lines = {known: old for known, old in self._lines.items() if not known.is_closed()}
            lines = self._lines[loop] = Lines(self._connect)
        return lines

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._dsn,
            statement_cache_size=0,  # each line keeps its own
            timeout=CONNECT_S,
            server_settings={"application_name": "soundrack lookups", "jit": "off"},
        )

    async def close(self) -> None:
        lines = self._lines.pop(asyncio.get_running_loop(), None)
        if lines is not None:
            await lines.close()

    def release(self) -> None:
        self._lines.clear()
