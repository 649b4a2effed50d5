"""How much a confidence means: of what is told with 0.8, how much is right."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.rhythm.fitting import Matrix, fit

_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.0)


def reliability(name: str, rows: Matrix, right: NDArray[np.bool_], folds: NDArray[np.int64], penalty: float) -> None:
    """Print what a confidence told and how much of it was right, each song judged by weights learned without it."""
    told = np.empty(len(rows))
    for fold in np.unique(folds):
        weights, offset = fit(rows[folds != fold], right[folds != fold], penalty)
        told[folds == fold] = 1.0 / (1.0 + np.exp(-rows[folds == fold] @ weights - offset))
    print(f"{name}: {right.mean():.3f} of {len(right)} are right; told, and right of these:")
    for low, high in pairwise(_EDGES):
        within = (told >= low) & ((told < high) | (high == 1.0))
        if within.any():
            print(
                f"  {low:.2f} to {high:.2f}: {within.sum():5d}  {told[within].mean():.2f}  {right[within].mean():.2f}"
            )
