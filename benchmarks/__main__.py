"""``python -m benchmarks``: what the sound costs, beside the peers, on this machine."""

from __future__ import annotations

import math
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyebur128
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.encoding import write
from soundrack.audio.files import read
from soundrack.audio.measurement import measure
from soundrack.audio.resampling import resampled
from soundrack.mastering import Format, Order, Preset, master, warm

RATE_HZ = 44_100
DURATION_S = 240

Result = TypeVar("Result")


def main() -> None:
    warm()
    song = song_of_four_minutes()
    print(f"One core, {DURATION_S} s of stereo at {RATE_HZ} Hz, best of three, CPU seconds\n")
    meters(song)
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        masters(song, Path(folder))
    print(f"\nLargest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def song_of_four_minutes() -> NDArray[np.float32]:
    """Real music, one recording after the other."""
    parts = [read(track) for track in sorted(tracks_dir().rglob("*.opus"))[:9]]
    whole = np.concatenate([resampled(part.samples, part.rate_hz, RATE_HZ) for part in parts])
    return np.ascontiguousarray(whole[: DURATION_S * RATE_HZ])


def meters(song: NDArray[np.float32]) -> None:
    ours_s, ours = timed(lambda: measure(song, RATE_HZ))
    strict_s, _ = timed(lambda: measure(song, RATE_HZ, oversampling=16))
    peer_s, (peer_lufs, peer_peak_db) = timed(lambda: libebur128(song))
    row("integrated, range and true peak", "seconds", "ratio")
    row("libebur128", f"{peer_s:.3f}", "1.0 x")
    row("soundrack", f"{ours_s:.3f}", f"{peer_s / ours_s:.1f} x")
    row("soundrack, true peak at 16 x", f"{strict_s:.3f}", f"{peer_s / strict_s:.1f} x")
    row("difference", f"{ours.integrated_lufs - peer_lufs:+.4f} LU", f"{ours.true_peak_db - peer_peak_db:+.3f} dB\n")


def libebur128(song: NDArray[np.float32]) -> tuple[float, float]:
    modes = pyebur128.MeasurementMode
    meter = pyebur128.R128State(2, RATE_HZ, modes.MODE_I | modes.MODE_LRA | modes.MODE_TRUE_PEAK)
    meter.add_frames(song.reshape(-1), len(song))
    pyebur128.get_loudness_range(meter)
    peak = max(pyebur128.get_true_peak(meter, channel) for channel in range(2))
    return pyebur128.get_loudness_global(meter), 20.0 * math.log10(peak)


def masters(song: NDArray[np.float32], folder: Path) -> None:
    source, destination = folder / "source.wav", folder / "master"
    write(source, song, RATE_HZ, Format.WAV)
    row("a master, file to file", "seconds", "real time", "LUFS", "dBTP")
    for order in (
        Order(),
        Order(target_lufs=-10.0),
        Order(Preset.LOUD),
        Order(format=Format.FLAC),
        Order(format=Format.MP3),
    ):
        seconds, report = timed(partial(master, source, destination, order))
        row(
            f"{order.preset}, {order.loudness_lufs:g} LUFS, {order.format}",
            f"{seconds:.2f}",
            f"{DURATION_S / seconds:.0f} x",
            f"{report.after.integrated_lufs:.3f}",
            f"{report.after.true_peak_db:.3f}",
        )
    print()
    row("its stages", "seconds")
    for stage, seconds in stages(source, destination).items():
        row(stage, f"{seconds:.2f}")


def stages(source: Path, destination: Path) -> dict[str, float]:
    spent: dict[str, float] = {}
    before = "start", time.process_time()

    def mark(stage: str, _: float) -> None:
        nonlocal before
        now = time.process_time()
        spent[before[0]] = spent.get(before[0], 0.0) + now - before[1]
        before = stage, now

    master(source, destination, Order(), progress=mark)
    del spent["start"]
    return spent


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the CPU seconds of the fastest of three runs, and the result."""
    fastest_s = math.inf
    for _ in range(3):
        started_s = time.process_time()
        result = work()
        fastest_s = min(fastest_s, time.process_time() - started_s)
    return fastest_s, result


def row(name: str, *values: str) -> None:
    print(f"{name:36}" + "".join(f"{value:>13}" for value in values))


if __name__ == "__main__":
    main()
