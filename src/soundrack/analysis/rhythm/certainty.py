"""How sure it is that there is a beat, and that a tempo is its tempo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm.hypotheses import Hypothesis, Scene
from soundrack.analysis.rhythm.linear import linear, logistic
from soundrack.analysis.rhythm.onsets import sampled

PRESENCE = ("salience_on", "peakiness", "jitter", "looseness", "median_jitter")
FEATURES = ("level", *PRESENCE, "salience_between", "network_on", "network_between", "drift", "beats")
"""Of `presence` and `certainty`. The log odds of the metrical level; the mean salience on the beats; by how much the
salience's tops are above its mean; the mean change from one beat's length to the next one's, what lies above one in
fifty, and the median change; the salience halfway between, the network's activation in both places; how far lengths are
from the median one; how many beats. Changes are those of the free pulse. All but saliences and activations are
logarithms."""

_LOOSE = float(np.log(1.0 / 50.0))
_TOPS = 0.98

SAME_TEMPO = 0.04
"""Tempi nearer to each other than this part count as one, as where tempo estimates are judged (Gouyon et al., "An
experimental comparison of audio tempo induction algorithms", IEEE TASLP 14(5), 2006)."""


def features(
    scene: Scene, judged: list[Hypothesis], beats_s: NDArray[np.float64], free_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what certainty is told by.

    Parameters
    ----------
    scene : Scene
        The song.
    judged : list of Hypothesis
        The levels, the likeliest first.
    beats_s, free_s : float64 arrays
        The beats, and those of the pulse that was followed freely, ascending, three at least of either.

    Returns
    -------
    float64 array, shape (len(FEATURES),)
    """
    level = min(max(same_tempo(judged, judged[0].bpm), 1e-3), 1.0 - 1e-3)
    lengths = np.log(np.diff(beats_s))
    halfway = (beats_s[:-1] + beats_s[1:]) / 2.0
    (on, between), (network_on, network_between) = (
        [float(sampled(curve, at).mean()) for at in (beats_s, halfway)] for curve in (scene.salience, scene.beat)
    )
    # what is followed steadily is steady
    changes = np.abs(np.diff(np.log(np.diff(free_s))))
    jitter = float(np.log(changes.mean() + 0.005))
    tops = float(np.quantile(scene.salience, _TOPS))
    return np.array(
        [
            np.log(level / (1.0 - level)),
            on,
            np.log((tops + 1e-3) / (float(scene.salience.mean()) + 1e-3)),
            jitter,
            max(0.0, jitter - _LOOSE),
            np.log(np.median(changes) + 0.005),
            between,
            network_on,
            network_between,
            np.log(np.abs(lengths - np.median(lengths)).mean() + 0.005),
            np.log(len(beats_s)),
        ]
    )


def certainty(described: NDArray[np.float64]) -> float:
    """Return the probability that a tempo is right, to 4 %, from :func:`features`: 0 to 1."""
    return float(logistic(linear("certainty", FEATURES)(described[None]))[0])


def presence(described: NDArray[np.float64]) -> float:
    """Return the probability that there is a beat at all, from :func:`features`: 0 to 1."""
    columns = [FEATURES.index(name) for name in PRESENCE]
    return float(logistic(linear("presence", PRESENCE)(described[None, columns]))[0])


def same_tempo(judged: list[Hypothesis], bpm: float) -> float:
    """Return the probability of all hypotheses of one tempo."""
    return sum(each.probability for each in judged if abs(each.bpm / bpm - 1.0) <= SAME_TEMPO)
