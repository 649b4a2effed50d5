"""What lies around each frame of a curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def greatest_nearby(curve: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return the greatest value in a window around each frame.

    Two windows of half the length, one after the other, have the greatest of both: a window of any length takes as many
    passes as the logarithm of it.

    Parameters
    ----------
    curve : float32 array, shape (n, ...)
        One curve, or several side by side.
    frames : int
        Length of the window, odd. At the ends it is cut off.

    Returns
    -------
    float32 array of the same shape
    """
    if not len(curve):
        return curve
    reach = frames // 2
    greatest = np.pad(curve, [(reach, reach), *[(0, 0)] * (curve.ndim - 1)], mode="edge")
    span = 1
    while 2 * span <= frames:
        greatest = np.maximum(greatest[:-span], greatest[span:])
        span *= 2
    rest = frames - span
    return np.maximum(greatest[: len(curve)], greatest[rest : rest + len(curve)])
