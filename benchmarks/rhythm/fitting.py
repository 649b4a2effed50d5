"""Models fitted: logistic regression and conditional logit, each with a penalty on its squared weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Matrix = NDArray[np.float64]

_STEPS = 150
"""Of a network's descent."""


@dataclass(frozen=True)
class Choice:
    """Things of which one is to be taken: their features, which of them are right, and how much the choice counts."""

    rows: Matrix
    right: NDArray[np.bool_]
    counts: float = 1.0


def fit(rows: Matrix, labels: NDArray[np.bool_], penalty: float, counts: Matrix | None = None) -> tuple[Matrix, float]:
    """Return the weights and the offset of a logistic regression, in which each row counts as much as is said."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = np.column_stack(((rows - mean) / spread, np.ones(len(rows))))
    signs = np.where(labels, 1.0, -1.0)
    counted = np.ones(len(rows)) if counts is None else counts

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margin = signs * (even @ weights)
        wrong = 1.0 / (1.0 + np.exp(np.clip(margin, -50.0, 50.0)))
        held = np.append(weights[:-1], 0.0)
        return (
            float((counted * np.logaddexp(0.0, -margin)).sum() + 0.5 * penalty * held @ held),
            penalty * held - even.T @ (counted * wrong * signs),
        )

    found = _least(loss, even.shape[1])
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ mean)


@dataclass(frozen=True)
class _Evened:
    """All choices in one: rows of equal spread, which are right, which choice each belongs to, what each choice counts.

    `starts` are the choices' first rows.
    """

    rows: Matrix
    mean: Matrix
    spread: Matrix
    right: NDArray[np.bool_]
    owner: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: Matrix

    @classmethod
    def of(cls, choices: list[Choice]) -> _Evened:
        """Join the choices of which one is right."""
        there = [one for one in choices if one.right.any()]
        rows = np.vstack([one.rows for one in there])
        mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        sizes = np.array([len(one.rows) for one in there])
        return cls(
            (rows - mean) / spread,
            mean,
            spread,
            np.concatenate([one.right for one in there]),
            np.repeat(np.arange(len(there)), sizes),
            np.cumsum(sizes) - sizes,
            np.array([one.counts for one in there]),
        )

    def loss(self, scores: Matrix) -> tuple[float, Matrix]:
        """Return the negative log likelihood of the right ones, and its slope by score."""
        shares = np.exp(scores - np.maximum.reduceat(scores, self.starts)[self.owner])
        shares /= np.add.reduceat(shares, self.starts)[self.owner]
        taken = np.maximum(np.add.reduceat(shares * self.right, self.starts), 1e-12)
        slope = self.counts[self.owner] * (shares - shares * self.right / taken[self.owner])
        return float(-(self.counts @ np.log(taken))), slope


def choice(choices: list[Choice], penalty: float) -> tuple[Matrix, float]:
    """Return the weights, and no offset, of a conditional logit model: of each choice one that is right is taken."""
    data = _Evened.of(choices)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = data.loss(data.rows @ weights)
        return total + 0.5 * penalty * float(weights @ weights), penalty * weights + data.rows.T @ slope

    return _least(loss, data.rows.shape[1]) / data.spread, 0.0


@dataclass(frozen=True)
class Layers:
    """What a network of one hidden layer weighs features with: each model its weights and its offset."""

    straight: tuple[Matrix, float]
    hidden: list[tuple[Matrix, float]]
    outer: tuple[Matrix, float]

    def scores(self, rows: Matrix) -> Matrix:
        """Return the network's score for each row."""
        units = np.tanh(np.stack([rows @ weights + offset for weights, offset in self.hidden], axis=1))
        return np.asarray(rows @ self.straight[0] + units @ self.outer[0])


def layered_choice(choices: list[Choice], units: int, penalty: float, hidden_penalty: float) -> Layers:
    """Return a network of one hidden layer whose scores are a conditional logit model's, as in :func:`choice`."""
    data = _Evened.of(choices)
    size = data.rows.shape[1]
    cuts = np.cumsum([size, units * size, units])

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        straight, inner, offsets, outer = np.split(weights, cuts)
        inner = inner.reshape(units, size)
        hidden = np.tanh(data.rows @ inner.T + offsets)
        total, slope = data.loss(data.rows @ straight + hidden @ outer)
        behind = slope[:, None] * outer * (1.0 - hidden**2)
        held = hidden_penalty * (np.sum(inner**2) + np.sum(outer**2)) + penalty * straight @ straight
        return total + 0.5 * float(held), np.concatenate(
            (
                data.rows.T @ slope + penalty * straight,
                (behind.T @ data.rows + hidden_penalty * inner).ravel(),
                behind.sum(axis=0),
                hidden.T @ slope + hidden_penalty * outer,
            )
        )

    start = np.random.default_rng(16).normal(0.0, 0.1, int(cuts[-1]) + units)
    start[:size] = 0.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    straight, inner, offsets, outer = np.split(found, cuts)
    scaled = inner.reshape(units, size) / data.spread
    hidden = [(weights, float(offset - weights @ data.mean)) for weights, offset in zip(scaled, offsets, strict=True)]
    return Layers((straight / data.spread, 0.0), hidden, (outer, 0.0))


def _least(loss: Callable[[Matrix], tuple[float, Matrix]], size: int) -> Matrix:
    return np.asarray(minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B").x)
