"""Counters in a SQLite file of their own, shared by the processes of one machine.

The file is apart from the database because it is written at every request and its loss costs nobody more than a minute:
it is not synchronised to the disk, and what is found damaged is thrown away.

The hits of one turn of the event loop are one short transaction in it: that takes less than the way to a thread.
Whoever finds the file held by another process tries again at once a few times, since it is held for some 50 µs, and
lets the event loop go on before it tries again.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from soundrack import clock
from soundrack.billing.windows.fallback import OutOfReach
from soundrack.billing.windows.log import EMPTY, MINUTE_US, At, Log, Rate, Standing, hit, judge, microseconds, prune
from soundrack.database.rounds import Rounds

Execute = Callable[..., sqlite3.Cursor]
Asked = tuple[str, Rate]

_VERSION = 1
_TABLES = (
    # `swept`: moments before this number have been deleted
    """CREATE TABLE IF NOT EXISTS logs (
        id INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE,
        first INTEGER NOT NULL, next INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
        swept INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS moments (
        log INTEGER NOT NULL, number INTEGER NOT NULL, moment INTEGER NOT NULL, PRIMARY KEY (log, number)
        ) WITHOUT ROWID""",
)
_FIND = "SELECT id, swept, first, next, oldest, newest FROM logs WHERE subject = ?"
_MOMENT = "SELECT moment FROM moments WHERE log = ? AND number = ?"
_OPEN = "INSERT INTO logs (subject, first, next, oldest, newest, swept) VALUES (?, 0, 0, 0, 0, 0)"
_ENTER = "INSERT INTO moments (log, number, moment) VALUES (?, ?, ?)"
_KEEP = "UPDATE logs SET first = ?, next = ?, oldest = ?, newest = ?, swept = ? WHERE id = ?"
_DROP_MOMENTS = "DELETE FROM moments WHERE log = ? AND number >= ? AND number < ?"
_GO_ROUND = "SELECT id, newest, next, swept FROM logs WHERE id > ? ORDER BY id LIMIT ?"
_DROP_LOG = "DELETE FROM logs WHERE id = ?"
_MARK_SWEPT = "UPDATE logs SET swept = ? WHERE id = ?"

_MOST_AT_ONCE = 64
_DROP_AT_ONCE = 64
_CARE_EVERY_HITS = 64
_SWEEP_LOGS = 32
_SWEEP_MOMENTS = 512
_IDLE_US = 2 * MINUTE_US
_TRIES_AT_ONCE = 12
_PAUSE_S = 0.0005
_OPENING_S = 5.0


class _Damaged(Exception):
    """The file holds what it cannot hold."""


class SqliteWindows:
    """Counters in a file.

    Parameters
    ----------
    path : Path
        The file; it is made, and made anew if it is damaged.
    patience_s : float
        How long a hit waits for other processes before it gives up.
    """

    def __init__(self, path: Path, *, patience_s: float = 1.0) -> None:
        self._path = path
        self._patience_s = patience_s
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None
        self._hits = Rounds(self._hit_together, at_once=1, most=_MOST_AT_ONCE)
        self._until_care = _CARE_EVERY_HITS
        self._gone_round_to = 0
        self._inode = 0

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Count a request, as `Windows.hit`."""
        return await self._hits.ask((subject, rate))

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Look, as `Windows.look`."""
        return (await self._patiently(self._look_at, [(subject, rate)]))[0]

    async def close(self) -> None:
        """Close the file."""
        self.release()

    def release(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    async def _hit_together(self, asked: list[Asked]) -> list[Standing]:
        return await self._patiently(self._hit_all, asked)

    async def _patiently(self, act: Callable[[list[Asked]], list[Standing]], asked: list[Asked]) -> list[Standing]:
        give_up_at = None
        while True:
            for _ in range(_TRIES_AT_ONCE):
                try:
                    with self._lock:
                        return act(asked)
                except (sqlite3.Error, _Damaged) as error:
                    if not _is(error, sqlite3.SQLITE_BUSY):
                        self._give_up(error)
                        raise OutOfReach(f"limits.db: {error}") from error
                os.sched_yield()
            if give_up_at is None:
                give_up_at = time.monotonic() + self._patience_s
            elif time.monotonic() > give_up_at:
                raise OutOfReach(f"SQLite: another process has held limits.db for {self._patience_s:g} s")
            await asyncio.sleep(_PAUSE_S * random.random())  # noqa: S311  only to fall out of step

    def _hit_all(self, asked: list[Asked]) -> list[Standing]:
        execute = self._connection().execute
        execute("BEGIN IMMEDIATE")
        try:
            now_us = microseconds(clock.now())  # not before the file is ours, so that moments come in order
            standings = [_hit(execute, subject, rate, now_us) for subject, rate in asked]
            self._until_care -= len(asked)
            care = self._until_care <= 0
            if care:
                self._until_care = _CARE_EVERY_HITS
                self._sweep(execute, now_us)
            execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        if care:
            self._close_if_replaced()
        return standings

    def _look_at(self, asked: list[Asked]) -> list[Standing]:
        execute = self._connection().execute
        execute("BEGIN")
        try:
            now_us = microseconds(clock.now())
            return [_look(execute, subject, rate, now_us) for subject, rate in asked]
        finally:
            self._roll_back()

    def _sweep(self, execute: Execute, now_us: int) -> None:
        """Look at a few logs, those after the last ones, and delete what is idle; it never takes long."""
        passed = execute(_GO_ROUND, (self._gone_round_to, _SWEEP_LOGS)).fetchall()
        self._gone_round_to = passed[-1][0] if passed else 0
        for log_id, newest, following, swept in passed:
            if abs(now_us - newest) <= _IDLE_US:
                continue
            upto = min(following, swept + _SWEEP_MOMENTS)
            execute(_DROP_MOMENTS, (log_id, swept, upto))
            if upto == following:
                execute(_DROP_LOG, (log_id,))
            else:
                execute(_MARK_SWEPT, (upto, log_id))

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = _open(self._path)
            self._inode = self._path.stat().st_ino
        return self._opened

    def _give_up(self, error: Exception) -> None:
        """Close a file that failed, to be opened anew by the next hit, and delete it if it is damaged."""
        with self._lock:
            self._close()
            if isinstance(error, _Damaged) or _is(error, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                for end in ("", "-wal", "-shm"):
                    Path(f"{self._path}{end}").unlink(missing_ok=True)

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def _close_if_replaced(self) -> None:
        """Another process may have found the file damaged and made it anew: this one would count apart."""
        try:
            replaced = self._path.stat().st_ino != self._inode
        except OSError:
            replaced = True
        if replaced:
            self._close()

    def _roll_back(self) -> None:
        if self._opened is not None and self._opened.in_transaction:
            self._opened.execute("ROLLBACK")


def _hit(execute: Execute, subject: str, rate: Rate, now_us: int) -> Standing:
    log_id, swept, before = _find(execute, subject)
    log, standing = hit(before, _reader(execute, log_id), rate, now_us)
    if standing.allowed:
        if log_id is None:
            log_id = execute(_OPEN, (subject,)).lastrowid
        execute(_ENTER, (log_id, log.next - 1, log.newest))
        if log.first - swept >= _DROP_AT_ONCE:
            upto = min(log.first, swept + 2 * _DROP_AT_ONCE)
            execute(_DROP_MOMENTS, (log_id, swept, upto))
            swept = upto
        execute(_KEEP, (*log, swept, log_id))
    return standing


def _look(execute: Execute, subject: str, rate: Rate, now_us: int) -> Standing:
    log_id, _, log = _find(execute, subject)
    at = _reader(execute, log_id)
    return judge(prune(log, at, now_us), at, rate, now_us)


def _find(execute: Execute, subject: str) -> tuple[int | None, int, Log]:
    """Return a log's number in the file, up to where it is swept, and how it was left."""
    found = execute(_FIND, (subject,)).fetchone()
    if found is None:
        return None, 0, EMPTY
    log_id, swept, *log = found
    return log_id, swept, Log(*log)


def _reader(execute: Execute, log_id: int | None) -> At:
    def at(number: int) -> int:
        found = execute(_MOMENT, (log_id, number)).fetchone()
        if found is None:
            raise _Damaged("a moment is missing")
        moment: int = found[0]
        return moment

    return at


def _is(error: Exception, *codes: int) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in codes


def _open(path: Path) -> sqlite3.Connection:
    # not of the thread that opens it: tests run one event loop after another, each in a thread of its own
    connection = sqlite3.connect(path, isolation_level=None, timeout=_OPENING_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _VERSION}:
            raise _Damaged(f"its version is {version}, not {_VERSION}")
        if version == 0:
            connection.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                connection.execute(table)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        connection.close()
        raise
    return connection
