"""Which sections repeat each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ALIKE_FROM = 0.5
_WEIGHTS = {"harmony": 2.5, "timbre": 4.5, "length": 6.0, "energy": -16.0}
_BIAS = -8.5
"""A logistic regression over the pairs of true sections of the tuning half of our rendered songs, rounded."""


@dataclass(frozen=True)
class Repetition:
    """Which sections are the same: `groups`, a number from 0 for each, in order of appearance; `likeness`, float64,
    shape (sections, sections), how probably two repeat each other."""

    groups: tuple[int, ...]
    likeness: NDArray[np.float64]


def repetition(
    starts: list[int],
    bars: int,
    timbre: NDArray[np.float64],
    harmony: NDArray[np.float64],
    energy: NDArray[np.float64],
) -> Repetition:
    """Group sections by what they have in common.

    Parameters
    ----------
    starts : list of int
        The bars with which they begin.
    bars : int
        How many bars there are.
    timbre, harmony : float64 arrays, shape (bars, bars)
        How alike bars are.
    energy : float64 array, shape (bars,)
        0 to 1.
    """
    ends = [*starts[1:], bars]
    spans = list(zip(starts, ends, strict=True))
    usual = float(np.median(timbre)), float(np.median(harmony))
    count = len(spans)
    likeness = np.eye(count)
    for one in range(count):
        for other in range(one):
            value = _likeness(spans[one], spans[other], timbre, harmony, energy, usual)
            likeness[one, other] = likeness[other, one] = value
    return Repetition(_grouped(likeness), likeness)


def _likeness(
    one: tuple[int, int],
    other: tuple[int, int],
    timbre: NDArray[np.float64],
    harmony: NDArray[np.float64],
    energy: NDArray[np.float64],
    usual: tuple[float, float],
) -> float:
    """Return how probably two sections repeat each other: the shorter is laid along the longer where it fits best."""
    (first, first_end), (second, second_end) = sorted((one, other), key=lambda span: span[1] - span[0])
    short, long = first_end - first, second_end - second
    at = np.arange(short)
    fits = [
        (
            float(timbre[first + at, second + offset + at].mean()),
            float(harmony[first + at, second + offset + at].mean()),
        )
        for offset in range(long - short + 1)
    ]
    best = max(fits, key=sum)
    evidence = {
        "timbre": (best[0] - usual[0]) / max(1.0 - usual[0], 1e-6),
        "harmony": (best[1] - usual[1]) / max(1.0 - usual[1], 1e-6),
        "length": short / long,
        "energy": abs(float(energy[first:first_end].mean()) - float(energy[second:second_end].mean())),
    }
    logit = _BIAS + sum(_WEIGHTS[name] * value for name, value in evidence.items())
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, logit))))


def _grouped(likeness: NDArray[np.float64]) -> tuple[int, ...]:
    """Join groups by average linkage while they are more alike than not."""
    sums, groups = likeness.copy(), [[section] for section in range(len(likeness))]
    while len(groups) > 1:
        sizes = np.array([len(group) for group in groups])
        means = sums / np.outer(sizes, sizes)
        np.fill_diagonal(means, 0.0)
        one, other = sorted(int(place) for place in np.unravel_index(means.argmax(), means.shape))
        if means[one, other] < _ALIKE_FROM:
            break
        groups[one] += groups.pop(other)
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sums = np.delete(np.delete(sums, other, axis=0), other, axis=1)
    order = sorted(groups, key=min)
    return tuple(
        next(number for number, group in enumerate(order) if section in group) for section in range(len(likeness))
    )
