"""Values between samples: a cascade of half-band filters, and bounds on what it can find.

Each filter puts one value between any two of its grid, so that the rate doubles. The first has 48 taps and a narrow
transition, so that a tone at 20 kHz is still read right at 44.1 kHz; the later ones see a signal with ever more room
above it and need few. What proves a file takes a strict cascade: its first filter has 240 taps and is flat to 21.6 kHz
there, for loud music has peaks of its own in what lies above 20 kHz.

What the cascade can find is bounded twice. A grid's highest value times the largest absolute sum of the filters (2.7,
strict 3.7) bounds it at once. Far closer: an interpolated value is that on the straight line between its neighbours, no
higher than they are, and a weighted sum of second differences; the absolute sum of those weights (0.52, strict 0.80)
times the largest second difference bounds what is added. Music bends little from sample to sample, so that the bound is
hardly ever far above what is found. Of the strict cascade's weights 0.12 lie more than 28 frames away: what bends near
a value and what bends further off are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

MOST_LEVELS = 4
LONGEST_HALF = 120
"""Half the number of taps of the longest filter."""

_HALF_TAPS = (24, 6, 4, 3)
_MARGIN_FRAMES, _STRICT_MARGIN_FRAMES = 32, 128
_TAPS_AT_ONCE = 24
PIECE_FRAMES = 32
"""Second differences are looked at in pieces of so many frames."""
_NEAR_FRAMES = PIECE_FRAMES - 4
_KAISER_BETA = 6.5
_RESERVE = 1.00001
"""On every bound, a hair to cover single-precision rounding in what it bounds."""


@dataclass(frozen=True)
class Cascade:
    """The filters for some levels, each of which doubles the rate, and their bounds, all float32.

    `filters` holds the first half of each filter's symmetric taps, one row each, `halves` how many these are, int64.
    `margin_frames` is what a value needs of its surroundings on either side, at most a block of
    :mod:`~soundrack.audio.survey`. `most_gain` and `most_bend`, shape (levels + 1,), say for each level how much what
    is left of the cascade can make of a grid's highest value, and of its largest second difference on top of its
    highest value. `first_bend` splits the first of these in what is due to second differences less than a piece away
    and what is due to those further off, shape (2,).
    """

    filters: NDArray[np.float32]
    halves: NDArray[np.int64]
    margin_frames: int
    most_gain: NDArray[np.float32]
    most_bend: NDArray[np.float32]
    first_bend: NDArray[np.float32]


@cache
def cascade(levels: int, *, strict: bool = False) -> Cascade:
    """Return the cascade that multiplies the rate by ``2 ** levels``, 1 to `MOST_LEVELS`; with a long filter first."""
    halves = ((LONGEST_HALF if strict else _HALF_TAPS[0]), *_HALF_TAPS[1:levels])
    filters = np.zeros((levels, halves[0]), dtype=np.float32)
    for level, half in enumerate(halves):
        offsets = np.arange(2 * half) - (half - 0.5)
        half_band = np.sinc(offsets) * np.kaiser(2 * half, _KAISER_BETA)
        filters[level, :half] = (half_band / half_band.sum())[:half]
    bounds = [_bounds(filters[level:], halves[level:]) for level in range(levels)] + [(1.0, 0.0, 0.0)]
    most_gain, near, far = np.array(bounds, dtype=np.float32).T * np.float32(_RESERVE)
    return Cascade(
        filters,
        np.array(halves),
        _STRICT_MARGIN_FRAMES if strict else _MARGIN_FRAMES,
        np.ascontiguousarray(most_gain),
        near + far,
        np.array([near[0], far[0]]),
    )


def _bounds(filters: NDArray[np.float32], halves: tuple[int, ...]) -> tuple[float, float, float]:
    """Return the largest absolute sum of the filters from one grid to the last, and those of their bend's weights."""
    response = np.ones(1)
    for taps, half in zip(filters, halves, strict=True):
        both = np.zeros(4 * half - 1)
        both[0::2] = np.concatenate((taps[:half], taps[:half][::-1]))
        both[2 * half - 1] += 1.0  # the values of the coarser grid are kept; even lengths put them between the taps
        spread = np.zeros(2 * len(response) - 1)
        spread[0::2] = response
        response = np.convolve(spread, both)
    density = 2 ** len(filters)
    phases = [response[phase::density] for phase in range(density)]
    near, far = np.array([_bend_weights(phase) for phase in phases]).max(axis=0)
    return max(float(np.abs(phase).sum()) for phase in phases), float(near), float(far)


def _bend_weights(phase: NDArray[np.float64]) -> tuple[float, float]:
    """Return the absolute sums of the weights that a filter gives to second differences near and far.

    A filter less the straight line with its sum and its first moment has neither; summed up twice it ends at zero, and
    is what second differences are weighted with (summation by parts).
    """
    middle = float((phase * np.arange(len(phase))).sum() / phase.sum())
    left = int(middle)
    rest = np.append(phase, 0.0)
    rest[left] -= phase.sum() * (left + 1 - middle)
    rest[left + 1] -= phase.sum() * (middle - left)
    weights = np.abs(np.cumsum(np.cumsum(rest)))
    near = np.abs(np.arange(len(weights)) - left) <= _NEAR_FRAMES
    return float(weights[near].sum()), float(weights[~near].sum())


@kernel
def surroundings(
    samples: NDArray[np.float32], start: int, frames: int, channel: int, margin: int, out: NDArray[np.float32]
) -> int:
    """Copy `frames` frames of one channel with a margin on either side, silence outside; return the length."""
    length = frames + 2 * margin
    first = start - margin
    begin, end = max(0, -first), min(length, len(samples) - first)
    out[:length] = np.float32(0.0)
    for n in range(begin, end):
        out[n] = samples[first + n, channel]
    return length


@kernel
def refine(
    half: int, grid: NDArray[np.float32], length: int, taps: NDArray[np.float32], out: NDArray[np.float32]
) -> int:
    """Put a value between each two of `grid` that have enough neighbours; return how many `out` then holds.

    The filter has `half` of its taps on either side. The first value of `out` is ``grid[half - 1]``.
    """
    # One call for each length: as a constant it lets the compiler unroll the sum and vectorise over outputs.
    if half == 24:
        return _interpolate(grid, length, taps, 24, out)
    if half == 6:
        return _interpolate(grid, length, taps, 6, out)
    if half == 4:
        return _interpolate(grid, length, taps, 4, out)
    if half == 3:
        return _interpolate(grid, length, taps, 3, out)
    return _interpolate_long(grid, length, taps, half, out)


@kernel
def _interpolate(
    grid: NDArray[np.float32], length: int, taps: NDArray[np.float32], half: int, out: NDArray[np.float32]
) -> int:
    count = length - 2 * half + 1
    for n in range(count):
        between = np.float32(0.0)
        for tap in range(half):
            between += taps[tap] * (grid[n + tap] + grid[n + 2 * half - 1 - tap])
        out[2 * n] = grid[n + half - 1]
        out[2 * n + 1] = between
    return 2 * count


@kernel
def _interpolate_long(
    grid: NDArray[np.float32], length: int, taps: NDArray[np.float32], half: int, out: NDArray[np.float32]
) -> int:
    """Do the same for a multiple of `_TAPS_AT_ONCE`, so many taps after another."""
    count = length - 2 * half + 1
    between = out[count : 2 * count]
    between[:] = np.float32(0.0)
    for first in range(0, half, _TAPS_AT_ONCE):
        left, right, some = grid[first:], grid[2 * half - first - _TAPS_AT_ONCE :], taps[first:]
        for n in range(count):
            total = np.float32(0.0)
            for tap in range(_TAPS_AT_ONCE):
                total += some[tap] * (left[n + tap] + right[n + _TAPS_AT_ONCE - 1 - tap])
            between[n] += total
    for n in range(count):  # what is read lies ahead of what is written
        value = between[n]
        out[2 * n] = grid[n + half - 1]
        out[2 * n + 1] = value
    return 2 * count


@kernel
def reach(grid: NDArray[np.float32], length: int, own: np.float32, most_bend: np.float32) -> np.float32:
    """Return a bound on all values between some of a grid, the highest of which is `own`."""
    return own * np.float32(_RESERVE) + highest_bend(grid[:length], 1) * most_bend


@kernel
def bend_around(
    samples: NDArray[np.float32], start: int, frames: int, margin: int, bends: NDArray[np.float32]
) -> np.float32:
    """Return the largest second difference of a song from `margin` before to `margin` after some frames of it.

    All three are multiples of `PIECE_FRAMES`, and all of it lies within the song. `bends` keeps what each piece has,
    -1.0 where it is not known yet.
    """
    channels, flat = samples.shape[1], samples.reshape(-1)
    best = np.float32(0.0)
    for piece in range((start - margin) // PIECE_FRAMES, (start + frames + margin) // PIECE_FRAMES):
        if bends[piece] < np.float32(0.0):
            first, last = max(piece * PIECE_FRAMES - 1, 0), min((piece + 1) * PIECE_FRAMES + 1, len(samples))
            bends[piece] = highest_bend(flat[first * channels : last * channels], channels)
        best = max(best, bends[piece])
    return best


@kernel
def highest_bend(flat: NDArray[np.float32], channels: int) -> np.float32:
    """Return the largest magnitude of a second difference within interleaved channels."""
    best = np.float32(0.0)
    before, here, after = flat, flat[channels:], flat[2 * channels :]
    for n in range(len(flat) - 2 * channels):
        best = max(best, abs(before[n] - (here[n] + here[n]) + after[n]))
    return best
