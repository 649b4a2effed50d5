"""Linear models: named features, weighted and added up.

The weights are learned by ``python -m benchmarks.rhythm learn`` on the halves that are for learning, and kept in
``weights.toml`` by the names of the features.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Linear:
    """A weighted sum: `weights` is float64, shape (features,); `offset` is added."""

    weights: NDArray[np.float64]
    offset: float

    def __call__(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sum for each row of `features`, shape (rows, features): float64, shape (rows,)."""
        return np.asarray(features @ self.weights.astype(features.dtype) + self.offset, np.float64)


def linear(name: str, features: tuple[str, ...]) -> Linear:
    """Return a model of ``weights.toml``.

    Parameters
    ----------
    name : str
        Its table.
    features : tuple of str
        The features' names, in the order in which the rows hold them.

    Raises
    ------
    KeyError
        If the table does not have exactly these features.
    """
    table = _tables()[name]
    if set(table["weights"]) != set(features):
        raise KeyError(f"{name} was learned with other features: {sorted(set(table['weights']) ^ set(features))}")
    return Linear(np.array([table["weights"][feature] for feature in features]), table["offset"])


def logistic(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that belong to some log odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -60.0, 60.0)))


def log_odds(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log odds that belong to some probabilities, not surer than 0.01 and 0.99."""
    sure = np.clip(probability, np.float32(0.01), np.float32(0.99))
    odds: NDArray[np.float32] = np.log(sure / (np.float32(1.0) - sure))
    return odds


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("soundrack.analysis.rhythm").joinpath("weights.toml").read_text())
