"""Values between samples: a cascade of half-band filters, and bounds on what it can find.

Each filter puts one value between any two of its grid, so that the rate doubles. The first has 48 taps and a narrow
transition, so that a tone at 20 kHz is still read right at 44.1 kHz; the later ones see a signal with ever more room
above it and need few.

What the cascade can find is bounded twice. A grid's highest value times the largest absolute sum of the filters (2.7)
bounds it at once. Far closer: an interpolated value is that on the straight line between its neighbours, no higher than
they are, and a weighted sum of second differences; the absolute sum of those weights (0.52) times the largest second
difference bounds what is added. Music bends little from sample to sample, so that the bound is hardly ever far above
what is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.survey import highest

MARGIN_FRAMES = 32
"""What the cascade needs of its surroundings on either side of a value."""
MOST_LEVELS = 4

_HALF_TAPS = (24, 6, 4, 3)
_KAISER_BETA = 6.5
_RESERVE = 1.00001
"""On every bound, a hair to cover single-precision rounding in what it bounds."""


@dataclass(frozen=True)
class Cascade:
    """The filters for some levels, each of which doubles the rate, and their bounds, all float32.

    `filters` has shape (levels, 24): the first half of each filter's symmetric taps. `most_gain` and `most_bend`, shape
    (levels + 1,), say for each level how much what is left of the cascade can make of a grid's highest value, and of
    its largest second difference on top of its highest value.
    """

    filters: NDArray[np.float32]
    most_gain: NDArray[np.float32]
    most_bend: NDArray[np.float32]


@cache
def cascade(levels: int) -> Cascade:
    """Return the cascade that multiplies the rate by ``2 ** levels``, 1 to `MOST_LEVELS`."""
    filters = np.zeros((levels, max(_HALF_TAPS)), dtype=np.float32)
    for level, half in enumerate(_HALF_TAPS[:levels]):
        offsets = np.arange(2 * half) - (half - 0.5)
        half_band = np.sinc(offsets) * np.kaiser(2 * half, _KAISER_BETA)
        filters[level, :half] = (half_band / half_band.sum())[:half]
    bounds = [_bounds(filters[level:], _HALF_TAPS[level:levels]) for level in range(levels)] + [(1.0, 0.0)]
    most_gain, most_bend = np.array(bounds, dtype=np.float32).T * np.float32(_RESERVE)
    return Cascade(filters, np.ascontiguousarray(most_gain), np.ascontiguousarray(most_bend))


def _bounds(filters: NDArray[np.float32], halves: tuple[int, ...]) -> tuple[float, float]:
    """Return the largest absolute sum of the filters from one grid to the last, and that of their bend's weights."""
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
    return max(float(np.abs(phase).sum()) for phase in phases), max(map(_bend_weight, phases))


def _bend_weight(phase: NDArray[np.float64]) -> float:
    """Return the absolute sum of the weights that a filter gives to second differences.

    A filter less the straight line with its sum and its first moment has neither; summed up twice it ends at zero, and
    is what second differences are weighted with (summation by parts).
    """
    middle = float((phase * np.arange(len(phase))).sum() / phase.sum())
    left = int(middle)
    rest = np.append(phase, 0.0)
    rest[left] -= phase.sum() * (left + 1 - middle)
    rest[left + 1] -= phase.sum() * (middle - left)
    return float(np.abs(np.cumsum(np.cumsum(rest))).sum())


@kernel
def surroundings(samples: NDArray[np.float32], start: int, frames: int, channel: int, out: NDArray[np.float32]) -> int:
    """Copy `frames` frames of one channel with a margin on either side, silence outside; return the length."""
    length = frames + 2 * MARGIN_FRAMES
    first = start - MARGIN_FRAMES
    begin, end = max(0, -first), min(length, len(samples) - first)
    out[:length] = np.float32(0.0)
    for n in range(begin, end):
        out[n] = samples[first + n, channel]
    return length


@kernel
def refine(
    level: int, grid: NDArray[np.float32], length: int, taps: NDArray[np.float32], out: NDArray[np.float32]
) -> int:
    """Put a value between each two of `grid` that have enough neighbours; return how many `out` then holds.

    The first value of `out` is ``grid[half - 1]``, with the `half` of :func:`half_taps`.
    """
    # One call for each length: as a constant it lets the compiler unroll the sum and vectorise over outputs.
    if level == 0:
        return _interpolate(grid, length, taps, 24, out)
    if level == 1:
        return _interpolate(grid, length, taps, 6, out)
    if level == 2:
        return _interpolate(grid, length, taps, 4, out)
    return _interpolate(grid, length, taps, 3, out)


@kernel
def half_taps(level: int) -> int:
    """Return half the number of taps of a level's filter."""
    return _HALF_TAPS[level]


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
def reach(grid: NDArray[np.float32], length: int, most_gain: np.float32, most_bend: np.float32) -> np.float32:
    """Return a bound on all values between those of a grid: the lower of the two."""
    top, bend = highest(grid[:length]), highest_bend(grid[:length], 1)
    return min(top * most_gain, (top + bend * most_bend) * np.float32(_RESERVE))


@kernel
def highest_bend(flat: NDArray[np.float32], channels: int) -> np.float32:
    """Return the largest magnitude of a second difference within interleaved channels."""
    best = np.float32(0.0)
    before, here, after = flat, flat[channels:], flat[2 * channels :]
    for n in range(len(flat) - 2 * channels):
        best = max(best, abs(before[n] - (here[n] + here[n]) + after[n]))
    return best
