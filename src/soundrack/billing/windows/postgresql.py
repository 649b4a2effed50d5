"""Counters in PostgreSQL, shared by all processes on all machines.

A hit is one call of a function that the server keeps: the row of the subject's log is locked, judged and changed there,
in one way to and fro. The rule is that of `log.py`, and the same tests hold both. The tables are unlogged: they cost no
write-ahead log and are empty after a crash of the server, which costs nobody more than a minute.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, Boolean, Text, bindparam, column, func, select
from sqlalchemy.exc import SQLAlchemyError

from soundrack import clock
from soundrack.billing.windows.fallback import OutOfReach
from soundrack.billing.windows.log import SECOND_US, Rate, Standing, microseconds
from soundrack.database import Database
from soundrack.database.lookups import Lookups, Prepared

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SWEEP_EVERY_S = 60.0
_LOCK = 0x536F756E64
"""Held while the tables and functions are made."""


class PostgresqlWindows:
    """Counters in the tables ``request_logs`` and ``request_moments``, made on first use.

    Parameters
    ----------
    database : Database
        Where the tables are made.
    lookups : Lookups
        The way to the same database; whoever gives it closes it.
    patience_s : float
        How long a hit waits for its answer.
    """

    def __init__(self, database: Database, lookups: Lookups, *, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._database = database
        self._lookups = lookups
        source = (resources.files("soundrack.billing.windows") / "postgresql.sql").read_text(encoding="utf-8")
        # a function's name tells its version, since processes of two versions may count in one database
        self._version = hashlib.sha256(source.encode()).hexdigest()[:12]
        self._source = source.replace("VERSION", self._version)
        self._judge = self._prepare_judge()
        self._sweep = self._prepare_sweep()
        self._made = False
        self._sweep_at = time.monotonic() + _SWEEP_EVERY_S

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Count a request, as `Windows.hit`."""
        return await self._call(subject, rate, enter=True)

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Look, as `Windows.look`."""
        return await self._call(subject, rate, enter=False)

    async def close(self) -> None:
        """Nothing is held but what was given."""

    def release(self) -> None:
        """Nothing is held but what was given."""

    async def _call(self, subject: str, rate: Rate, *, enter: bool) -> Standing:
        try:
            async with asyncio.timeout(self._patience_s):
                if not self._made:
                    await asyncio.to_thread(self._make)
                now_us = microseconds(clock.now())
                found: Any = await self._lookups.first(
                    self._judge,
                    subject=subject,
                    per_minute=rate.per_minute,
                    burst=rate.burst or 0,
                    now_us=now_us,
                    enter=enter,
                )
                if time.monotonic() > self._sweep_at:
                    self._sweep_at = time.monotonic() + _SWEEP_EVERY_S
                    await self._lookups.first(self._sweep, now_us=now_us)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError) as error:
            self._made = False  # somebody may have dropped what was made
            raise OutOfReach(f"PostgreSQL: {type(error).__name__}") from error
        return Standing(
            allowed=found.wait_us <= 0,
            limit=rate.per_minute,
            remaining=found.remaining,
            reset_at=_EPOCH + timedelta(microseconds=found.reset_us),
            retry_after_s=max(0, -(-found.wait_us // SECOND_US)),
        )

    def _make(self) -> None:
        """Make tables and functions unless they exist; processes that start at once do so one after another."""
        with self._database.write() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            name = f"soundrack_sweep_{self._version}(bigint)"  # the last of what the file makes
            if connection.execute(select(func.to_regprocedure(name))).scalar_one() is None:
                connection.exec_driver_sql(self._source.replace("%", "%%"))
        self._made = True

    def _prepare_judge(self) -> Prepared:
        call = getattr(func, f"soundrack_judge_{self._version}")(
            bindparam("subject", type_=Text),
            bindparam("per_minute", type_=BigInteger),
            bindparam("burst", type_=BigInteger),
            bindparam("now_us", type_=BigInteger),
            bindparam("enter", type_=Boolean),
        )
        answer = call.table_valued(
            column("remaining", BigInteger), column("reset_us", BigInteger), column("wait_us", BigInteger)
        )
        return self._lookups.prepare(select(answer))

    def _prepare_sweep(self) -> Prepared:
        call = getattr(func, f"soundrack_sweep_{self._version}")(bindparam("now_us", type_=BigInteger))
        return self._lookups.prepare(select(call.label("deleted")))
