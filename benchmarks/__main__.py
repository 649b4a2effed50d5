"""``python -m benchmarks``: what the sound costs, beside the peers, on this machine."""

from __future__ import annotations

import math
import resource
import tempfile
import time
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyebur128
import scipy.fft
from numpy.typing import NDArray

from benchmarks import mp3
from benchmarks.material import DURATION_S, RATE_HZ, row, song_of_four_minutes, timed
from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.crossover import control_points, crossovers, mix_bands_in_place
from soundrack.audio.encoding import write
from soundrack.audio.files import read
from soundrack.audio.loudness import hop_power, integrated_lufs, loudness_range_lu
from soundrack.audio.measurement import measure
from soundrack.audio.portrait import portrait
from soundrack.audio.true_peak import true_peak_db
from soundrack.mastering import Format, Order, Preset, master, warm

_TAPS = 4095


def main() -> None:
    warm()
    song = song_of_four_minutes()
    print(f"One core, {DURATION_S} s of stereo at {RATE_HZ} Hz, best of three, CPU seconds\n")
    meters(song)
    filters(song)
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        files(song, Path(folder))
        mp3.levels(song)
        masters(song, Path(folder))
    print(f"\nLargest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def meters(song: NDArray[np.float32]) -> None:
    ours_s, (lufs, _, peak_db) = timed(lambda: three_meters(song))
    strict_s, _ = timed(lambda: three_meters(song, oversampling=16))
    all_s, _ = timed(lambda: measure(song, RATE_HZ))
    portrait_s, _ = timed(lambda: portrait(song, RATE_HZ))
    peer_s, (peer_lufs, peer_peak_db) = timed(lambda: libebur128(song))
    row("integrated, range and true peak", "seconds", "ratio", "LUFS", "dBTP")
    row("libebur128", f"{peer_s:.3f}", "1.0 x", f"{peer_lufs:.3f}", f"{peer_peak_db:.3f}")
    row("soundrack", f"{ours_s:.3f}", f"{peer_s / ours_s:.1f} x", f"{lufs:.3f}", f"{peak_db:.3f}")
    row("soundrack, true peak at 16 x", f"{strict_s:.3f}", f"{peer_s / strict_s:.1f} x")
    row("soundrack, all 20 meters", f"{all_s:.3f}", f"{peer_s / all_s:.1f} x")
    row("soundrack, all meters, curves and spectra", f"{portrait_s:.3f}", f"{peer_s / portrait_s:.1f} x")
    integrated_s, _ = timed(lambda: integrated_lufs(hop_power(song, RATE_HZ)))
    row("\nintegrated loudness alone", " seconds", "ratio", "LUFS")
    if find_spec("pyloudnorm"):
        meter = import_module("pyloudnorm").Meter(RATE_HZ)
        peer_s, peer_lufs = timed(lambda: float(meter.integrated_loudness(song)), runs=1)
        row("pyloudnorm", f"{peer_s:.3f}", "1.0 x", f"{peer_lufs:.3f}")
        row("soundrack", f"{integrated_s:.3f}", f"{peer_s / integrated_s:.1f} x", f"{lufs:.3f}\n")
    else:
        row("soundrack (pyloudnorm is not installed)", f"{integrated_s:.3f}", "", f"{lufs:.3f}\n")


def three_meters(song: NDArray[np.float32], oversampling: int = 4) -> tuple[float, float, float]:
    power = hop_power(song, RATE_HZ)
    return integrated_lufs(power), loudness_range_lu(power), true_peak_db(song, oversampling=oversampling)


def libebur128(song: NDArray[np.float32]) -> tuple[float, float]:
    modes = pyebur128.MeasurementMode
    meter = pyebur128.R128State(2, RATE_HZ, modes.MODE_I | modes.MODE_LRA | modes.MODE_TRUE_PEAK)
    meter.add_frames(song.reshape(-1), len(song))
    pyebur128.get_loudness_range(meter)
    peak = max(pyebur128.get_true_peak(meter, channel) for channel in range(2))
    return pyebur128.get_loudness_global(meter), 20.0 * math.log10(peak)


def filters(song: NDArray[np.float32]) -> None:
    scratch = song.copy()
    taps = np.zeros(_TAPS, dtype=np.float32)
    taps[_TAPS // 2] = 1.0  # what it does not change can be filtered in place again and again
    size = 1 << (6 * _TAPS - 1).bit_length()
    blocks = -(-len(song) // (size - _TAPS + 1))
    batch = np.ones((8, size), dtype=np.complex64)

    def transforms() -> None:
        for _ in range(-(-blocks // 8)):
            scipy.fft.ifft(scipy.fft.fft(batch, axis=1), axis=1, overwrite_x=True)

    alone_s, _ = timed(transforms)
    filter_s, _ = timed(lambda: convolve_in_place(scratch, taps))
    row("a filter of 4095 taps", "seconds", "ratio")
    row("its packed transforms alone", f"{alone_s:.3f}", "1.0 x")
    row("the filter", f"{filter_s:.3f}", f"{filter_s / alone_s:.2f} x\n")
    split = crossovers(RATE_HZ, (160.0, 3000.0))
    gains = np.ones((control_points(len(song)) + 1, 3), dtype=np.float32)
    split_s, _ = timed(lambda: mix_bands_in_place(scratch, split, gains))
    row("three bands under control-rate gain", f"{split_s:.3f}\n")


def files(song: NDArray[np.float32], folder: Path) -> None:
    row("files", "write", "read")
    for format in (Format.WAV, Format.FLAC):
        path = folder / f"song.{format}"
        write_s, _ = timed(partial(write, path, song, RATE_HZ, format))
        read_s, _ = timed(partial(read, path))
        row(f"{format}, 24 bits", f"{write_s:.3f}", f"{read_s:.3f}")
    print()


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
            f"{order.preset}, {report.plan.loudness.target_lufs:g} LUFS, {order.format}",
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


if __name__ == "__main__":
    main()
