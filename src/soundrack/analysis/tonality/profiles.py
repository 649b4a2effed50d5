"""Tone profiles: how much of each pitch class people expect in a key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PROFILES = (
    # Krumhansl and Kessler, "Tracing the dynamic changes in perceived tonal organization", 1982
    (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    # Temperley, "The cognition of basic musical structures", 2001
    (
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
)
"""Of major and minor, from the tonic up."""


def profile_fit(strengths: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how well what sounds fits each key: the mean correlation with its profiles.

    Parameters
    ----------
    strengths : float32 array, shape (12,)
        How much each pitch class sounds, C first.

    Returns
    -------
    float64 array, shape (24,)
        -1 to 1; keys are numbered by tonic and mode: twice the tonic, plus one for minor. All 0 where every class
        sounds alike.
    """
    sounding = _standardised(strengths.astype(np.float64))
    fits = [
        [
            np.mean([np.roll(_standardised(np.array(profile[mode])), tonic) @ sounding for profile in _PROFILES])
            for mode in (0, 1)
        ]
        for tonic in range(12)
    ]
    return np.array(fits).ravel() / 12.0


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread > 0.0 else np.zeros_like(values))
