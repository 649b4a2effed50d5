"""Meters that are not ours, read on the written file, and sounds for them."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyebur128
import soundfile
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import firwin, welch

from soundrack.audio.files import read

_BLOCK, _STEP, _LOBES = 256, 64, 64


def decoded(path: Path) -> tuple[NDArray[np.float32], int]:
    """Return a file's samples, shape (frames, channels), and rate; by libsndfile, but M4A, which it cannot read."""
    status = path.stat()
    return _decoded(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)
def _decoded(path: Path, *_which: int) -> tuple[NDArray[np.float32], int]:
    """Read a file once for all that is measured on it."""
    if path.read_bytes()[4:8] == b"ftyp":
        sound = read(path)
        samples, rate_hz = sound.samples, sound.rate_hz
    else:
        samples, rate_hz = soundfile.read(path, always_2d=True, dtype="float32")
    samples.flags.writeable = False
    return samples, rate_hz


def lufs(path: Path) -> float:
    """Integrated loudness of a file by libebur128."""
    return integrated(*decoded(path))


def integrated(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Integrated loudness by libebur128."""
    meter = pyebur128.R128State(samples.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(np.ascontiguousarray(samples).reshape(-1), len(samples))
    return float(pyebur128.get_loudness_global(meter))


def true_peak_db(path: Path) -> float:
    """True peak of a file, in dBTP (:func:`strict_peak_db`)."""
    return strict_peak_db(decoded(path)[0])


def strict_peak_db(samples: NDArray[np.float32]) -> float:
    """True peak at sixteen times the rate by a polyphase filter, in dBTP.

    The filter is sharper than that of ``resample_poly``, which lets images of what lies close to half the rate through:
    noise then reads 0.05 dB too high. Only where samples lie within 3 dB of the highest is looked between them.
    """
    padded = np.pad(samples.T.astype(np.float64), ((0, 0), (_LOBES, _LOBES + _BLOCK)))
    blocks = sliding_window_view(padded, _BLOCK + 2 * _LOBES, axis=1)[:, ::_BLOCK].reshape(-1, _BLOCK + 2 * _LOBES)
    highest = np.abs(blocks).max(axis=1)
    peak = float(highest.max())
    hot = blocks[highest > 0.7 * peak]
    for first in range(0, len(hot), 64):
        around = sliding_window_view(hot[first : first + 64], _STEP + 2 * _LOBES, axis=1)[:, ::_STEP]
        between = around.reshape(-1, _STEP + 2 * _LOBES) @ _interpolation()
        peak = max(peak, float(between.max()), -float(between.min()))
    return float(20.0 * np.log10(peak))


@cache
def _interpolation() -> NDArray[np.float64]:
    """The filter as a matrix: from `_STEP` samples and those around them to sixteen times as many."""
    sharp = 16.0 * firwin(2 * _LOBES * 16 + 1, 1.0 / 16.0, window=("kaiser", 8.0))
    phases = np.pad(sharp, (0, 15)).reshape(-1, 16)[::-1]
    matrix = np.zeros((_STEP + 2 * _LOBES, _STEP, 16))
    for place in range(_STEP):
        matrix[place : place + len(phases), place] = phases
    return matrix.reshape(len(matrix), -1)


def third_octaves_db(samples: NDArray[np.float32], rate_hz: int, from_hz: float, to_hz: float) -> NDArray[np.float64]:
    """Levels of the third octaves of one channel from Welch's periodogram, their mean taken off."""
    hz, density = welch(samples, rate_hz, nperseg=8192)
    centres = 1000.0 * 2.0 ** (np.arange(-15, 13) / 3.0)
    centres = centres[(centres >= from_hz) & (centres <= to_hz)]
    power = [density[(hz >= f * 2.0 ** (-1 / 6)) & (hz < f * 2.0 ** (1 / 6))].mean() for f in centres]
    levels = 10.0 * np.log10(np.array(power))
    return np.asarray(levels - levels.mean())


def music(duration_s: float, *, rate_hz: int = 44_100, channels: int = 2, level: float = 0.2) -> NDArray[np.float32]:
    """Return coloured noise with a beat: as much like music as these tests need."""
    frames = round(duration_s * rate_hz)
    noise = np.random.default_rng(3).standard_normal((frames, channels))
    for _ in range(2):
        noise[1:] += 0.7 * noise[:-1]
    beat = 0.2 + np.exp(-6.0 * (np.arange(frames) % (rate_hz // 2)) / rate_hz)[:, None]
    return np.asarray(level * noise * beat / np.abs(noise * beat).max(), dtype=np.float32)


def wav(path: Path, samples: NDArray[np.float32], rate_hz: int = 44_100, subtype: str = "FLOAT") -> Path:
    """Write a WAV file and return its path."""
    soundfile.write(path, samples, rate_hz, format="WAV", subtype=subtype)
    return path
