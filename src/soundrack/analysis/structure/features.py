"""What each bar sounds like: timbre, harmony and energy, beat by beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS as BANDS_FPS
from soundrack.analysis.features.constant_q import FPS as CHROMA_FPS
from soundrack.analysis.structure.grid import Grid

COEFFICIENTS = 16
_GROUPS = 40
_RANGE_LU = 24.0
_ACTIVE = 95.0


@dataclass(frozen=True)
class BarFeatures:
    """A song bar by bar.

    - `timbre`: float64, shape (bars, beats, coefficients), the cosine transform of the level over frequency, as mel
      cepstra are made (Davis and Mermelstein 1980); the first coefficient is the level.
    - `chroma`: float64, shape (bars, beats, 12), of length 1 or 0.
    - `energy`: float64, shape (bars,), 0 to 1: loudness and onsets beside the song's highest.
    """

    timbre: NDArray[np.float64]
    chroma: NDArray[np.float64]
    energy: NDArray[np.float64]

    def part(self, first: int, last: int) -> BarFeatures:
        """Return those of some bars, from the first up to, not including, the last."""
        return BarFeatures(self.timbre[first:last], self.chroma[first:last], self.energy[first:last])


def bar_features(
    level: NDArray[np.float32], chroma: NDArray[np.float32], energy: NDArray[np.float64], grid: Grid
) -> BarFeatures:
    """Average features over each beat of a grid.

    Parameters
    ----------
    level : float32 array, shape (frames, bands)
        Its compressed magnitudes (:attr:`soundrack.analysis.features.bands.Bands.level`).
    chroma : float32 array, shape (frames, 12)
        Its chroma at `CHROMA_FPS`.
    energy : float64 array, shape (bars,)
        Its energy by bar (:func:`energy_of`).
    grid : Grid
        Bars and beats.
    """
    per_group = -(-level.shape[1] // _GROUPS)
    padded = np.pad(level, ((0, 0), (0, -level.shape[1] % per_group)), mode="edge")
    coarse = padded.reshape(len(level), -1, per_group).mean(axis=2)
    timbre = scipy.fft.dct(_by_beat(coarse, BANDS_FPS, grid), axis=-1, norm="ortho")[..., :COEFFICIENTS]
    pitch = _by_beat(chroma, CHROMA_FPS, grid)
    pitch -= pitch.min(axis=-1, keepdims=True)
    length = np.linalg.norm(pitch, axis=-1, keepdims=True)
    pitch = np.where(length > 1e-9, pitch / np.maximum(length, 1e-9), 0.0)
    return BarFeatures(timbre, pitch, energy)


def energy_of(
    flux: NDArray[np.float64], power: NDArray[np.float64], bounds_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much goes on between each bound and the next, 0 to 1: two thirds loudness, one third onsets.

    `flux` is the spectral flux of each frame of the bands, `power` the K-weighted power every 10 ms.

    The loudness counts from 24 LU below the song's 98th percentile of these, the onsets (spectral flux) beside their
    95th percentile, so that one accent does not make everything else weak.
    """
    if not len(power) or not len(flux):
        return np.zeros(max(len(bounds_s) - 1, 0))
    loud = 10.0 * np.log10(np.maximum(between(power[:, None], hops_per_s(power, bounds_s), bounds_s)[:, 0], 1e-12))
    # what is silent has no energy, however quiet the rest is
    loudness = np.clip(1.0 + (loud - np.percentile(loud, 98.0)) / _RANGE_LU, 0.0, 1.0) * (loud > -70.0)
    risen = between(flux[:, None], BANDS_FPS, bounds_s)[:, 0]
    onsets = np.clip(risen / max(float(np.percentile(risen, _ACTIVE)), 1e-9), 0.0, 1.0)
    energy: NDArray[np.float64] = (2.0 * loudness + onsets) / 3.0 * (loudness > 0.0)
    return energy


def hops_per_s(power: NDArray[np.float64], bounds_s: NDArray[np.float64]) -> float:
    """Return how many hops of power there are a second, where the last bound is the song's end.

    A hop is 10 ms to a whole frame: at 22.05 kHz half an hour has four seconds' worth more of them.
    """
    return len(power) / float(bounds_s[-1])


def between(rows: NDArray[np.floating], fps: float, bounds_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the rows between each bound and the next, shape (bounds - 1, columns)."""
    at = np.clip(np.round(bounds_s * fps).astype(np.int64), 0, len(rows))
    first = np.minimum(at[:-1], len(rows) - 1)
    last = np.maximum(at[1:], first + 1)
    running = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)))
    means: NDArray[np.float64] = (running[last] - running[first]) / (last - first)[:, None]
    return means


def _by_beat(rows: NDArray[np.floating], fps: float, grid: Grid) -> NDArray[np.float64]:
    bars, beats = grid.beats_s.shape[0], grid.beats_s.shape[1] - 1
    bounds = np.append(grid.beats_s[:, :-1].reshape(-1), grid.bounds_s[-1])
    return between(rows, fps, bounds).reshape(bars, beats, -1)
