"""Statements that run once a request, without what a connection pool, a transaction and a thread would cost each.

A statement is written in SQLAlchemy Core like all others and compiled once; then it goes straight to the driver: on
SQLite a connection of the standard library, used in the event loop, where a lookup by an index takes less time than
the way to a thread; on PostgreSQL a few connections of asyncpg. Each statement is a transaction of its own. Whatever
needs two statements in one transaction takes `Database.read` or `Database.write`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque, namedtuple
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import asyncpg
from pydantic_core import from_json
from sqlalchemy import JSON, URL, Dialect, make_url
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from soundrack.database.engine import Database

_BUSY_S = 30
_STATEMENTS_KEPT = 256
_ROWS_KEPT = 4096
_CONNECTIONS = 8
_CONNECT_S = 10.0
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

_NUMERIC = 1700
"""PostgreSQL's own number of the type `numeric`, for types that ask what the server sends: as from it, a `Float` is
made a float of whatever comes."""

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Bind:
    """One place for a value in a compiled statement."""

    name: str
    required: bool
    default: Any
    process: Process | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement, compiled for one database."""

    sql: str
    binds: tuple[Bind, ...]
    columns: tuple[Process | None, ...]
    make_row: Callable[..., Any]

    def values(self, parameters: dict[str, Any]) -> list[Any]:
        """Return what the driver is given, in the order of the places.

        Raises
        ------
        KeyError
            If a parameter is missing.
        """
        found = []
        for bind in self.binds:
            value = parameters[bind.name] if bind.required else parameters.get(bind.name, bind.default)
            found.append(value if bind.process is None else bind.process(value))
        return found

    def row(self, values: Any) -> Any:
        """Return what is made of a driver's row."""
        return self.make_row(
            *[
                value if process is None or value is None else process(value)
                for value, process in zip(values, self.columns, strict=True)
            ]
        )


class _Driver(Protocol):
    dialect: Dialect

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None: ...

    async def run(self, prepared: Prepared, values: list[Any]) -> int: ...

    async def close(self) -> None: ...

    def release(self) -> None: ...


class Lookups:
    """The way to the database of everything that happens on each request.

    Opened on first use and again after `close`, so it may outlive an event loop. Used from one or several event
    loops; it is the process's own and not taken along into a fork.
    """

    def __init__(self, database: Database) -> None:
        url = make_url(database.url)
        self._driver: _Driver = _Sqlite(url) if url.get_backend_name() == "sqlite" else _Postgresql(url)
        self._prepared: dict[Executable, Prepared] = {}

    def prepare(self, statement: Executable, make: Callable[..., Any] | None = None) -> Prepared:
        """Return a statement compiled; the same one is compiled once.

        Parameters
        ----------
        statement : Executable
            A select, or an insert, update or delete. Give one that lives as long as the process: it is kept.
        make : callable, optional
            What is made of a row's values, given in their order; a named tuple if not given.

        Raises
        ------
        ValueError
            If it has parts that only SQLAlchemy's own execution fills in: a list of values (``in_``), or defaults of
            columns that are made in Python.
        """
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = _compile(statement, self._driver.dialect, make)
        return prepared

    async def first(self, prepared: Prepared, **parameters: Any) -> Any | None:
        """Return the first row, as what it was prepared to make, or None.

        It may be the very one that another caller got: nothing in it may be changed.
        """
        return await self._driver.first(prepared, prepared.values(parameters))

    async def run(self, prepared: Prepared, **parameters: Any) -> int:
        """Carry out a change, commit it, and return how many rows it met."""
        return await self._driver.run(prepared, prepared.values(parameters))

    async def close(self) -> None:
        """Give back what was opened from the running event loop."""
        await self._driver.close()

    def release(self) -> None:
        """Give back what needs no event loop for it."""
        self._driver.release()


def _compile(statement: Executable, dialect: Dialect, make: Callable[..., Any] | None) -> Prepared:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every executable clause has it
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  for the type alone
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise ValueError("a lookup takes no lists of values")
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError("a lookup takes no defaults that are made in Python")
    binds = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        binds.append(Bind(name, bind.required, bind.effective_value, process))
    columns = getattr(statement, "exported_columns", {})
    # what is counted or computed without a name of its own is called _0, _1, ... by its place
    row = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]  # made of the statement
    return Prepared(
        sql=str(compiled),
        binds=tuple(binds),
        columns=tuple(_result_processor(column.type, dialect) for column in columns.values()),
        make_row=make or row,
    )


def _result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    if isinstance(kind, JSON):
        return from_json  # both drivers give text; four times as fast as the standard library on a job's result
    processor: Process | None = kind.dialect_impl(dialect).result_processor(dialect, _NUMERIC)
    return processor


def _dialect(url: URL) -> Dialect:
    return url.get_dialect()()


class _Sqlite:
    """Two connections: one that reads in the event loop, and one that writes in a thread, since it may have to wait.

    In WAL mode a reader waits for nobody. What was read is remembered until anybody has committed anything, which
    SQLite tells for less than the reading and the making of a row take (``PRAGMA data_version``): it is never older
    than what would be read now.
    """

    def __init__(self, url: URL) -> None:
        self.dialect = _dialect(url)
        self._arguments = self.dialect.create_connect_args(url)
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = Lock()
        self._rows: dict[tuple[Any, ...], Any] = {}
        self._rows_version = 0

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None:
        if self._reader is None:
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only = ON")
            self._rows.clear()
        (version,) = _only(self._reader, "PRAGMA data_version", ())
        if version != self._rows_version or len(self._rows) >= _ROWS_KEPT:
            self._rows.clear()
            self._rows_version = version
        asked = (prepared.sql, *values)
        if asked in self._rows:
            return self._rows[asked]
        # what is committed between the two is in the row, and the next version tells of it once more
        found = _only(self._reader, prepared.sql, values)
        row = self._rows[asked] = None if found is None else prepared.row(found)
        return row

    async def run(self, prepared: Prepared, values: list[Any]) -> int:
        return await asyncio.to_thread(self._run, prepared, values)

    def _run(self, prepared: Prepared, values: list[Any]) -> int:
        with self._writing:
            if self._writer is None:
                self._writer = self._connect()
            cursor = self._writer.execute(prepared.sql, values)
            try:
                return cursor.rowcount
            finally:
                cursor.close()

    def _connect(self) -> sqlite3.Connection:
        (file,), options = self._arguments
        given: dict[str, Any] = {
            **options,
            "check_same_thread": False,  # tests run one event loop after another, each in a thread of its own
            "isolation_level": None,  # the driver begins nothing by itself: each statement commits
            "timeout": _BUSY_S,
            "cached_statements": _STATEMENTS_KEPT,
        }
        connection: sqlite3.Connection = sqlite3.connect(file, **given)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    async def close(self) -> None:
        self.release()

    def release(self) -> None:
        with self._writing:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()
            self._reader = self._writer = None


def _only(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> Any:
    cursor = connection.execute(sql, values)
    try:
        return cursor.fetchone()
    finally:
        cursor.close()  # or it would hold its view of the database, and the log would grow


class _Line:
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


class _Lines:
    """The connections of one event loop, at most so many, the last used first.

    asyncpg's own pool resets a connection between two users, at half the price of a lookup; a single statement leaves
    nothing behind to reset.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._idle: list[_Line] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> _Line:
        while True:
            while self._idle:
                line = self._idle.pop()
                if not line.connection.is_closed():
                    return line
                self._open -= 1
            if self._open < _CONNECTIONS:
                self._open += 1
                try:
                    return _Line(await self._connect())
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

    def give(self, line: _Line) -> None:
        self._idle.append(line)
        self._call_next()

    def drop(self, line: _Line) -> None:
        """In the middle of something, or not to be trusted any more."""
        line.connection.terminate()
        self._gone()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for line in idle:
            await line.connection.close(timeout=_CONNECT_S)
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


class _Postgresql:
    """Connections for each running event loop: in a server there is one."""

    def __init__(self, url: URL) -> None:
        self.dialect = _dialect(url.set(drivername="postgresql+asyncpg"))
        known = {name: value for name, value in url.query.items() if name not in _OF_LIBPQ_ALONE}
        address = url.set(drivername="postgresql", query=known)
        self._dsn = address.render_as_string(hide_password=False)
        self._lines: dict[asyncio.AbstractEventLoop, _Lines] = {}

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None:
        found = await self._do(prepared.sql, lambda statement: statement.fetchrow(*values))
        return None if found is None else prepared.row(found)

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

    def _of_running_loop(self) -> _Lines:
        loop = asyncio.get_running_loop()
        lines = self._lines.get(loop)
        if lines is None:
            self._lines = {known: old for known, old in self._lines.items() if not known.is_closed()}
            lines = self._lines[loop] = _Lines(self._connect)
        return lines

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._dsn,
            statement_cache_size=0,  # each line keeps its own
            timeout=_CONNECT_S,
            server_settings={"application_name": "soundrack lookups", "jit": "off"},
        )

    async def close(self) -> None:
        lines = self._lines.pop(asyncio.get_running_loop(), None)
        if lines is not None:
            await lines.close()

    def release(self) -> None:
        self._lines.clear()
