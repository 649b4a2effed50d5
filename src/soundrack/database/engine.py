"""Connections and transactions.

Two ways in: `Database.read` for a consistent look, `Database.write` for a change. Nobody commits by hand: leaving the
block commits, an exception rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

from soundrack.errors import Invalid

_WRITES = "soundrack_writes"
_AFTERWARDS = "soundrack_afterwards"


class Database:
    """The connection pool of one process.

    Parameters
    ----------
    url : str
        A SQLAlchemy URL, ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self._reader, self._writer = self._engine, self._engine.execution_options(**{_WRITES: True})
        if self._engine.dialect.name == "postgresql":
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Open a transaction that only looks, and sees one moment however many statements it takes."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Open a transaction that changes things; it is committed at the end of the block.

        On SQLite there is one at a time. On PostgreSQL there are many, each statement sees what others have committed
        by then, and what is read may have changed when it is written: guard the write, or read ``FOR UPDATE``.
        """
        with self._writer.begin() as connection:
            connection.info.pop(_AFTERWARDS, None)
            yield connection
            afterwards = connection.info.pop(_AFTERWARDS, ()) if connection.in_transaction() else ()
        for call in afterwards:
            call()

    def close(self) -> None:
        """Give every pooled connection back."""
        self._engine.dispose()


def after_commit(connection: Connection, call: Callable[[], None]) -> None:
    """Have something done once the transaction of `Database.write` has committed, and never if it does not.

    It must not fail: what was written stays written.
    """
    connection.info.setdefault(_AFTERWARDS, []).append(call)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `_begin` does
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was accepted survives a power cut, for 0.5 ms a commit
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: a transaction that reads first and then finds that another has
        # written in between could only fail.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=20)

    @event.listens_for(engine, "handle_error")
    def _refuse_nul(context: ExceptionContext) -> None:
        # JSON and forms can carry the one character that PostgreSQL's text cannot: the caller's fault, not ours
        if "NUL (0x00)" in str(context.original_exception):
            raise Invalid("Text may not hold the character U+0000.")

    return engine
