"""What one look at every sample tells: peaks and sums.

Everything later meters need of the raw samples is taken in one pass, block by block, so that a song is read from
memory once for all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

BLOCK_FRAMES = 128
"""Frames of a block: small enough to pass over finely, large enough to keep the margins of a passed-over one cheap."""

CLIPPED = 1.0 - 2.0**-15
"""The top code of 16 bits: from here on a sample counts as clipped. In 24 bits and floating point that is 0.0003 dB
below full scale."""


@dataclass(frozen=True)
class Survey:
    """What was seen.

    `peaks` holds the largest magnitude of each block of `BLOCK_FRAMES` over all channels, float32. `means` and `powers`
    are each channel's mean and mean square, float64, shape (channels,); `product` is the mean product of the first two
    channels, 0.0 where there is one. `clipped` counts the samples at full scale or beyond.
    """

    peaks: NDArray[np.float32]
    means: NDArray[np.float64]
    powers: NDArray[np.float64]
    product: float
    clipped: int

    @property
    def sample_peak(self) -> float:
        """The largest magnitude of all samples, 0.0 if there are none."""
        return float(self.peaks.max(initial=0.0))


def survey(samples: NDArray[np.float32]) -> Survey:
    """Look at every sample once.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, any number of frames, one channel or more.

    Raises
    ------
    ValueError
        If `samples` has another shape.

    Examples
    --------
    >>> seen = survey(np.array([[0.5, 0.0], [-1.0, 0.0]], dtype=np.float32))
    >>> seen.sample_peak, seen.means.tolist(), seen.clipped
    (1.0, [-0.25, 0.0], 1)
    """
    sums = np.zeros((3, samples.shape[1])) if samples.ndim == 2 else np.zeros((3, 0))
    peaks, clipped = _looked_at(samples, sums)
    sums /= max(len(samples), 1)
    return Survey(peaks, sums[0], sums[1], float(sums[2, 0]) if samples.shape[1] > 1 else 0.0, clipped)


def block_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the `peaks` of :func:`survey` alone."""
    return _looked_at(samples, np.zeros((3, 0)))[0]


def _looked_at(samples: NDArray[np.float32], sums: NDArray[np.float64]) -> tuple[NDArray[np.float32], int]:
    if samples.ndim != 2 or samples.shape[1] == 0:
        raise ValueError(f"expected (frames, channels), got shape {samples.shape}")
    peaks = np.zeros(-(-len(samples) // BLOCK_FRAMES), dtype=np.float32)
    return peaks, int(_survey(samples, peaks, sums))


@kernel
def _survey(samples: NDArray[np.float32], peaks: NDArray[np.float32], sums: NDArray[np.float64]) -> int:
    """Fill the peaks, and the sums unless there is no room for them; return how many samples are clipped."""
    frames, channels = samples.shape
    flat = samples.reshape(-1)
    clipped = 0
    for block in range(len(peaks)):
        part = flat[block * BLOCK_FRAMES * channels : min((block + 1) * BLOCK_FRAMES, frames) * channels]
        peaks[block] = highest(part)
        if peaks[block] >= np.float32(CLIPPED):
            clipped += _count_clipped(part)
        if sums.size == 0:
            continue
        if channels == 2:
            _add_both(part, sums)
        else:
            _add_each(part, channels, sums)
    return clipped


@kernel
def highest(values: NDArray[np.float32]) -> np.float32:
    """Return the largest magnitude, 0.0 if there are no values."""
    best = np.float32(0.0)
    for n in range(len(values)):
        best = max(best, abs(values[n]))
    return best


@kernel
def _count_clipped(values: NDArray[np.float32]) -> int:
    count = 0
    for n in range(len(values)):
        count += abs(values[n]) >= np.float32(CLIPPED)
    return count


@kernel
def _add_both(values: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
    """Add two channels' values, their squares, and their product."""
    left, right, left_squared, right_squared, product = 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(len(values) // 2):
        one, other = np.float64(values[2 * n]), np.float64(values[2 * n + 1])
        left += one
        right += other
        left_squared += one * one
        right_squared += other * other
        product += one * other
    sums[0, 0] += left
    sums[0, 1] += right
    sums[1, 0] += left_squared
    sums[1, 1] += right_squared
    sums[2, 0] += product


@kernel
def _add_each(values: NDArray[np.float32], channels: int, sums: NDArray[np.float64]) -> None:
    """Add each channel's values and their squares, and the product with the next channel's."""
    for channel in range(channels):
        here, there = values[channel:], values[min(channel + 1, channels - 1) :]
        total, squares, products = 0.0, 0.0, 0.0
        for n in range(len(values) // channels):
            value = np.float64(here[n * channels])
            total += value
            squares += value * value
            products += value * np.float64(there[n * channels])
        sums[0, channel] += total
        sums[1, channel] += squares
        sums[2, channel] += products
