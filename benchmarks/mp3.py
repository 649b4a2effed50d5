"""LAME's quality levels at 320 kbit/s: their time, and where their error lies."""

from __future__ import annotations

import io
from itertools import pairwise

import lameenc
import numpy as np
import scipy.fft
import soundfile
from numpy.typing import NDArray

from benchmarks.material import DURATION_S, RATE_HZ, clicks, row, timed
from soundrack.audio.dither import quantised
from soundrack.audio.true_peak import true_peak_db

_DELAY = 1105
"""Of LAME's encoder and any decoder after it: 576 and 529 samples."""
_EXCERPT_S = 30
_WINDOW = 1024


def levels(song: NDArray[np.float32]) -> None:
    """Print a table of quality levels on music and on clicks."""
    row("MP3 at 320 kbit/s, by LAME quality", "seconds", "error, dB", "worst 2 %", "clicks 2 %", "peak, dB")
    excerpt = np.ascontiguousarray(song[: _EXCERPT_S * RATE_HZ])
    hard = clicks(_EXCERPT_S)
    peak_db = true_peak_db(excerpt, oversampling=16)
    for quality in (2, 5, 7):
        seconds, decoded = timed(lambda quality=quality: encoded(excerpt, quality), runs=1)  # type: ignore[misc]
        whole, worst = error_db(excerpt, decoded)
        _, worst_of_clicks = error_db(hard, encoded(hard, quality))
        over_db = true_peak_db(decoded, oversampling=16) - peak_db
        values = (f"{seconds * DURATION_S / _EXCERPT_S:.2f}", f"{whole:.1f}", f"{worst:.1f}", f"{worst_of_clicks:.1f}")
        row(f"q{quality}", *values, f"{over_db:+.3f}")
    print()


def encoded(samples: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    """Return what a decoder makes of the encoded sound, aligned."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(320)
    encoder.set_in_sample_rate(RATE_HZ)
    encoder.set_channels(samples.shape[1])
    encoder.set_quality(quality)
    stream = encoder.encode(quantised(samples, 16).astype("<i2").tobytes()) + encoder.flush()
    decoded, _ = soundfile.read(io.BytesIO(bytes(stream)), dtype="float32", always_2d=True)
    return np.ascontiguousarray(decoded[_DELAY : _DELAY + len(samples)])


def error_db(samples: NDArray[np.float32], decoded: NDArray[np.float32]) -> tuple[float, float]:
    """Return the error's level below the sound: of all, and in the worst fiftieth of all windows and octaves."""
    sound, error = (_octave_powers(part) for part in (samples, decoded - samples[: len(decoded)]))
    error = error[: len(sound)]
    heard = sound > 1e-9
    below = 10.0 * np.log10(error[heard] / sound[heard])
    return float(10.0 * np.log10(error.sum() / sound.sum())), float(np.percentile(below, 98.0))


def _octave_powers(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    windows = samples[: len(samples) // _WINDOW * _WINDOW, 0].reshape(-1, _WINDOW) * np.hanning(_WINDOW)
    power = np.abs(scipy.fft.rfft(windows, axis=1)) ** 2 / _WINDOW
    edges = np.round(100.0 * 2.0 ** np.arange(8) * _WINDOW / RATE_HZ).astype(int)
    return np.stack([power[:, low:high].sum(axis=1) for low, high in pairwise(edges)], axis=1)
