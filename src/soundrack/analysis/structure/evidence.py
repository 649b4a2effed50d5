"""What speaks for a section's begin at each bar: all novelties and marks together, as log odds.

A logistic regression; its weights are in `boundaries.toml`, learned by ``python -m benchmarks.form learn``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.structure import novelty, similarity

_FILE = Path(__file__).with_name("boundaries.toml")
_PASSAGE_BARS, _SHORT_PASSAGE_BARS, _HALF_BARS = 4, 2, 4


def curves(
    timbre: NDArray[np.float64],
    harmony: NDArray[np.float64],
    energy: NDArray[np.float64],
    marks: Mapping[str, NDArray[np.float64]],
) -> dict[str, NDArray[np.float64]]:
    """Return every curve that tells of boundaries, each float64, shape (bars,).

    Parameters
    ----------
    timbre, harmony : float64 arrays, shape (bars, bars)
        How alike bars are (:mod:`soundrack.analysis.structure.similarity`).
    energy : float64 array, shape (bars,)
        0 to 1.
    marks : mapping of str to float64 array, shape (bars,)
        As :func:`soundrack.analysis.structure.marks.marks`.
    """
    both = 0.5 * (timbre + harmony)
    return {
        "repetition": novelty.repetition_novelty(similarity.passages(both, _PASSAGE_BARS)),
        "short_repetition": novelty.repetition_novelty(similarity.passages(both, _SHORT_PASSAGE_BARS)),
        "timbre_repetition": novelty.repetition_novelty(similarity.passages(timbre, _PASSAGE_BARS)),
        "timbre": novelty.checkerboard_novelty(timbre, _HALF_BARS),
        "energy": novelty.step_novelty(energy, _HALF_BARS),
        **marks,
    }


def above_neighbours(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value less the higher of its two neighbours; both ends go on."""
    padded = np.pad(curve, 1, mode="edge")
    out: NDArray[np.float64] = curve - np.maximum(padded[:-2], padded[2:])
    return out


def log_odds(found: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the natural logarithm of the odds that a section begins at each bar, float64, shape (bars,)."""
    bias, weights = _weights()
    total = np.full(len(next(iter(found.values()))), bias)
    for name, (own, above) in weights.items():
        total += own * found[name] + above * above_neighbours(found[name])
    return total


@cache
def _weights() -> tuple[float, dict[str, tuple[float, float]]]:
    with _FILE.open("rb") as file:
        told = tomllib.load(file)
    return told["bias"], {name: (each["own"], each["above"]) for name, each in told["weights"].items()}
