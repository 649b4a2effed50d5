"""Tuning: how far a recording's A lies from 440 Hz."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ

A4_HZ = 440.0
_WINDOW = 8192
"""0.37 s: from 150 Hz upwards semitones lie three bins apart, and interpolation places a peak between bins."""
_MOST_WINDOWS = 120
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 2200.0
_BELOW_LOUDEST = 0.03
"""A peak counts down to 30 dB below the loudest of its window."""
_AROUND = 24
_PROMINENT = 3.0
"""A peak must stand so far above the mean of the 49 bins about it: those of noise seldom do."""
LEAST_AGREEMENT = 0.32
"""Below it peaks lie anywhere: noise, speech and drums have no tuning."""


@dataclass(frozen=True)
class Tuning:
    """How a sound is tuned.

    `cents` is how far its A lies above 440 Hz, from -50 (included) to 50, and 0 where nothing tells; `agreement`, 0 to
    1, how well its spectral peaks lie on one equally tempered scale: near 0 for noise, speech and most drums.
    """

    cents: float
    agreement: float


def tuning(mono: NDArray[np.float32]) -> Tuning:
    """Estimate the tuning of a sound.

    Each spectral peak lies some way from the nearest note of the equally tempered scale at 440 Hz; the deviations are
    averaged on the circle of 100 cents, weighted by the square root of their magnitude (Dressler and Streich, "Tuning
    frequency estimation using circular statistics", ISMIR 2007). Peaks are placed by a parabola through the logarithm
    of three bins.

    Parameters
    ----------
    mono : float32 array, shape (n,)
        The sound at `RATE_HZ`. Of a long one, 120 windows are looked at, evenly spread.
    """
    starts = np.linspace(0, max(len(mono) - _WINDOW, 0), min(_MOST_WINDOWS, 1 + len(mono) // (_WINDOW // 2)))
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    total, weights, squares = 0.0 + 0.0j, 0.0, 0.0
    for start in starts.astype(np.int64):
        piece = mono[start : start + _WINDOW]
        if len(piece) < _WINDOW:
            piece = np.pad(piece, (0, _WINDOW - len(piece)))
        frequencies_hz, magnitudes = _peaks(np.abs(scipy.fft.rfft(piece * window)))
        weight = np.sqrt(magnitudes)
        total += (weight * np.exp(2j * np.pi * 12.0 * np.log2(frequencies_hz / A4_HZ))).sum()
        weights += float(weight.sum())
        squares += float(magnitudes.sum())
    agreement = _agreement(abs(total), weights, squares)
    if agreement < LEAST_AGREEMENT:
        return Tuning(0.0, agreement)
    cents = float(np.angle(total)) / (2.0 * np.pi) * 100.0
    return Tuning(-50.0 if cents >= 50.0 else cents, agreement)


def _agreement(length: float, weights: float, squares: float) -> float:
    """Return the mean direction's length without what as many directions at random would have."""
    if not squares or weights * weights <= squares:
        return 0.0
    count = weights * weights / squares
    return float(np.sqrt(max(count * (length / weights) ** 2 - 1.0, 0.0) / (count - 1.0)))


def _peaks(spectrum: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the frequencies and magnitudes of the peaks within range."""
    first, last = (round(edge_hz * _WINDOW / RATE_HZ) for edge_hz in (_LOWEST_HZ, _HIGHEST_HZ))
    middle = spectrum[first:last]
    before, after = spectrum[first - 1 : last - 1], spectrum[first + 1 : last + 1]
    loudest = float(middle.max())
    running = np.cumsum(spectrum[: last + _AROUND + 1], dtype=np.float64)
    sums = running[first + _AROUND : last + _AROUND] - running[first - _AROUND - 1 : last - _AROUND - 1]
    least = np.maximum(_BELOW_LOUDEST * loudest, _PROMINENT / (2 * _AROUND + 1) * sums)
    found = np.flatnonzero((middle > before) & (middle >= after) & (middle > least))
    if not loudest or not len(found):
        return np.zeros(0), np.zeros(0)
    sides = (before[found], middle[found], after[found])
    below, here, above = (np.log(np.maximum(side, 1e-12 * loudest).astype(np.float64)) for side in sides)
    offset = 0.5 * (below - above) / (below - 2.0 * here + above)
    return (found + first + offset) * RATE_HZ / _WINDOW, np.exp(here)
