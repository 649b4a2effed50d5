"""Moving averages."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def averaged(
    values: NDArray[np.float64], count: int, *, beyond: Literal["edge", "constant"] = "edge"
) -> NDArray[np.float64]:
    """Return at each place the mean of the `count` values around it.

    Parameters
    ----------
    values : float64 array, shape (frames,)
        At least one.
    count : int
        1 or more.
    beyond : str
        What is taken to be beyond both ends: ``edge`` the last value, ``constant`` zeros.
    """
    before = count // 2
    padded = np.pad(values, (before + 1, count - 1 - before), beyond)
    sums = np.cumsum(padded)
    return np.asarray((sums[count:] - sums[:-count]) / count, dtype=np.float64)
