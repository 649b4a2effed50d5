"""The rule of the sliding window, on the log of a subject: the moments at which its requests were let through.

A subject may be let through `per_minute` times in any 60 s and `burst` times in any one second, both judged at once.
A refused request is not in the log. A window is open at its beginning: what was let through exactly a minute ago is not
in it any more.

Moments are whole microseconds since 1970, and numbered; the log of a subject is the numbers from `first` to `next`, of
which a store keeps the moments, so that judging costs the same however many there are. Moments only grow with their
numbers: a request that comes when the clock has gone back is judged and entered at the newest moment. A log that ends
more than a minute in the future is that of a clock that was wrong, and is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MINUTE_US = 60_000_000
SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a subject may be let through.

    Parameters
    ----------
    per_minute : int
        In any 60 s, at least 1.
    burst : int, optional
        In any one second, at least 1; None: as often as the minute has room for.
    """

    per_minute: int
    burst: int | None = None

    def __post_init__(self) -> None:
        if self.per_minute < 1 or (self.burst is not None and self.burst < 1):
            raise ValueError("a rate lets at least one request through")


class Standing(NamedTuple):
    """How a subject stands in its minute, after the request that was judged.

    Parameters
    ----------
    allowed : bool
        Whether the request was let through; for a look, whether one would be.
    limit, remaining : int
        Requests in a minute, and how many of them are left; `burst` has no part in it.
    reset_at : datetime
        When the whole limit is free again if nothing more is let through; now, if it is free.
    retry_after_s : int
        Whole seconds after which a request will pass if nothing else is sent, at least 1; 0 if it is allowed.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_at: datetime
    retry_after_s: int

    @property
    def reset_s(self) -> int:
        """`reset_at` in whole seconds since 1970, rounded up, as headers carry it."""
        return -(-microseconds(self.reset_at) // SECOND_US)


class Log(NamedTuple):
    """The state of a subject's log.

    Parameters
    ----------
    first, next : int
        The number of the oldest moment that counts, and that of the moment that will be entered next; equal: none.
    oldest, newest : int
        The moments of `first` and of the one before `next`; without a meaning where there is none.
    """

    first: int
    next: int
    oldest: int
    newest: int


EMPTY = Log(0, 0, 0, 0)
At = Callable[[int], int]
"""From a number between a log's `first` and `next` to its moment."""


def microseconds(moment: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def hit(log: Log, at: At, rate: Rate, now_us: int) -> tuple[Log, Standing]:
    """Judge a request and, if it is let through, enter it: the store then keeps the moment `newest`.

    Parameters
    ----------
    log : Log
        As it was left by the last hit.
    now_us : int
        What the clock says.
    """
    log = prune(log, at, now_us)
    standing = judge(log, at, rate, now_us)
    if not standing.allowed:
        return log, standing
    newest = _judged_at(log, now_us)
    oldest = log.oldest if log.next > log.first else newest
    entered = Log(log.first, log.next + 1, oldest, newest)
    reset_at = _EPOCH + _MICROSECOND * (newest + MINUTE_US)
    return entered, Standing(True, standing.limit, standing.remaining - 1, reset_at, 0)


def prune(log: Log, at: At, now_us: int) -> Log:
    """Return the log without what is not in the last minute."""
    if log.first == log.next:
        return log
    before = _judged_at(log, now_us) - MINUTE_US
    if log.newest <= before or log.newest > now_us + MINUTE_US:
        return log._replace(first=log.next)
    if log.oldest > before:
        return log
    # `low` has left and `high` has not; the steps double, then what lies between is halved
    low, high, step = log.first, log.next - 1, 1
    while low + step < high and at(low + step) <= before:
        low += step
        step *= 2
    high = min(high, low + step)
    while high - low > 1:
        middle = (low + high) // 2
        if at(middle) <= before:
            low = middle
        else:
            high = middle
    return log._replace(first=high, oldest=at(high))


def judge(log: Log, at: At, rate: Rate, now_us: int) -> Standing:
    """Judge a request, without entering it, on a log that was pruned at the same moment."""
    count = log.next - log.first
    passes_at = now_us
    if count >= rate.per_minute:
        passes_at = at(log.next - rate.per_minute) + MINUTE_US
    if rate.burst is not None and count >= rate.burst:
        second_ends = at(log.next - rate.burst) + SECOND_US
        if second_ends > _judged_at(log, now_us):
            passes_at = max(passes_at, second_ends)
    wait_us = passes_at - now_us
    return Standing(
        allowed=wait_us <= 0,
        limit=rate.per_minute,
        remaining=max(0, rate.per_minute - count),
        reset_at=_EPOCH + _MICROSECOND * (log.newest + MINUTE_US if count else now_us),
        retry_after_s=max(0, -(-wait_us // SECOND_US)),
    )


def _judged_at(log: Log, now_us: int) -> int:
    return max(now_us, log.newest) if log.next > log.first and log.newest <= now_us + MINUTE_US else now_us
