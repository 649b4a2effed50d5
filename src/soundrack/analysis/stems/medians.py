"""Running medians, by which sustained and struck sounds are told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel


@kernel
def running_median(values: NDArray[np.float32], half: int, out: NDArray[np.float32]) -> None:
    """Write the median of the 2 half + 1 values around each value of a row, fewer at its ends.

    Parameters
    ----------
    values, out : float32 array, shape (rows, n)
        What is read and what is written.
    half : int
        At least 1.
    """
    rows, n = values.shape
    window = np.empty(2 * half + 2, dtype=np.float32)
    for row in range(rows):
        size = 0
        for ahead in range(min(half, n)):
            size = _insert(window, size, values[row, ahead])
        for at in range(n):
            if at + half < n:
                size = _insert(window, size, values[row, at + half])
            if at - half - 1 >= 0:
                size = _remove(window, size, values[row, at - half - 1])
            out[row, at] = 0.5 * (window[(size - 1) // 2] + window[size // 2])


@kernel
def _insert(window: NDArray[np.float32], size: int, value: float) -> int:
    at = size
    while at > 0 and window[at - 1] > value:
        window[at] = window[at - 1]
        at -= 1
    window[at] = value
    return size + 1


@kernel
def _remove(window: NDArray[np.float32], size: int, value: float) -> int:
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if window[middle] < value:
            low = middle + 1
        else:
            high = middle
    for at in range(low, size - 1):
        window[at] = window[at + 1]
    return size - 1
