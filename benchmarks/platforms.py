"""``python -m benchmarks.platforms``: one song for several platforms, as ratios to one master of it.

First in this process, warm, each case in turn; then as jobs, each in a sandboxed child.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.material import DURATION_S, RATE_HZ, row, song_of_four_minutes
from soundrack.audio.encoding import write
from soundrack.audio.wav import WavDecoder
from soundrack.jobs.forkclient import Forkclient
from soundrack.jobs.sandbox import Allowance
from soundrack.jobs.task import INPUTS, OUTPUTS, Kind, Task
from soundrack.mastering import Format, Generator, Genre, Order, Platform, Tier, master, release, warm

_ALLOWANCE = Allowance(memory_bytes=2048 * 2**20, cpu_s=600, file_bytes=2048 * 2**20, strict=True)
_CASES = {
    "one": (Platform.SPOTIFY,),
    "two, one target": (Platform.SPOTIFY, Platform.YOUTUBE),
    "two, two targets": (Platform.SPOTIFY, Platform.APPLE_MUSIC),
    "all five, two targets": tuple(Platform),
}
_LONG_S = 600


@dataclass(frozen=True)
class Cost:
    """A run of a case: CPU seconds, and how often the song and its masters were decoded."""

    cpu_s: float
    of_source: int
    of_masters: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.platforms", description=__doc__)
    parser.add_argument("--runs", type=int, default=8, help="how often each")
    options = parser.parse_args()
    warm()
    song = song_of_four_minutes()
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        source = Path(folder, "source.wav")
        write(source, song, RATE_HZ, Format.WAV)
        for tier in Tier:
            in_turn(source, Order(genre=Genre.KPOP, generator=Generator.SUNO, tier=tier), options.runs)
    as_jobs(song)


def in_turn(source: Path, order: Order, runs: int) -> None:
    """Run all cases in turn, each round from another one on, and print what each costs.

    A machine that does other things as well is slower in one round than in another: told are the cheapest run, and the
    median over the rounds of the ratio to the master of the same round.
    """
    cases = {"master": partial(_single, source, order)} | {
        name: partial(_several, source, order, platforms) for name, platforms in _CASES.items()
    }
    names, costs = list(cases), {name: list[Cost]() for name in cases}
    for number in range(runs):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            costs[name].append(_cost(source, cases[name]))
    row(f"{DURATION_S} s of stereo, {order.tier}", "CPU s", "ratio", "song", "masters")
    for name, each in costs.items():
        ratio = median(one.cpu_s / by.cpu_s for one, by in zip(each, costs["master"], strict=True))
        least_s = min(cost.cpu_s for cost in each)
        (counts,) = {(cost.of_source, cost.of_masters) for cost in each}
        row(name, f"{least_s:.3f}", f"{ratio:.2f} x", f"{counts[0]} decoded", f"{counts[1]} decoded")
    print()


def _cost(source: Path, work: Callable[[], None]) -> Cost:
    with decodes() as counted:
        started_s = time.process_time()
        work()
        cpu_s = time.process_time() - started_s
    of_source = counted[source.name]
    return Cost(cpu_s, of_source, counted.total() - of_source)


def _single(source: Path, order: Order) -> None:
    master(source, source.with_name("master"), order)


def _several(source: Path, order: Order, platforms: tuple[Platform, ...]) -> None:
    release(source, {platform: source.with_name(f"{platform}.wav") for platform in platforms}, order)


@contextmanager
def decodes() -> Iterator[Counter[str]]:
    """Count, by its name, how often each WAV file is decoded."""
    counted: Counter[str] = Counter()
    fill = WavDecoder.fill
    seen: set[int] = set()
    decoders: list[WavDecoder] = []

    def counting(self: WavDecoder, out: NDArray[np.float32]) -> int:
        if id(self) not in seen:
            seen.add(id(self))
            decoders.append(self)  # kept, so that no other one gets its id
            counted[Path(self._file.name).name] += 1
        return fill(self, out)

    WavDecoder.fill = counting  # type: ignore[method-assign]  # put back below
    try:
        yield counted
    finally:
        WavDecoder.fill = fill  # type: ignore[method-assign]


def as_jobs(song: NDArray[np.float32]) -> None:
    """Run releases as jobs, the last of them ten minutes long with a reference as long, and print what each takes."""
    forks = Forkclient()
    forks.await_ready()
    row("as a job", "CPU s", "memory MB", "output MB")
    for name, platforms in _CASES.items():
        _job(forks, name, platforms, song, with_reference=False)
    long = np.ascontiguousarray(np.resize(song, (_LONG_S * RATE_HZ, song.shape[1])))
    _job(forks, f"all five, {_LONG_S} s, reference", tuple(Platform), long, with_reference=True)
    forks.close()


def _job(
    forks: Forkclient, name: str, platforms: tuple[Platform, ...], song: NDArray[np.float32], *, with_reference: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        for part in (INPUTS, OUTPUTS):
            Path(folder, part).mkdir()
        for given in ("song", "reference") if with_reference else ("song",):
            write(Path(folder, INPUTS, given), song, RATE_HZ, Format.WAV)
        parameters = {"platforms": list(platforms), "genre": "kpop", "ai_service": "suno", "premium": False}
        task = Task(name, Kind.RELEASE, Path(folder), parameters | {"most_s": _LONG_S}, _ALLOWANCE)
        with forks.run(task) as child:
            *_, last = (event for event in child.follow(1.0) if event is not None)
            end = child.wait()
        if "error" in last:
            raise SystemExit(f"{name}: {last['error']}")
        written = sum(path.stat().st_size for path in Path(folder, OUTPUTS).iterdir())
    row(name, f"{last['cpu_s']:.2f}", f"{end.memory_mb}", f"{written / 2**20:.0f}")


if __name__ == "__main__":
    main()
