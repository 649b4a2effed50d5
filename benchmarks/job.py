"""``python -m benchmarks.job``: four minutes of music through the warm process and a sandboxed child."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.material import DURATION_S, RATE_HZ, song_of_four_minutes
from soundrack.audio.encoding import Format, write
from soundrack.jobs.forkclient import Forkclient
from soundrack.jobs.sandbox import Allowance
from soundrack.jobs.task import INPUTS, OUTPUTS, Kind, Task

_ALLOWANCE = Allowance(memory_bytes=2048 * 2**20, cpu_s=600, file_bytes=2048 * 2**20, strict=True)
_ORDERS = [
    ("balanced", "wav", False),
    ("balanced", "flac", False),
    ("balanced", "mp3", False),
    ("loud", "wav", False),
    ("balanced", "wav", True),
]
"""Preset, format, and whether there is a reference, which is as long as the song."""


def main() -> None:
    started = time.perf_counter()
    forks = Forkclient()
    forks.await_ready()
    print(f"warm process ready in {time.perf_counter() - started:.1f} s; {DURATION_S} s of stereo at {RATE_HZ} Hz\n")
    print(f"{'order':20}{'CPU s':>8}{'wall s':>8}{'x real time':>13}{'memory MB':>11}")
    song = song_of_four_minutes()
    for preset, form, with_reference in _ORDERS:
        with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
            for part in (INPUTS, OUTPUTS):
                Path(folder, part).mkdir()
            for name in ("song", "reference") if with_reference else ("song",):
                write(Path(folder, INPUTS, name), song, RATE_HZ, Format.WAV)
            parameters = {"preset": preset, "format": form, "rate_hz": None}
            title = f"{preset} {form}{' like' if with_reference else ''}"
            _run(forks, Task(title, Kind.MASTER, Path(folder), parameters, _ALLOWANCE))
    forks.close()


def _run(forks: Forkclient, task: Task) -> None:
    started = time.perf_counter()
    with forks.run(task) as child:
        *_, last = (event for event in child.follow(1.0) if event is not None)
        end = child.wait()
    wall_s = time.perf_counter() - started
    if "error" in last:
        raise SystemExit(f"{task.id}: {last['error']}")
    print(f"{task.id:20}{last['cpu_s']:8.2f}{wall_s:8.2f}{DURATION_S / last['cpu_s']:13.0f}{end.memory_mb:11}")


if __name__ == "__main__":
    main()
