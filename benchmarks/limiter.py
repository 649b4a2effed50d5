"""``python -m benchmarks.limiter``: what counting a request costs, and whether eight processes count to the request.

Ours on SQLite, PostgreSQL and Redis, beside the moving window of `limits` (MIT) in memory and on Redis, in an
environment of its own with pinned versions. `limits` is asked twice for each request, to judge it and to tell what is
left, which the headers need and one hit of ours tells; it knows no second limit for bursts.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import tempfile
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import postgresql, redis
from tests.billing.windows import hammer

from benchmarks import peers
from soundrack.billing.windows import Rate, Windows
from soundrack.billing.windows.log import MINUTE_US, SECOND_US

_HITS = {"sqlite": 20_000, "postgresql": 5_000, "redis": 5_000}
_RUNS = 3
_RATE = Rate(1000, 200)
_ENVIRONMENT = "limits"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limiter", description=__doc__)
    parser.add_argument("--seconds", type=float, default=130.0, help="how long the processes hammer each store")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--only", choices=("cost", "exactness"), help="one part of it")
    options = parser.parse_args()
    with stores() as where:
        if options.only != "exactness":
            cost(where)
        if options.only != "cost":
            exactness(where, options.processes, options.seconds)


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """Start what servers there are, and yield each store's address."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soundrack-bench-")))
        where = {"sqlite": str(folder / "limits.db")}
        where["postgresql"] = stack.enter_context(stack.enter_context(postgresql.started()).database(empty=True))
        if redis.available():
            where["redis"] = stack.enter_context(redis.started()).url
        yield where


def cost(where: dict[str, str]) -> None:
    """Print the cheapest of some runs of each store."""
    print(f"One hit after another, best of {_RUNS}, {_RATE.per_minute} a minute and {_RATE.burst} a second\n")
    row("", "us by the clock", "us of CPU", "hits/s")
    for kind, address in where.items():
        hits = _HITS[kind]
        row(f"soundrack, 100 keys, {kind}", *best(ours(kind, address, hits, _RATE, 100) for _ in range(_RUNS)))
        busy = Rate(1_000_000, 1_000_000)
        row(f"soundrack, one busy key, {kind}", *best(ours(kind, address, hits, busy, 1) for _ in range(_RUNS)))
    if not peers.installed(_ENVIRONMENT):
        print("  (limits is not installed: python -m benchmarks.peers install)")
        return
    for kind, url in (("memory", "memory"), ("redis", where.get("redis"))):
        if url is not None:
            row(f"limits, 100 keys, {kind}", *best(theirs(url, 5_000) for _ in range(_RUNS)))


def ours(kind: str, where: str, hits: int, rate: Rate, keys: int) -> tuple[float, float]:
    """Return the seconds that a hit took, by the clock and of the CPU of this process."""

    async def strike(windows: Windows) -> tuple[float, float]:
        subjects = [f"{time.time_ns()}:{number}" for number in range(keys)]
        for subject in subjects:
            await windows.hit(subject, rate)
        clock_s, cpu_s = time.perf_counter(), time.process_time()
        for number in range(hits):
            await windows.hit(subjects[number % keys], rate)
        return (time.perf_counter() - clock_s) / hits, (time.process_time() - cpu_s) / hits

    async def run() -> tuple[float, float]:
        async with hammer.opened(kind, where) as windows:
            return await strike(windows)

    return asyncio.run(run())


def theirs(where: str, hits: int) -> tuple[float, float]:
    """Return the same of `limits`, in its own environment."""
    script = Path(peers.__file__).parent / "moving_window.py"
    command = [str(peers.python(_ENVIRONMENT)), "-I", str(script), where, str(hits)]
    clock_s, cpu_s = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return clock_s / hits, cpu_s / hits


def exactness(where: dict[str, str], processes: int, seconds: float) -> None:
    """Print how many were let through in the fullest minute and second, and how soon the next ones were."""
    limits = f"{_RATE.per_minute} a minute, {_RATE.burst} a second"
    print(f"\n{processes} processes hit one key for {seconds:.0f} s: {limits}\n")
    row("", "let through", "fullest minute", "fullest second", "longest wait, ms")
    for kind, address in where.items():
        let_through = hammer.run(kind, address, _RATE, processes=processes, seconds=seconds)
        moments = sorted(itertools.chain(*let_through))
        row(
            kind,
            str(len(moments)),
            str(fullest(moments, MINUTE_US)),
            str(fullest(moments, SECOND_US)),
            f"{longest_wait_us(moments) / 1000:.1f}",
        )


def fullest(moments: list[int], window_us: int) -> int:
    """Return the most moments that any window (end - window, end] holds."""
    return max(
        place + 1 - bisect_right(moments, moment - window_us, 0, place + 1) for place, moment in enumerate(moments)
    )


def longest_wait_us(moments: list[int]) -> int:
    """Return how long after there was room again the next request was let through, at most.

    There is room for the n-th a minute after the one `per_minute` before it, a second after the one `burst` before
    it, and at once after the one before it.
    """
    assert _RATE.burst is not None
    waits = [0]
    for place in range(1, len(moments)):
        room = moments[place - 1]
        if place >= _RATE.per_minute:
            room = max(room, moments[place - _RATE.per_minute] + MINUTE_US)
        if place >= _RATE.burst:
            room = max(room, moments[place - _RATE.burst] + SECOND_US)
        waits.append(moments[place] - room)
    return max(waits)


def best(runs: Iterator[tuple[float, float]]) -> tuple[str, str, str]:
    clock_s, cpu_s = (min(seconds) for seconds in zip(*runs, strict=True))
    return f"{clock_s * 1e6:.0f}", f"{cpu_s * 1e6:.0f}", f"{1 / clock_s:,.0f}"


def row(name: str, *cells: str) -> None:
    print(f"  {name:40}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
