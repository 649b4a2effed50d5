"""Statements that run once a request, without what a connection pool, a transaction and a thread would cost each.

A statement is written in SQLAlchemy Core like all others and compiled once; then it goes straight to the driver: on
SQLite a connection of the standard library, used in the event loop, where a lookup by an index takes less time than
the way to a thread; on PostgreSQL a few connections of asyncpg. Each statement is a transaction of its own. Whatever
needs two statements in one transaction takes `Database.read` or `Database.write`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Dialect, make_url
from sqlalchemy.sql.base import Executable

from soundrack.database.engine import Database
from soundrack.database.lookups.postgresql import Postgresql
from soundrack.database.lookups.prepared import Prepared, compiled_for
from soundrack.database.lookups.sqlite import Sqlite

__all__ = ["Lookups", "Prepared"]


class _Driver(Protocol):
    dialect: Dialect

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None: ...

    async def all(self, prepared: Prepared, values: list[Any]) -> list[Any]: ...

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
        self._driver: _Driver = Sqlite(url) if url.get_backend_name() == "sqlite" else Postgresql(url)
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
            prepared = self._prepared[statement] = compiled_for(statement, self._driver.dialect, make)
        return prepared

    async def first(self, prepared: Prepared, **parameters: Any) -> Any | None:
        """Return the first row, as what it was prepared to make, or None.

        It may be the very one that another caller got: nothing in it may be changed.
        """
        return await self._driver.first(prepared, prepared.values(parameters))

    async def all(self, prepared: Prepared, **parameters: Any) -> list[Any]:
        """Return every row, each as what it was prepared to make. Nothing of it is remembered."""
        return await self._driver.all(prepared, prepared.values(parameters))

    async def run(self, prepared: Prepared, **parameters: Any) -> int:
        """Carry out a change, commit it, and return how many rows it met."""
        return await self._driver.run(prepared, prepared.values(parameters))

    async def close(self) -> None:
        """Give back what was opened from the running event loop."""
        await self._driver.close()

    def release(self) -> None:
        """Give back what needs no event loop for it."""
        self._driver.release()
