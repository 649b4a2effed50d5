"""Counters of one process: for the time in which those that all share are out of reach."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from threading import Lock

from soundrack import clock
from soundrack.billing.windows.log import EMPTY, MINUTE_US, Log, Rate, Standing, hit, judge, microseconds, prune

_KEPT_BEHIND = 1024


class _Entry:
    """A subject's log and its moments, of which that numbered `base` is the first."""

    __slots__ = ("base", "log", "moments")

    def __init__(self) -> None:
        self.log: Log = EMPTY
        self.base = 0
        self.moments = array("q")

    def at(self, number: int) -> int:
        return self.moments[number - self.base]


class MemoryWindows:
    """Counters in memory. A subject that has sent nothing for a minute is forgotten."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Count a request, as `Windows.hit`."""
        with self._lock:
            now_us = microseconds(clock.now())
            entry = self._entries.setdefault(subject, _Entry())
            log, standing = hit(entry.log, entry.at, rate, now_us)
            if standing.allowed:
                entry.log = log
                entry.moments.append(log.newest)
            if entry.log.first - entry.base >= _KEPT_BEHIND:
                del entry.moments[: entry.log.first - entry.base]
                entry.base = entry.log.first
            self._entries.move_to_end(subject)
            self._forget_idle(now_us)
            return standing

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Look, as `Windows.look`."""
        with self._lock:
            now_us = microseconds(clock.now())
            entry = self._entries.get(subject) or _Entry()
            return judge(prune(entry.log, entry.at, now_us), entry.at, rate, now_us)

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def release(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def _forget_idle(self, now_us: int) -> None:
        while self._entries:
            subject, oldest = next(iter(self._entries.items()))
            if abs(now_us - oldest.log.newest) <= MINUTE_US:
                return
            del self._entries[subject]
