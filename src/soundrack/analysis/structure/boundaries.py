"""Where sections begin: the bars that are new, at distances that sections have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SHORTEST, _USUAL_MOST = 2, 32
"""In bars."""


def boundaries(reward: NDArray[np.float64], lengths: NDArray[np.float64]) -> list[int]:
    """Return the bars with which sections begin, ascending, the first of them 0.

    The division with the highest sum of the rewards of all boundaries and the preferences of all lengths, found by
    dynamic programming.

    Parameters
    ----------
    reward : float64 array, shape (bars,)
        What a boundary before each bar is worth; below zero where it should not be.
    lengths : float64 array, shape (longest + 1,)
        What a section of so many bars is worth; ``-inf`` for one that cannot be.
    """
    bars, longest = len(reward), len(lengths) - 1
    best = np.full(bars + 1, -np.inf)
    best[0] = 0.0
    origin = np.zeros(bars + 1, dtype=np.int64)
    for end in range(1, bars + 1):
        first = max(0, end - longest)
        scores = best[first:end] + lengths[end - np.arange(first, end)]
        at = int(np.argmax(scores))
        best[end] = scores[at] + (reward[end] if end < bars else 0.0)
        origin[end] = first + at
    starts, end = [], bars
    while end > 0:
        end = int(origin[end])
        starts.append(end)
    return starts[::-1]


def length_preferences(bars: int, *, has_bars: bool) -> NDArray[np.float64]:
    """Return what sections of 0 bars to all of a song's are worth, float64, shape (bars + 1,).

    Of 4, 8 or 16 bars most, then of other even numbers, and of more than 32 as of an odd one. Where bars are no more
    than a ruler's, all from four on are alike.
    """
    count = np.arange(bars + 1)
    worth = np.full(bars + 1, -1.0)
    if has_bars:
        within = count <= _USUAL_MOST
        worth[within & (count % 2 == 0)] = -0.5
        worth[within & (count % 4 == 0)] = -0.2
        for usual, value in ((4, -0.1), (8, 0.2), (16, -0.1)):
            worth[usual : usual + 1] = value
    else:
        worth[count >= 2 * _SHORTEST] = -0.1
    worth[count < _SHORTEST] = -2.0
    worth[0] = -np.inf
    return worth
