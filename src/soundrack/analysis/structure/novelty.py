"""How new each bar is: against what it sounded like until then, and against what is repeated elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def checkerboard_novelty(similarity: NDArray[np.float64], half_bars: int) -> NDArray[np.float64]:
    """Return how much each bar parts two alike passages that differ from each other, float64, shape (bars,).

    Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000: the correlation of the
    similarity's diagonal with a checkerboard of `half_bars` bars on both sides under a Gaussian. Beyond both ends the
    first and last bar go on. 0 where the bar is like those before; 1 where nothing is alike; the first bar has 0.
    """
    bars = len(similarity)
    at = np.arange(-half_bars, half_bars) + 0.5
    taper = np.exp(-0.5 * (at / (0.5 * half_bars)) ** 2)
    weights = np.outer(np.sign(at) * taper, np.sign(at) * taper)
    weights /= 0.5 * np.abs(weights).sum()
    padded = np.pad(similarity, half_bars, mode="edge")
    novelty = np.zeros(bars)
    for bar in range(1, bars):
        novelty[bar] = (weights * padded[bar : bar + 2 * half_bars, bar : bar + 2 * half_bars]).sum()
    return np.maximum(novelty, 0.0)


def repetition_novelty(passages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much each bar changes what the song repeats there, float64, shape (bars,), 0 and more.

    Serrà, Müller, Grosche and Arcos, "Unsupervised music structure annotation by time series structure features and
    segment similarity", IEEE Transactions on Multimedia 16(5), 2014: the similarity as a function of bar and lag, and
    the distance of its rows from bar to bar.

    Parameters
    ----------
    passages : float64 array, shape (bars, bars)
        How alike the passages around the bars are.
    """
    bars = len(passages)
    lags, there = np.zeros((bars, 2 * bars - 1)), np.zeros((bars, 2 * bars - 1))
    for bar in range(bars):
        lags[bar, bars - 1 - bar : 2 * bars - 1 - bar] = passages[bar]
        there[bar, bars - 1 - bar : 2 * bars - 1 - bar] = 1.0
    # two bars before against two bars on, at the lags that lie within the song for all four
    padded, known = (np.concatenate((each[:1], each, each[-1:])) for each in (lags, there))
    after, before = padded[2:] + padded[1:-1], padded[1:-1] + padded[:-2]
    both = known[2:] * known[1:-1] * known[:-2]
    moved = 0.25 * (after[1:] - before[:-1]) ** 2 * both[1:] * both[:-1]
    count = np.maximum((both[1:] * both[:-1]).sum(axis=1), 1.0)
    return np.concatenate((np.zeros(min(bars, 1)), np.sqrt(moved.sum(axis=1) / count)))


def step_novelty(curve: NDArray[np.float64], half_bars: int) -> NDArray[np.float64]:
    """Return the difference of a curve's mean over some bars from each on and over as many before it, (bars,)."""
    running = np.concatenate(([0.0], np.cumsum(curve)))
    at = np.arange(1, len(curve))
    last, first = np.minimum(at + half_bars, len(curve)), np.maximum(at - half_bars, 0)
    after, before = (running[last] - running[at]) / (last - at), (running[at] - running[first]) / (at - first)
    return np.concatenate((np.zeros(min(len(curve), 1)), np.abs(after - before)))
