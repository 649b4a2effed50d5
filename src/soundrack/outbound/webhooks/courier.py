"""The courier: makes deliveries of events, sends them, and writes down what came of it.

One event loop posts, and now and then makes a round: one transaction for everything that has come up, the attempts
that have ended, the events to expand, the deliveries to hold. A round that fails is made again, and what it would have
written is kept for the next.

A thread waits for the database's lock, and for its disk; the statements between, a few milliseconds, run in the loop.
Were they run in the thread, the two would hand the interpreter to and fro at each row, which costs four times as much
as the statements do.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeVar, TypeVarTuple

import structlog
from sqlalchemy import Connection

from soundrack import clock
from soundrack.database import Database
from soundrack.errors import SoundrackError
from soundrack.outbound import Lines, Outbound
from soundrack.outbound.webhooks import claims, deliveries, results
from soundrack.outbound.webhooks import secrets as signing_secrets
from soundrack.outbound.webhooks.claims import Parcel
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.outbound.webhooks.expansion import Expansion
from soundrack.outbound.webhooks.keyring import Keyring
from soundrack.outbound.webhooks.results import Outcome, Settled
from soundrack.outbound.webhooks.schemes import Message
from soundrack.outbound.webhooks.switchboard import QUICK_S, Pace, Switchboard
from soundrack.outbound.webhooks.voice import Voices
from soundrack.settings import Settings
from soundrack.vault import Vault

POLL_S = 0.1
"""How soon something new is noticed when there is nothing to do."""

_PAUSE_S = 0.05
_MANY_OUTCOMES = 256
_SETTLES_IN_S = 10.0
"""Time to write an attempt down before its lease ends."""
_GRACE_S = 1.0
_LONGEST_TROUBLE_S = 10.0
_SWEEP_EVERY_S = 600.0
_NO_SECRET = "The delivery cannot be signed: there is no active secret, or it cannot be opened."  # noqa: S105  a message
_OUR_FAULT = "The delivery could not be sent for a fault of ours, which has been logged."
_log = structlog.get_logger()

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")
Witness = Callable[[Connection, Endpoint], None]
"""Is told, in the same transaction, of an endpoint that was switched off."""


class Courier:
    """One courier; several may share a database. `run` returns when it has been told to stop.

    Parameters
    ----------
    voices : Voices
        The services that have webhooks.
    switched_off : Witness
        Is told of each endpoint that is given up, so that its owner hears of it.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        vault: Vault,
        outbound: Outbound,
        voices: Voices,
        switched_off: Witness,
    ) -> None:
        self.id = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._settings = settings
        self._database = database
        self._outbound = outbound
        self._voices = voices
        self._switched_off = switched_off
        self._expansion = Expansion(voices)
        self._keyring = Keyring(vault)
        self._attempt_s = settings.outbound_webhook_s
        self._lease = timedelta(seconds=2 * self._attempt_s + _SETTLES_IN_S)
        self._thread = ThreadPoolExecutor(1, "courier-database")
        self._board = Switchboard()
        self._outcomes: list[Outcome] = []
        self._untried: list[Parcel] = []
        self._attempts: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Deliver until `stop`."""
        _log.info("courier ready", courier=self.id)
        swept_at, trouble_s = 0.0, POLL_S
        async with self._outbound.lines() as lines:
            while not self._stopping:
                pause_s = POLL_S
                try:
                    if await self._round(lines):
                        pause_s = _PAUSE_S
                    if time.monotonic() - swept_at > _SWEEP_EVERY_S:
                        swept_at = time.monotonic()
                        await self._in_thread(self._sweep)
                    trouble_s = POLL_S
                except Exception:  # noqa: BLE001
                    _log.exception("courier's round failed")
                    pause_s = trouble_s = min(2 * trouble_s, _LONGEST_TROUBLE_S)
                await self._rest(pause_s)
            await self._put_down()
        self._thread.shutdown()

    def stop(self) -> None:
        """Have `run` give everything back and return within about two seconds. To be called in its event loop."""
        self._stopping = True
        self._wake.set()

    async def _rest(self, pause_s: float) -> None:
        """Wait a little, and not longer than until there is much to do."""
        if pause_s > _PAUSE_S and not self._stopping:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause_s)
        else:
            await asyncio.sleep(_PAUSE_S)
        if not self._stopping:
            self._wake.clear()

    async def _round(self, lines: Lines) -> bool:
        """Do what there is to do; False if it was nothing."""
        self._untried += self._board.drain(self._is_late)
        async with self._transaction(self._database.read()) as connection:
            is_waiting, due = self._expansion.is_waiting(connection), claims.due_receivers(connection)
        wants, room = self._board.wants(due)
        if not (self._outcomes or self._untried or is_waiting or wants):
            return False
        expanded = 0
        async with self._writing() as connection:
            if is_waiting:
                expanded = self._expansion.round(connection)
            parcels = claims.claim(connection, self._keyring, self.id, wants, room, lease=self._lease)
        self._board.add(parcels)
        self._start(lines)
        return bool(parcels or expanded)

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[Connection]:
        """Open a transaction in which what has ended is written first; if it fails, that is kept for the next."""
        outcomes, untried, settled = self._outcomes, self._untried, None
        self._outcomes, self._untried = [], []
        try:
            async with self._transaction(self._database.write()) as connection:
                if outcomes:
                    disable_after = timedelta(hours=self._settings.webhook_disable_h)
                    settled = results.settle(connection, self.id, outcomes, disable_after=disable_after)
                    for endpoint in settled.disabled:
                        self._switched_off(connection, endpoint)
                if untried:
                    claims.give_back(connection, self.id, untried)
                yield connection
        except BaseException:
            self._outcomes, self._untried = outcomes + self._outcomes, untried + self._untried
            raise
        self._tell(settled)

    @asynccontextmanager
    async def _transaction(self, block: AbstractContextManager[Connection]) -> AsyncGenerator[Connection]:
        """Begin and end a transaction in the thread."""
        connection = await self._in_thread(block.__enter__)
        try:
            yield connection
        except BaseException as error:
            await self._in_thread(block.__exit__, type(error), error, error.__traceback__)
            raise
        await self._in_thread(block.__exit__, None, None, None)

    def _start(self, lines: Lines) -> None:
        while (parcel := self._next()) is not None:
            task = asyncio.create_task(self._attempts_from(parcel, lines))
            self._attempts.add(task)
            task.add_done_callback(self._attempts.discard)

    async def _attempts_from(self, first: Parcel, lines: Lines) -> None:
        """Make an attempt, and go on with another for as long as there is a place: a task for each costs more."""
        parcel: Parcel | None = first
        while parcel is not None:
            await self._attempt(parcel, lines)
            parcel = self._next()
            if parcel is not None:
                self._start(lines)

    def _next(self) -> Parcel | None:
        return None if self._stopping else self._board.next()

    async def _attempt(self, parcel: Parcel, lines: Lines) -> None:
        started_at, started = clock.now(), time.monotonic()
        status, error, answer = None, "", b""
        try:
            if not parcel.signings:
                error = _NO_SECRET
            else:
                headers = self._headers(parcel)
                said = await self._outbound.post(parcel.url, parcel.body, headers, over=lines)
                status, answer = said.status, said.body
        except SoundrackError as refusal:
            error = str(refusal)
        except asyncio.CancelledError:
            self._untried.append(parcel)
            self._board.done(parcel, None)
            raise
        except Exception:  # noqa: BLE001
            _log.exception("attempt failed", delivery=parcel.id)
            error = _OUR_FAULT
        elapsed_s = time.monotonic() - started
        outcome = Outcome(parcel, started_at, round(1000 * elapsed_s), status, error, answer)
        self._outcomes.append(outcome)
        self._board.done(parcel, _pace(outcome, elapsed_s))
        if len(self._outcomes) >= _MANY_OUTCOMES:
            self._wake.set()

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        message = Message(parcel.id, parcel.event_name, parcel.body, clock.now())
        signed = self._voices[parcel.service].scheme.headers(message, parcel.signings)
        return {"Content-Type": "application/json"} | signed

    def _is_late(self, parcel: Parcel) -> bool:
        """Say whether an attempt begun now might outlast the lease."""
        return parcel.lease_ends - time.monotonic() < self._attempt_s + _SETTLES_IN_S / 2

    async def _put_down(self) -> None:
        """Let attempts under way end for a second, break off the others, and give back what was not tried."""
        self._untried += self._board.drain(lambda _: True)
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=_GRACE_S)
        for task in self._attempts:
            task.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)
        try:
            async with self._writing():
                pass
        except Exception:  # noqa: BLE001
            _log.exception("courier could not give back what it held; its leases will run out")
        _log.info("courier stopped", courier=self.id)

    def _sweep(self) -> None:
        with self._database.write() as connection:
            deliveries.sweep(connection, timedelta(days=self._settings.webhook_retention_days))
            signing_secrets.sweep(connection)

    @staticmethod
    def _tell(settled: Settled | None) -> None:
        if settled is None:
            return
        for parcel in settled.failed:
            _log.warning(
                "webhook given up", delivery=parcel.id, account=parcel.account_id, job=parcel.job_id,
                endpoint=parcel.endpoint_id, receiver=parcel.receiver,
            )  # fmt: skip
        for endpoint in settled.disabled:
            _log.warning(
                "webhook switched off", endpoint=endpoint.id, account=endpoint.account_id,
                because=endpoint.disabled_because,
            )  # fmt: skip

    async def _in_thread(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def _pace(outcome: Outcome, elapsed_s: float) -> Pace:
    if not outcome.accepted:
        return Pace.FAILING
    return Pace.QUICK if elapsed_s < QUICK_S else Pace.SLOW
