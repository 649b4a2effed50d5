"""``python -m benchmarks.sweep``: targets x tracks x formats, and where our masters come out worst.

Each master is decoded and measured by meters that are not ours (:mod:`benchmarks.meters`). What must hold: where the
report says that the target was reached, both meters agree to 0.02 LU; where it was not, the report says why; no true
peak lies above the ceiling at sixteen times the rate; and what had to be limited uses the ceiling to within 0.15 dB.
The exit status is 1 where one of these fails. What lies over the ceiling by a brick wall is shown, and not judged.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.meters import Reading, reading
from benchmarks.tracks import SONGS, TRACKS, Track, obtainable
from soundrack.errors import SoundrackError
from soundrack.mastering import Format, Order, master, warm

_TARGETS_LUFS = (-23.0, -18.0, -16.0, -14.0, -11.0, -9.0, -8.0)
_CEILING_DB = -1.0
_QUICK_TARGETS_LUFS, _QUICK_TRACKS = (-23.0, -14.0, -9.0), ("electronic", "dynamic", "speech", "metal")
_MOST_PROCESSES = 2

_ERROR_LU, _OVER_DB, _UNUSED_DB = 0.02, 0.0, 0.15
_CERTAINLY_LIMITED_DB = 1.0
"""A song whose peaks gain alone would have brought this far above the ceiling counts as limited."""


@dataclass(frozen=True)
class Job:
    """One master to make: of which track, with which reading, to how many LUFS, in which format."""

    track: str
    source: Path
    before: Reading
    target_lufs: float
    form: Format


@dataclass(frozen=True)
class Cell:
    """What came of a job.

    `over_db` is the true peak above the ceiling, `brick_wall_over_db` the same by a brick wall; `unused_db` is what was
    left below it, None where the song need not have been limited. `failure` is the error where there is no master; the
    rest is then 0.
    """

    track: str
    target_lufs: float
    form: str
    reached: bool = False
    reason: str | None = None
    by_libebur128_lu: float = 0.0
    by_ffmpeg_lu: float = 0.0
    over_db: float = 0.0
    brick_wall_over_db: float = 0.0
    unused_db: float | None = None
    cpu_s: float = 0.0
    failure: str | None = None

    def faults(self) -> list[str]:
        """Say what of the promises does not hold."""
        if self.failure is not None:
            return [f"no master: {self.failure}"]
        found = []
        if self.reached and self.error_lu > _ERROR_LU:
            found.append(f"said to be reached, but {self.by_libebur128_lu:+.3f} / {self.by_ffmpeg_lu:+.3f} LU off")
        if not self.reached and not self.reason:
            found.append("not reached, and no reason given")
        if self.over_db > _OVER_DB:
            found.append(f"{self.over_db:.3f} dB over the ceiling")
        if self.unused_db is not None and self.unused_db > _UNUSED_DB:
            found.append(f"{self.unused_db:.2f} dB of the ceiling unused")
        return found

    @property
    def error_lu(self) -> float:
        return max(abs(self.by_libebur128_lu), abs(self.by_ffmpeg_lu))

    @property
    def place(self) -> str:
        return f"{self.track} at {self.target_lufs:g} LUFS"


def main() -> int:
    options = _options()
    chosen = (*TRACKS, *SONGS) if options.whole else TRACKS
    targets, formats = options.targets, [Format(name) for name in options.formats]
    if options.quick:
        chosen, targets = tuple(track for track in TRACKS if track.name in _QUICK_TRACKS), _QUICK_TARGETS_LUFS
    jobs = list(_jobs(chosen, targets, formats))
    started_s = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(options.processes, initializer=warm) as pool:
        cells = list(_watched(pool.imap(_cell, jobs), len(jobs)))
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(cell) for cell in cells], indent=1) + "\n")
    _print(cells)
    print(f"\n{len(cells)} masters in {time.perf_counter() - started_s:.0f} s, metering included")
    return 1 if any(cell.faults() for cell in cells) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three targets on four tracks")
    parser.add_argument("--whole", action="store_true", help="the two whole songs as well")
    parser.add_argument("--targets", type=float, nargs="+", default=_TARGETS_LUFS, metavar="LUFS")
    parser.add_argument("--formats", nargs="+", default=["wav", "flac", "mp3"], metavar="FORMAT")
    parser.add_argument("--processes", type=int, choices=range(1, _MOST_PROCESSES + 1), default=_MOST_PROCESSES)
    parser.add_argument("--json", type=Path, help="where to write every result")
    return parser.parse_args()


def _jobs(tracks: tuple[Track, ...], targets: Iterable[float], formats: list[Format]) -> Iterable[Job]:
    for track, source in obtainable(tracks).items():
        before = reading(source)
        print(f"{track.name:12}{track.kind:28}{_in_words(before)}", flush=True)
        for target_lufs in targets:
            for form in formats:
                yield Job(track.name, source, before, target_lufs, form)


def _in_words(before: Reading) -> str:
    return (
        f"{before.seconds:5.0f} s {before.rate_hz:6} Hz {before.libebur128_lufs:7.2f} LUFS "
        f"{before.true_peak_db:6.2f} dBTP {before.loudness_range_lu:5.1f} LU"
    )


def _watched(cells: Iterable[Cell], count: int) -> Iterable[Cell]:
    """Show how far it is, on a terminal."""
    for number, cell in enumerate(cells, 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {count}", end="", file=sys.stderr, flush=True)
        yield cell


def _cell(job: Job) -> Cell:
    start = partial(Cell, job.track, job.target_lufs, str(job.form))
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        destination = Path(folder, f"master.{job.form}")
        started_s = time.process_time()
        try:
            order = Order(target_lufs=job.target_lufs, ceiling_db=_CEILING_DB, format=job.form)
            report = master(job.source, destination, order)
        except SoundrackError as error:
            return start(failure=str(error))
        cpu_s = time.process_time() - started_s
        after = reading(destination)
    by_ffmpeg_lufs = after.libebur128_lufs if after.ffmpeg_lufs is None else after.ffmpeg_lufs
    turned_up_db = after.libebur128_lufs - job.before.libebur128_lufs
    limited = job.before.true_peak_db + turned_up_db > _CEILING_DB + _CERTAINLY_LIMITED_DB
    return start(
        reached=report.reached,
        reason=report.reason,
        by_libebur128_lu=after.libebur128_lufs - job.target_lufs,
        by_ffmpeg_lu=by_ffmpeg_lufs - job.target_lufs,
        over_db=after.true_peak_db - _CEILING_DB,
        brick_wall_over_db=after.brick_wall_peak_db - _CEILING_DB,
        unused_db=_CEILING_DB - after.true_peak_db if limited else None,
        cpu_s=cpu_s,
    )


def _print(cells: list[Cell]) -> None:
    print(f"\nThe worst of each format, below {_CEILING_DB:g} dBTP\n")
    for form in dict.fromkeys(cell.form for cell in cells):
        made = [cell for cell in cells if cell.form == form and cell.failure is None]
        reached = [cell for cell in made if cell.reached]
        limited = [cell for cell in made if cell.unused_db is not None]
        cpu_s = sum(cell.cpu_s for cell in made)
        print(f"{form}: {len(reached)} reached, {len(made) - len(reached)} not, {cpu_s:.1f} CPU s")
        _print_worst("loudness, libebur128", "LU", reached, lambda cell: abs(cell.by_libebur128_lu))
        _print_worst("loudness, ffmpeg", "LU", reached, lambda cell: abs(cell.by_ffmpeg_lu))
        _print_worst("true peak over the ceiling", "dB", made, lambda cell: cell.over_db)
        _print_worst("the same by a brick wall", "dB", made, lambda cell: cell.brick_wall_over_db)
        _print_worst("ceiling left unused when limited", "dB", limited, lambda cell: cell.unused_db or 0.0)
    missed = [cell for cell in cells if cell.failure is None and not cell.reached]
    print(f"\nNot reached: {len(missed)}")
    for cell in missed:
        print(f"  {cell.form:5}{cell.place:28}{cell.target_lufs + cell.by_libebur128_lu:8.2f} LUFS  {cell.reason}")
    faulty = [cell for cell in cells if cell.faults()]
    print(f"\nPromises broken: {len(faulty)}")
    for cell in faulty:
        print(f"  {cell.form:5}{cell.place:28}{'; '.join(cell.faults())}")


def _print_worst(name: str, unit: str, cells: list[Cell], value: Callable[[Cell], float]) -> None:
    if cells:
        worst = max(cells, key=value)
        print(f"  {name:34}{value(worst):8.3f} {unit}  {worst.place}")


if __name__ == "__main__":
    sys.exit(main())
