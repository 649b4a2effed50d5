"""What is done while the shared counters are out of reach: each process counts by itself.

To let everything through would open the door to whoever guesses passwords just when nobody watches; to refuse
everything would take the service down with its counters. With a count of its own in each process, limits hold to
within the number of processes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import structlog

from soundrack.billing.windows import Rate, Standing, Windows
from soundrack.billing.windows.memory import MemoryWindows

_TRY_AGAIN_S = 1.0
_SAY_AGAIN_S = 60.0
_LONGEST_SUBJECT = 200
_log = structlog.get_logger()


class OutOfReach(Exception):
    """The shared counters do not answer; the message says what happened, without an address or a password."""


class Fallback:
    """Shared counters with a count of the process's own behind them.

    A store that failed is tried again after a second, by one request; the log says so at most once a minute.

    Parameters
    ----------
    shared : Windows
        The counters that all processes share.
    seconds : callable
        What tells how much time has passed for the next try, since a clock that is set must not stop it.
    """

    def __init__(self, shared: Windows, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self.shared = shared
        self._seconds = seconds
        self._own = MemoryWindows()
        self._failing = False
        self._try_at = self._say_at = float("-inf")

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Count a request, as `Windows.hit`."""
        subject = _storable(subject)
        if self._failing and not self._may_try():
            return await self._own.hit(subject, rate)
        try:
            standing = await self.shared.hit(subject, rate)
        except OutOfReach as error:
            self._fail(error)
            return await self._own.hit(subject, rate)
        if self._failing:
            self._recover()
        return standing

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Look, as `Windows.look`."""
        subject = _storable(subject)
        if self._failing and not self._may_try():
            return await self._own.look(subject, rate)
        try:
            standing = await self.shared.look(subject, rate)
        except OutOfReach as error:
            self._fail(error)
            return await self._own.look(subject, rate)
        if self._failing:
            self._recover()
        return standing

    async def close(self) -> None:
        """Close the shared counters."""
        await self.shared.close()

    def release(self) -> None:
        """Release the shared counters."""
        self.shared.release()

    def _may_try(self) -> bool:
        now = self._seconds()
        if now < self._try_at:
            return False
        self._try_at = now + _TRY_AGAIN_S
        return True

    def _fail(self, error: OutOfReach) -> None:
        now = self._seconds()
        self._failing, self._try_at = True, now + _TRY_AGAIN_S
        if now >= self._say_at:
            self._say_at = now + _SAY_AGAIN_S
            _log.error("rate limits are counted by each process alone", why=str(error))

    def _recover(self) -> None:
        self._failing, self._say_at = False, float("-inf")
        _log.info("rate limits are counted together again")


def _storable(subject: str) -> str:
    """Return a name that every store can keep: what a caller has a part in must not put the counters out of reach."""
    if len(subject) <= _LONGEST_SUBJECT and subject.isprintable():
        return subject
    return f"sha256 {hashlib.sha256(subject.encode(errors='surrogatepass')).hexdigest()}"
