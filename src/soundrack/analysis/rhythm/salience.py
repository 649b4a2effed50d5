"""How much like a beat each moment is: the network's word, and how strong the onsets are beside those around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.neighbourhood import greatest_nearby
from soundrack.analysis.rhythm.activation import Activation
from soundrack.analysis.rhythm.linear import linear, log_odds, logistic
from soundrack.analysis.rhythm.onsets import RANGES_HZ, Onsets

_LAGS = (-1, 0, 1, 2)
_AROUND_FRAMES = 41

FEATURES = (
    "beat",
    "downbeat",
    *(f"{name}{lag:+d}" for lag in _LAGS for name in RANGES_HZ),
    *(f"{name}_accent" for name in RANGES_HZ),
)
"""The network's log odds; the log onset strength by range in the frames around; how near it is to the strongest within
0.4 s."""


def features(activation: Activation, onsets: Onsets) -> NDArray[np.float32]:
    """Return what salience is told by: float32, shape (frames, len(FEATURES))."""
    logs = log_strength(onsets.strength)
    frames = len(logs)
    columns = np.empty((frames, len(FEATURES)), np.float32)
    columns[:, 0], columns[:, 1] = log_odds(activation.beat), log_odds(activation.downbeat)
    ranges = logs.shape[1]
    places = np.arange(frames)
    for number, lag in enumerate(_LAGS):
        first = 2 + ranges * number
        columns[:, first : first + ranges] = logs[np.clip(places + lag, 0, frames - 1)]
    strongest = greatest_nearby(onsets.strength, _AROUND_FRAMES)
    columns[:, -ranges:] = np.log((onsets.nearby + np.float32(0.1)) / (strongest + np.float32(0.1)))
    return columns


def salience(activation: Activation, onsets: Onsets) -> NDArray[np.float32]:
    """Return how likely each frame is a beat.

    Parameters
    ----------
    activation : Activation
        What the network says.
    onsets : Onsets
        Of the same song.

    Returns
    -------
    float32 array, shape (frames,)
        0 to 1.
    """
    return logistic(linear("salience", FEATURES)(features(activation, onsets))).astype(np.float32)


def log_strength(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logarithm of onset strengths, in which what is weak counts as nothing."""
    logs: NDArray[np.float32] = np.log(strength + np.float32(0.3))
    return logs
