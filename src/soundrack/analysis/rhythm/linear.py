"""Models of named features: weighted and added up, or with a layer of hidden units between.

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


@dataclass(frozen=True)
class Network:
    """A weighted sum, and beside it another of hidden units, each the hyperbolic tangent of a weighted sum."""

    straight: Linear
    hidden: tuple[Linear, ...]
    outer: Linear

    def __call__(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum for each row of `features`, shape (rows, features): float64, shape (rows,)."""
        units = np.tanh(np.stack([unit(features) for unit in self.hidden], axis=1))
        return self.straight(features) + self.outer(units)


def network(name: str, features: tuple[str, ...], units: int) -> Network:
    """Return a network of ``weights.toml``: tables `name`, `name`_1 to `name`_`units`, and `name`_outer.

    Parameters and errors are those of :func:`linear`; `units` is how many hidden ones there are.
    """
    return Network(
        linear(name, features),
        tuple(linear(unit, features) for unit in unit_names(name, units)),
        linear(f"{name}_outer", unit_names(name, units)),
    )


def unit_names(name: str, units: int) -> tuple[str, ...]:
    """Return what the hidden units of a network are called."""
    return tuple(f"{name}_{number}" for number in range(1, units + 1))


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
