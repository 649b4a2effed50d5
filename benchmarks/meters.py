"""Meters that are not ours, for files: ``python -m benchmarks.meters FILE...`` prints a line of JSON for each.

Files are decoded by libsndfile, and by ffmpeg for its own meter; nothing of Soundrack takes part.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyebur128
import scipy.signal
import soundfile
from numpy.typing import NDArray

from benchmarks.peers import ffmpeg

_COARSE, _STRICT = 4, 16
_STRICT_TAPS, _BRICK_WALL_TAPS = 64, 256
_AT_ONCE = 4096
_LOW_AT_MOST_DB = 1.0
"""What a meter at four times the rate can read low is 20 log10 cos(pi / 8) = -0.69 dB, for a tone at half the rate."""

_FINE_LUFS = re.compile(r"lavfi\.r128\.I=(-?[\d.]+)")


@dataclass(frozen=True)
class Reading:
    """What a file measures.

    `ffmpeg_lufs` is None where there is no ffmpeg. `true_peak_db` is read at sixteen times the rate by an interpolator
    that is flat to 20 kHz at 44.1 kHz, as a good converter's is; `brick_wall_peak_db` by one that is flat to 0.98 of
    half the rate, as no converter's is: what both read differently lies above 20 kHz. `plr_db` is of the former.
    """

    seconds: float
    rate_hz: int
    libebur128_lufs: float
    ffmpeg_lufs: float | None
    loudness_range_lu: float
    true_peak_db: float
    brick_wall_peak_db: float
    plr_db: float


def reading(path: Path) -> Reading:
    """Measure a file."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    lufs, range_lu = _libebur128(samples, rate_hz)
    peak_db, brick_wall_db = (strict_true_peak_db(samples, taps) for taps in (_STRICT_TAPS, _BRICK_WALL_TAPS))
    seconds = len(samples) / rate_hz
    return Reading(seconds, rate_hz, lufs, _ffmpeg_lufs(path), range_lu, peak_db, brick_wall_db, peak_db - lufs)


def strict_true_peak_db(samples: NDArray[np.float32], taps_per_phase: int = _STRICT_TAPS) -> float:
    """Return the highest value between samples, at sixteen times the rate, in dBTP.

    The whole is interpolated at four times the rate (`scipy.signal.resample_poly`). Around each crest that comes within
    1 dB of the highest value found there, further than which that meter cannot read low, it is interpolated again at
    sixteen times, by a sinc under a Kaiser window of beta 9 that keeps the samples. Crests of a signal without content
    above half its rate lie further apart than the quarter of a sample that is looked at on both sides.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels)
        Full scale = 1.0; silence is assumed before and after.
    taps_per_phase : int
        Even. 64 are flat to 0.91 of half the rate, 256 to 0.98.
    """
    taps = scipy.signal.firwin(taps_per_phase * _STRICT + 1, 1.0 / _STRICT, window=("kaiser", 9.0))
    coarse = [np.abs(scipy.signal.resample_poly(channel, _COARSE, 1)) for channel in samples.T]
    matters = max(float(values.max()) for values in coarse) * 10.0 ** (-_LOW_AT_MOST_DB / 20.0)
    peak = float(np.abs(samples).max())
    for channel, values in zip(samples.T, coarse, strict=True):
        inner = values[1:-1]
        crest = (inner > matters) & (inner >= values[:-2]) & (inner >= values[2:])
        peak = max(peak, _highest_between(channel, np.flatnonzero(crest) + 1, _STRICT * taps))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def _highest_between(channel: NDArray[np.float32], crests: NDArray[np.intp], taps: NDArray[np.float64]) -> float:
    """Return the highest magnitude at sixteen times the rate around positions at four times the rate."""
    phases = taps[:-1].reshape(-1, _STRICT)[::-1]  # newest sample last, as in a window
    length = len(phases)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(channel, length), length)
    peak = 0.0
    step = _STRICT // _COARSE
    for offset in range(-step, step + 1):
        places = step * crests + offset + length // 2 * _STRICT  # the filter's delay
        for at in np.array_split(places, 1 + len(places) // _AT_ONCE):
            values = np.einsum("nk,kn->n", windows[at // _STRICT + 1], phases[:, at % _STRICT])
            peak = max(peak, float(np.abs(values).max(initial=0.0)))
    return peak


def _libebur128(samples: NDArray[np.float32], rate_hz: int) -> tuple[float, float]:
    modes = pyebur128.MeasurementMode
    meter = pyebur128.R128State(samples.shape[1], rate_hz, modes.MODE_I | modes.MODE_LRA)
    meter.add_frames(samples.reshape(-1), len(samples))
    return pyebur128.get_loudness_global(meter), pyebur128.get_loudness_range(meter)


def _ffmpeg_lufs(path: Path) -> float | None:
    """Return ffmpeg's integrated loudness to a thousandth, from what its meter attaches to the last frame."""
    if ffmpeg() is None:
        return None
    meter = "ebur128=metadata=1:framelog=verbose,ametadata=mode=print:key=lavfi.r128.I:file=-"
    command = ["ffmpeg", "-hide_banner", "-nostats", "-nostdin", "-v", "error", "-i", str(path), "-af", meter]
    ran = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True)
    return float(_FINE_LUFS.findall(ran.stdout)[-1])


def main() -> None:
    for name in sys.argv[1:]:
        print(json.dumps(asdict(reading(Path(name)))), flush=True)


if __name__ == "__main__":
    main()
