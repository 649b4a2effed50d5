"""What effects are given and give."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from soundrack.audio.gain import STEP_FRAMES, points_for, under_gain
from soundrack.composition.instruments.tone import RATE_HZ

Sound = NDArray[np.float32]
"""Shape (frames, 2), C-contiguous, full scale = 1.0, finite, at `RATE_HZ`."""
Curve = NDArray[np.float32]
"""Values every `STEP_FRAMES` frames from the beginning on, shape (points_for(frames),)."""

POINT_S = STEP_FRAMES / RATE_HZ
"""How far apart a curve's points are."""


def curve(frames: int, times_s: ArrayLike, values: ArrayLike) -> Curve:
    """Return a curve of straight lines through some points, level before the first and after the last.

    Parameters
    ----------
    frames : int
        How long the sound is.
    times_s, values : sequences of float of the same length
        The points, in order.
    """
    at = np.arange(points_for(frames)) * POINT_S
    points = np.interp(at, np.asarray(times_s, np.float64), np.asarray(values, np.float64))
    return np.asarray(points, dtype=np.float32)


def gained(sound: Sound, gains: Curve, out: Sound | None = None) -> Sound:
    """Return a sound under a curve of factors; it may be put where it was."""
    return under_gain(sound, 0, gains, out)


def factor(db: ArrayLike) -> NDArray[np.float32]:
    """Return what a level in dB multiplies by."""
    return np.asarray(10.0 ** (np.asarray(db, np.float64) / 20.0), dtype=np.float32)
