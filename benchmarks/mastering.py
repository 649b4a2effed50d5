"""``python -m benchmarks.mastering [INPUT...]``: a master by us and by each peer, each in a process of its own.

An input is the path of a WAV file or the name of one of the tracks of :mod:`benchmarks.tracks`; two whole songs if none
is given, or four minutes of pop where Debian's packages cannot be had. Ours is run as the command line, start and all,
like the peers; and as a warm worker, whose seconds are those of the call alone: plain, towards the reference, in the
premium tier, and to MP3. Loudness and true peak are measured by meters that are not ours (:mod:`benchmarks.meters`).
``--distortion`` measures the limiters instead (:mod:`benchmarks.distortion`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.contender import Failed, Usage, run
from benchmarks.peers import PEERS, Peer

_PYTHON = sys.executable
_OURS, _OURS_WARM = "soundrack", "soundrack, warm"
_COLUMNS = (
    ("CPU s", 8),
    ("of ours", 9),
    ("real time", 11),
    ("wall s", 8),
    ("MB", 7),
    ("of ours", 9),
    ("libebur128", 12),
    ("ffmpeg", 9),
    ("dBTP 16x", 10),
    ("PLR", 7),
)
_SONGS, _REFERENCE = ("aftermath", "chains"), "northerners"
_STAND_IN = "medley"


@dataclass(frozen=True)
class Task:
    """What is asked of each: the paths of the song and of a record to sound like, LUFS and dBTP."""

    source: Path
    reference: Path | None
    target_lufs: float
    ceiling_db: float
    runs: int

    def arguments(self, destination: Path) -> list[str]:
        return [str(self.source), str(destination), f"{self.target_lufs:g}", f"{self.ceiling_db:g}"]


@dataclass(frozen=True)
class Result:
    """What one of them took, and what came out; `failure` says why nothing did."""

    name: str
    usage: Usage | None = None
    reading: dict[str, Any] | None = None
    failure: str | None = None
    remark: str | None = None


def main() -> int:
    options = _options()
    if options.distortion:
        return run_alone("benchmarks.distortion")
    chosen = [peer for peer in PEERS if options.peers is None or peer.name in options.peers]
    inputs = options.inputs or list(_SONGS)
    named = prepared([name for name in [*inputs, options.reference or _REFERENCE] if not Path(name).is_file()])
    if not options.inputs and not named.keys() & set(_SONGS):
        inputs, named = [_STAND_IN], named | prepared([_STAND_IN])
    reference = _found(options.reference or _REFERENCE, named)
    failed = False
    for name in inputs:
        source = _found(name, named)
        if source is None:
            print(f"{name} cannot be had here\n")
            failed = True
            continue
        task = Task(source, reference, options.target, options.ceiling, options.runs)
        results = list(compared(task, chosen))
        print_table(name, task, results)
        failed |= any(result.failure for result in results if result.name.startswith(_OURS))
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mastering", description=__doc__)
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    parser.add_argument("--target", type=float, default=-14.0, help="LUFS (default %(default)g)")
    parser.add_argument("--ceiling", type=float, default=-1.0, help="dBTP (default %(default)g)")
    parser.add_argument("--reference", help="a path or a track, for those who need one")
    parser.add_argument("--peers", type=lambda names: names.split(","), help="which, by commas; all if not given")
    parser.add_argument("--runs", type=int, default=1, help="how often each; the cheapest counts")
    parser.add_argument("--distortion", action="store_true", help="measure the limiters")
    options = parser.parse_args()
    if unknown := set(options.peers or ()) - {peer.name for peer in PEERS} - {""}:
        parser.error(f"no peer is called {', '.join(sorted(unknown))}; there are {', '.join(p.name for p in PEERS)}")
    return options


def run_alone(module: str, *arguments: str) -> int:
    """Run a module in a process of its own, its output here, and return its status."""
    return subprocess.run([_PYTHON, "-m", module, *arguments], check=False).returncode


def prepared(names: list[str]) -> dict[str, Path]:
    """Fetch tracks, and return the paths of those that could be had."""
    if not names:
        return {}
    ran = subprocess.run([_PYTHON, "-m", "benchmarks.tracks", *names], check=False, stdout=subprocess.PIPE, text=True)
    return {name: Path(path) for name, path in (line.split(" ", 1) for line in ran.stdout.splitlines())}


def _found(name: str, named: dict[str, Path]) -> Path | None:
    return Path(name).resolve() if Path(name).is_file() else named.get(name)


def compared(task: Task, peers: list[Peer]) -> Iterator[Result]:
    """Let each master the song, and measure what came out."""
    yield _result(_OURS_WARM, task, partial(_warm, task))
    if task.reference is not None:
        yield _result(f"{_OURS_WARM}, ref", task, partial(_warm, task, reference=task.reference))
    yield _result(f"{_OURS_WARM}, prem", task, partial(_warm, task, tier="premium"))
    yield _result(f"{_OURS_WARM}, mp3", task, partial(_warm, task), ending="mp3")
    yield _result(_OURS, task, partial(_command_line, task))
    for peer in peers:
        if (missing := peer.missing()) is not None:
            yield Result(peer.name, failure=missing)
        elif peer.needs_reference and task.reference is None:
            yield Result(peer.name, failure="there is no reference")
        else:
            yield _result(peer.name, task, partial(_peers_command, peer, task))


def _peers_command(peer: Peer, task: Task, destination: Path) -> list[str]:
    return peer.command(*task.arguments(destination), *([] if task.reference is None else [str(task.reference)]))


def _warm(task: Task, destination: Path, *, tier: str = "standard", reference: Path | None = None) -> list[str]:
    arguments = [*task.arguments(destination), tier, *([] if reference is None else [str(reference)])]
    return [_PYTHON, "-m", "benchmarks.worker", *arguments]


def _command_line(task: Task, destination: Path) -> list[str]:
    source, out, target, ceiling = task.arguments(destination)
    return [_PYTHON, "-m", "soundrack", "master", source, out, "--lufs", target, "--ceiling", ceiling]


def _result(name: str, task: Task, command: Callable[[Path], list[str]], ending: str = "wav") -> Result:
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        destination = Path(folder, f"master.{ending}")
        try:
            usage = run(command(destination), task.runs)
            reading = json.loads(run([_PYTHON, "-m", "benchmarks.meters", str(destination)]).printed)
        except Failed as error:
            return Result(name, failure=str(error))
    if not name.startswith(_OURS_WARM):
        return Result(name, usage, reading)
    call = json.loads(usage.printed)
    return Result(name, replace(usage, wall_s=call["wall_s"], cpu_s=call["cpu_s"]), reading, remark=call["reason"])


def print_table(name: str, task: Task, results: list[Result]) -> None:
    """Print what each took and gave, and its CPU seconds and memory as multiples of our warm worker's."""
    before = json.loads(run([_PYTHON, "-m", "benchmarks.meters", str(task.source)]).printed)
    ours = next((result.usage for result in results if result.name == _OURS_WARM), None)
    print(
        f"{name}: {before['seconds']:.0f} s at {before['rate_hz']} Hz, "
        f"to {task.target_lufs:g} LUFS below {task.ceiling_db:g} dBTP"
    )
    print(f"{'':21}" + "".join(f"{title:>{width}}" for title, width in _COLUMNS))
    print(f"{'(the song)':21}" + _row([""] * 6 + _read(before)))
    for result in results:
        if result.usage is None or result.reading is None:
            print(f"{result.name:21}  {result.failure}")
            continue
        print(f"{result.name:21}" + _row(_took(result.usage, ours, before["seconds"]) + _read(result.reading)))
        if result.remark:
            print(f"{'':20}{result.remark}")
    print(flush=True)


def _took(usage: Usage, ours: Usage | None, seconds: float) -> list[str]:
    ratios = ["-", "-"]
    if ours is not None:
        ratios = [f"{usage.cpu_s / ours.cpu_s:.1f} x", f"{usage.memory_mb / ours.memory_mb:.1f} x"]
    cpu_s, wall_s, memory_mb = f"{usage.cpu_s:.2f}", f"{usage.wall_s:.2f}", f"{usage.memory_mb:.0f}"
    return [cpu_s, ratios[0], f"{seconds / usage.cpu_s:.0f} x", wall_s, memory_mb, ratios[1]]


def _read(reading: dict[str, Any]) -> list[str]:
    by_ffmpeg = "-" if reading["ffmpeg_lufs"] is None else f"{reading['ffmpeg_lufs']:.3f}"
    peak_db, plr_db = f"{reading['true_peak_db']:.3f}", f"{reading['plr_db']:.2f}"
    return [f"{reading['libebur128_lufs']:.3f}", by_ffmpeg, peak_db, plr_db]


def _row(cells: list[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, _COLUMNS, strict=True))


if __name__ == "__main__":
    sys.exit(main())
