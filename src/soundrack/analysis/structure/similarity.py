"""How alike two bars are: in timbre, in harmony, and as parts of longer passages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.structure.features import COEFFICIENTS, BarFeatures

_LEAST_DEVIATION = 0.06
"""Of a coefficient over the song: what moves less is noise, and is not blown up to the size of the rest."""
_TIMBRE_WIDTH = 1.0
_HARMONY_POWER = 2.0


def timbre_similarity(features: BarFeatures) -> NDArray[np.float64]:
    """Return how alike the bars sound, 0 to 1, float64, shape (bars, bars).

    A Gaussian of the distance of their mean timbres, each coefficient in its standard deviations over the song.
    """
    means = features.timbre.mean(axis=1)
    moved = features.timbre.std(axis=1)
    vectors = np.concatenate((_standardised(means), 0.5 * _standardised(moved)), axis=1)
    squares = (vectors**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2.0 * vectors @ vectors.T, 0.0) / COEFFICIENTS
    similarity: NDArray[np.float64] = np.exp(-0.5 * distances / _TIMBRE_WIDTH**2)
    return similarity


def harmony_similarity(features: BarFeatures) -> NDArray[np.float64]:
    """Return how alike the bars' harmonies are beat by beat, 0 to 1, float64, shape (bars, bars).

    The square of the mean product of their chroma. A passage that is moved to another key is another passage.
    """
    bars, beats, _ = features.chroma.shape
    flat = features.chroma.reshape(bars, -1)
    similarity: NDArray[np.float64] = np.clip(flat @ flat.T / beats, 0.0, 1.0) ** _HARMONY_POWER
    return similarity


def passages(similarity: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    """Return the mean of a similarity along diagonals of so many bars, centred; shorter at both ends."""
    count = len(similarity)
    total, weight = np.zeros_like(similarity), np.zeros_like(similarity)
    for offset in range(-(bars // 2), bars - bars // 2):
        first, last = max(0, -offset), min(count, count - offset)
        inside, moved = slice(first, last), slice(first + offset, last + offset)
        total[inside, inside] += similarity[moved, moved]
        weight[inside, inside] += 1.0
    smooth: NDArray[np.float64] = total / np.maximum(weight, 1.0)
    return smooth


def _standardised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = np.maximum(rows.std(axis=0), _LEAST_DEVIATION)
    standard: NDArray[np.float64] = (rows - rows.mean(axis=0)) / deviation
    return standard
