"""A song in narrow bands, fifty times a second: what beats, timbre and energy are told by.

The filterbank is the one that the beat network was trained with (Heydari, Cwitkowitz and Duan, "BeatNet: CRNN and
particle filtering for online joint beat, downbeat and meter tracking", ISMIR 2021; Böck et al., "madmom: a new Python
audio and music signal processing library", ACM Multimedia 2016): triangles that overlap by half, 24 an octave and
one spectral line wide at least, each with an area of one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ
from soundrack.audio.kernels import kernel

FPS = 50
"""Frames in a second: frame n is centred on the time n / FPS."""

_HOP = RATE_HZ // FPS
_FRAME = 1411
"""64 ms, in samples."""
_LINES = _FRAME // 2
_PER_OCTAVE = 24
_LOWEST_HZ, _HIGHEST_HZ, _REFERENCE_HZ = 30.0, 17_000.0, 440.0
_FRAMES_AT_ONCE = 64
_DECADES = np.float32(1.0 / np.log(10.0))


@dataclass(frozen=True)
class Bands:
    """The magnitudes of a song in narrow bands.

    `magnitude` is float32, shape (frames, bands), not negative: frame n is centred on n / `FPS` seconds, and a sine of
    amplitude a in the middle of a band that is one line wide reads 352 a. `centres_hz` is float64, shape (bands,),
    ascending, from 47 Hz to 11 kHz; below 550 Hz the bands lie 15.6 Hz apart, the spectrum's own grid, from 1.1 kHz on
    24 an octave.
    """

    magnitude: NDArray[np.float32]
    centres_hz: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        """How long it plays, to 20 ms."""
        return len(self.magnitude) / FPS

    @property
    def level(self) -> NDArray[np.float32]:
        """The compressed magnitude, log10(1 + magnitude): float32, shape (frames, bands)."""
        level: NDArray[np.float32] = np.log1p(self.magnitude)
        level *= _DECADES
        return level

    @property
    def flux(self) -> NDArray[np.float32]:
        """What `level` has risen by since the frame before, 0 where it fell: float32, shape (frames, bands)."""
        return rise(self.level)

    def between(self, low_hz: float, high_hz: float) -> slice:
        """Return the bands whose centres lie from `low_hz` up to, not including, `high_hz`."""
        first, stop = np.searchsorted(self.centres_hz, (low_hz, high_hz))
        return slice(int(first), int(stop))


def rise(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a level has risen by since the frame before, 0 where it fell and in the first frame.

    Parameters
    ----------
    level : float32 array, shape (frames, bands)
        As `Bands.level`.

    Returns
    -------
    float32 array of the same shape
    """
    risen = np.zeros_like(level)
    np.subtract(level[1:], level[:-1], out=risen[1:])
    np.maximum(risen, np.float32(0.0), out=risen)
    return risen


def bands(mono: NDArray[np.float32]) -> Bands:
    """Return the magnitudes of a sound in narrow bands, every 20 ms.

    Parameters
    ----------
    mono : float32 array, shape (n,)
        A sound at `RATE_HZ`, full scale 1.0, finite. Beyond both ends there is silence.

    Returns
    -------
    Bands
        Of ``ceil(n / 441)`` frames.

    Raises
    ------
    ValueError
        If `mono` has more than one dimension.
    """
    if mono.ndim != 1:
        raise ValueError(f"expected one channel, shape (n,), got shape {mono.shape}")
    bank = _filterbank()
    frames = -(-len(mono) // _HOP)
    magnitude = np.zeros((frames, len(bank.centres_hz)), np.float32)
    window = np.hanning(_FRAME).astype(np.float32)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, frames - first)
        excerpt = _excerpt(mono, first * _HOP - _FRAME // 2, (count - 1) * _HOP + _FRAME)
        spectra = scipy.fft.rfft(sliding_window_view(excerpt, _FRAME)[::_HOP] * window, axis=1)
        _filtered(spectra.view(np.float32), bank.first_lines, bank.weights, magnitude[first : first + count])
    return Bands(magnitude, bank.centres_hz)


def _excerpt(mono: NDArray[np.float32], start: int, length: int) -> NDArray[np.float32]:
    """Return `length` samples from `start` on, with zeros where there are none."""
    if start >= 0 and start + length <= len(mono):
        return mono[start : start + length]
    excerpt = np.zeros(length, np.float32)
    there = mono[max(start, 0) : start + length]
    excerpt[max(-start, 0) : max(-start, 0) + len(there)] = there
    return excerpt


@dataclass(frozen=True)
class _Filterbank:
    """Filters over a spectrum's lines: `weights`, shape (bands, widest), count from line `first_lines[band, 0]`."""

    centres_hz: NDArray[np.float64]
    first_lines: NDArray[np.int64]
    weights: NDArray[np.float32]


@cache
def _filterbank() -> _Filterbank:
    # madmom spreads its 705 lines from 0 up to half the rate, exclusive, as if the frame were even.
    lines_hz = np.arange(_LINES, dtype=np.float64) * (RATE_HZ / 2 / _LINES)
    lowest, highest = (math.log2(hz / _REFERENCE_HZ) * _PER_OCTAVE for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    steps = np.arange(math.ceil(lowest), math.floor(highest) + 1, dtype=np.float64)
    corners = np.unique(_nearest(lines_hz, _REFERENCE_HZ * 2.0 ** (steps / _PER_OCTAVE)))
    filters = [_triangle(*corners[band : band + 3]) for band in range(len(corners) - 2)]
    weights = np.zeros((len(filters), max(map(len, filters))), np.float32)
    for row, triangle in zip(weights, filters, strict=True):
        row[: len(triangle)] = triangle / triangle.sum()
    return _Filterbank(lines_hz[corners[1:-1]], np.ascontiguousarray(corners[:-2, None]), weights)


def _nearest(lines_hz: NDArray[np.float64], wanted_hz: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the line nearest to each frequency, the upper one of two that are as near."""
    above = np.clip(np.searchsorted(lines_hz, wanted_hz), 1, len(lines_hz) - 1)
    return above - (wanted_hz - lines_hz[above - 1] < lines_hz[above] - wanted_hz)


def _triangle(start: int, centre: int, stop: int) -> NDArray[np.float64]:
    """Return a filter's weights from line `start` on: it rises to 1 at `centre` and would be 0 again at `stop`."""
    rising = np.linspace(0.0, 1.0, centre - start, endpoint=False)
    return np.concatenate((rising, np.linspace(1.0, 0.0, stop - centre, endpoint=False)))


@kernel
def _filtered(
    spectra: NDArray[np.float32],
    first_lines: NDArray[np.int64],
    weights: NDArray[np.float32],
    magnitude: NDArray[np.float32],
) -> None:
    """Write what each filter lets through; real and imaginary parts alternate in a row of `spectra`."""
    lines, widest = spectra.shape[1] // 2, weights.shape[1]
    line = np.zeros(lines + widest, np.float32)
    for frame in range(len(magnitude)):
        for k in range(lines):
            real, imaginary = spectra[frame, 2 * k], spectra[frame, 2 * k + 1]
            line[k] = np.sqrt(real * real + imaginary * imaginary)
        for band in range(len(weights)):
            first = first_lines[band, 0]
            total = np.float32(0.0)
            for tap in range(widest):
                total += weights[band, tap] * line[first + tap]
            magnitude[frame, band] = total
