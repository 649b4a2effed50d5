"""Lookups in a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from threading import Lock
from typing import Any

from sqlalchemy import URL

from soundrack.database.lookups.prepared import Prepared

_BUSY_S = 30
_STATEMENTS_KEPT = 256
_ROWS_KEPT = 4096


class Sqlite:
    """Two connections: one that reads in the event loop, and one that writes in a thread, since it may have to wait.

    In WAL mode a reader waits for nobody. What was read is remembered until anybody has committed anything, which
    SQLite tells for less than the reading and the making of a row take (``PRAGMA data_version``): it is never older
    than what would be read now.
    """

    def __init__(self, url: URL) -> None:
        self.dialect = url.get_dialect()()
        self._arguments = self.dialect.create_connect_args(url)
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = Lock()
        self._rows: dict[tuple[Any, ...], Any] = {}
        self._rows_version = 0

    async def first(self, prepared: Prepared, values: list[Any]) -> Any | None:
        reader = self._open()
        (version,) = _only(reader, "PRAGMA data_version", ())
        if version != self._rows_version or len(self._rows) >= _ROWS_KEPT:
            self._rows.clear()
            self._rows_version = version
        asked = (prepared.sql, *values)
        if asked in self._rows:
            return self._rows[asked]
        # what is committed between the two is in the row, and the next version tells of it once more
        found = _only(reader, prepared.sql, values)
        row = self._rows[asked] = None if found is None else prepared.row(found)
        return row

    async def all(self, prepared: Prepared, values: list[Any]) -> list[Any]:
        return [prepared.row(row) for row in self._open().execute(prepared.sql, values).fetchall()]

    def _open(self) -> sqlite3.Connection:
        if self._reader is None:
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only = ON")
            self._rows.clear()
        return self._reader

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
