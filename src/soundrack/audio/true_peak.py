"""True peak: the highest value a signal reaches between its samples (ITU-R BS.1770-5, Annex 2).

The signal is interpolated by a cascade of half-band filters, each of which puts one value between any two. The first
has 48 taps and a narrow transition, so that a tone at 20 kHz is still read right at 44.1 kHz; the later ones see a
signal with ever more room above it and need few. Nearly all of a song cannot hold the maximum: a block whose highest
value, times the most that the rest of the cascade can amplify (its absolute sum), stays below what is looked for is
passed over at each step. The answer is the same as without that gate, at a fraction of the work.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES, points_for
from soundrack.audio.kernels import kernel

BLOCK_FRAMES = 128
"""Frames tested at once by the gate: small enough to skip finely, large enough to keep the margins cheap."""
MARGIN_FRAMES = 32
"""What the cascade needs of its surroundings on either side of a block."""

_TAPS = (48, 12, 8, 6)
_KAISER_BETA = 6.5
_CURVE_LEVELS = 3


def true_peak_db(samples: NDArray[np.float32], *, oversampling: int = 4) -> float:
    """Return the true peak of a signal in dBTP.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Linear PCM, full scale = 1.0. Must be finite. Silence is assumed before and after.
    oversampling : int
        2, 4, 8 or 16. 4 is the standard's; 16 is strict: within 0.01 dB for a steady tone up to 20 kHz.

    Returns
    -------
    float
        Peak over all channels in dB relative to full scale; ``-inf`` for digital silence.

    Raises
    ------
    ValueError
        If `samples` is not two-dimensional or `oversampling` is none of these.

    Examples
    --------
    A sine at a quarter of the rate, sampled 45 degrees off its crests, peaks 3 dB above its samples:

    >>> n = np.arange(48_000)
    >>> tone = (np.sin(2 * np.pi * n / 4 + np.pi / 4) * np.hanning(48_000)).astype(np.float32)[:, None]
    >>> f"samples {20 * np.log10(np.abs(tone).max()):.1f} dB, between them {abs(true_peak_db(tone)):.1f} dB"
    'samples -3.0 dB, between them 0.0 dB'
    """
    if samples.ndim != 2:
        raise ValueError(f"expected (frames, channels), got shape {samples.shape}")
    levels = {2: 1, 4: 2, 8: 3, 16: 4}.get(oversampling)
    if levels is None:
        raise ValueError(f"oversampling must be 2, 4, 8 or 16, not {oversampling}")
    peak = float(_peak(samples, *_cascade(levels)))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def peak_curve(samples: NDArray[np.float32], floor: float) -> NDArray[np.float32]:
    """Return the true peak of each step of a gain curve (:mod:`soundrack.audio.gain`), at eight times the rate.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite.
    floor : float
        What does not matter: where the true peak is at most this, some value of at most this is given.

    Returns
    -------
    float32 array, shape (points_for(frames) - 1,)
        Largest magnitude over all channels from one point of the curve to the next.
    """
    peaks = np.zeros(points_for(len(samples)) - 1, dtype=np.float32)
    _peak_curve(samples, np.float32(floor), *_cascade(_CURVE_LEVELS), peaks)
    return peaks


@cache
def _cascade(levels: int) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Return the filters, shape (levels, most taps), their lengths, and the most that each and all after it amplify."""
    filters = np.zeros((levels, max(_TAPS)), dtype=np.float32)
    for level, taps in enumerate(_TAPS[:levels]):
        offsets = np.arange(taps) - (taps - 1) / 2.0
        half_band = np.sinc(offsets) * np.kaiser(taps, _KAISER_BETA)
        filters[level, :taps] = half_band / half_band.sum()
    most_gain = [_absolute_sum(filters[level:], _TAPS[level:levels]) for level in range(levels)]
    # A hair of reserve covers single-precision rounding in the sums themselves.
    return filters, np.array(_TAPS[:levels]), np.array(most_gain, dtype=np.float32) * np.float32(1.00001)


def _absolute_sum(filters: NDArray[np.float32], lengths: tuple[int, ...]) -> float:
    """Return the largest absolute sum of the filters that lead from one grid to each value of the last one."""
    response = np.ones(1)
    for taps, length in zip(filters, lengths, strict=False):
        both = np.zeros(2 * length - 1)
        both[0::2] = taps[:length]
        both[length - 1] += 1.0  # the values of the coarser grid are kept; even lengths put them between the taps
        spread = np.zeros(2 * len(response) - 1)
        spread[0::2] = response
        response = np.convolve(spread, both)
    density = 2 ** len(filters)
    return max(float(np.abs(response[phase::density]).sum()) for phase in range(density))


@kernel
def _refine(
    grid: NDArray[np.float32],
    length: int,
    taps: NDArray[np.float32],
    between: NDArray[np.float32],
    out: NDArray[np.float32],
) -> int:
    """Put a value between each two of `grid` that have enough neighbours; return how many `out` then holds."""
    order = len(taps)
    half = order // 2
    count = length - order + 1
    between[:count] = np.float32(0.0)
    for tap in range(half):  # symmetric; the inner loop runs over outputs, so that it is as wide as a vector
        weight, early, late = taps[tap], grid[tap : tap + count], grid[order - 1 - tap : order - 1 - tap + count]
        for n in range(count):
            between[n] += weight * (early[n] + late[n])
    kept = grid[half - 1 : half - 1 + count]
    for n in range(count):
        out[2 * n] = kept[n]
        out[2 * n + 1] = between[n]
    return 2 * count


@kernel
def _highest(values: NDArray[np.float32], length: int) -> np.float32:
    best = np.float32(0.0)
    for n in range(length):
        best = max(best, abs(values[n]))
    return best


@kernel
def _surroundings(samples: NDArray[np.float32], start: int, channel: int, out: NDArray[np.float32]) -> int:
    """Copy a block of one channel with its margins, silence outside the song; return the length."""
    length = BLOCK_FRAMES + 2 * MARGIN_FRAMES
    first = start - MARGIN_FRAMES
    begin, end = max(0, -first), min(length, len(samples) - first)
    out[:length] = np.float32(0.0)
    for n in range(begin, end):
        out[n] = samples[first + n, channel]
    return length


@kernel
def _block_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest sample near each block, over all channels; the first and last block lie outside the song."""
    frames, channels = samples.shape
    flat = samples.reshape(-1)
    blocks = (frames + BLOCK_FRAMES - 1) // BLOCK_FRAMES + 2
    own = np.zeros(blocks, dtype=np.float32)
    for block in range(1, blocks - 1):
        start, stop = (block - 1) * BLOCK_FRAMES, min(block * BLOCK_FRAMES, frames)
        own[block] = _highest(flat[start * channels :], (stop - start) * channels)
    near = own.copy()
    for block in range(blocks):
        if block > 0:
            near[block] = max(near[block], own[block - 1])
        if block < blocks - 1:
            near[block] = max(near[block], own[block + 1])
    return near


@kernel
def _peak(
    samples: NDArray[np.float32],
    filters: NDArray[np.float32],
    lengths: NDArray[np.int64],
    most_gain: NDArray[np.float32],
) -> np.float32:
    channels, levels = samples.shape[1], len(filters)
    near = _block_peaks(samples)
    best = _highest(near, len(near))
    loudest = best * np.float32(0.9)
    size = (BLOCK_FRAMES + 2 * MARGIN_FRAMES) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    between = np.empty(size, dtype=np.float32)
    for loud in (True, False):  # the loudest blocks first: the sooner the best is high, the more is passed over
        for block in range(len(near)):
            if (near[block] >= loudest) != loud or near[block] * most_gain[0] <= best:
                continue
            for channel in range(channels):
                length = _surroundings(samples, (block - 1) * BLOCK_FRAMES, channel, coarse)
                for level in range(levels):
                    highest = _highest(coarse, length)
                    best = max(best, highest)
                    if highest * most_gain[level] <= best:
                        break
                    length = _refine(coarse, length, filters[level, : lengths[level]], between, fine)
                    coarse, fine = fine, coarse
                best = max(best, _highest(coarse, length))
    return best


@kernel
def _peak_curve(
    samples: NDArray[np.float32],
    floor: np.float32,
    filters: NDArray[np.float32],
    lengths: NDArray[np.int64],
    most_gain: NDArray[np.float32],
    peaks: NDArray[np.float32],
) -> None:
    channels, levels = samples.shape[1], len(filters)
    near = _block_peaks(samples)
    size = (BLOCK_FRAMES + 2 * MARGIN_FRAMES) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    between = np.empty(size, dtype=np.float32)
    for block in range(1, len(near) - 1):
        if near[block] * most_gain[0] <= floor:
            continue
        start = (block - 1) * BLOCK_FRAMES
        for channel in range(channels):
            length = _surroundings(samples, start, channel, coarse)
            lead, level = 0, 0  # place of the first value, in the units of the present grid, from the margin's begin
            while level < levels and _highest(coarse, length) * most_gain[level] > floor:
                length = _refine(coarse, length, filters[level, : lengths[level]], between, fine)
                lead = 2 * (lead + lengths[level] // 2 - 1)
                coarse, fine = fine, coarse
                level += 1
            per_step = STEP_FRAMES << level
            begin = (MARGIN_FRAMES << level) - lead
            for step in range(BLOCK_FRAMES // STEP_FRAMES):
                place = start // STEP_FRAMES + step
                if place < len(peaks):
                    first = begin + step * per_step
                    peaks[place] = max(peaks[place], _highest(coarse[first:], per_step + 1))
