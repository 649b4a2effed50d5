"""An autoregressive model of the sound around a gap, and the samples that it puts there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ORDER = 32
AROUND = 512
"""Frames on either side of a gap that the model is made from."""
_WHITE = 1e-9
"""Noise added to the model's autocorrelation: -90 dB, so that a pure tone has one."""
_TYPICAL = 1.4826
"""From the median magnitude to the standard deviation of a normal distribution."""
_LEAST_ERROR = 2.0**-16
"""Below the rounding of 16 bits nothing can be predicted."""
_LAGS = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER))


def error_filter(around: NDArray[np.float64], first: int, frames: int) -> NDArray[np.float64]:
    """Return the prediction error filter of what lies around a gap, by the autocorrelation method.

    Parameters
    ----------
    around : float64 array
        The sound, more than 32 frames on either side of the gap.
    first, frames : int
        Where the gap begins, and its length. What stands in it is not looked at.

    Returns
    -------
    float64 array, shape (33,)
        Begins with 1.0.
    """
    lags = np.zeros(ORDER + 1)
    for side in (around[:first], around[first + frames :]):
        faded = side * np.hanning(len(side) + 2)[1:-1]
        lags += [faded[lag:] @ faded[: len(faded) - lag] for lag in range(ORDER + 1)]
    lags[0] = lags[0] * (1.0 + _WHITE) + 1e-20
    return np.concatenate(([1.0], -np.linalg.solve(lags[_LAGS], lags[1:])))


def interpolated(around: NDArray[np.float64], first: int, frames: int, a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the samples of a gap for which the sum of squared prediction errors is least.

    Parameters
    ----------
    around : float64 array
        The sound, at least 32 frames on either side of the gap. What stands in the gap is not looked at.
    first, frames : int
        Where the gap begins, and its length.
    a : float64 array, shape (33,)
        Prediction error filter.

    Notes
    -----
    Equations of Janssen, Veldhuis and Vries, "Adaptive interpolation of discrete-time signals that can be modeled as
    autoregressive processes", IEEE Transactions on Acoustics, Speech, and Signal Processing 34(2), 1986, pages 317 to
    330, with one estimate of the model, from the sound on both sides.
    """
    products = np.correlate(a, a, "full")  # symmetric about its middle, ORDER
    distances = np.abs(np.arange(frames)[:, None] - np.arange(frames))
    matrix = np.where(distances <= ORDER, products[np.minimum(distances, ORDER) + ORDER], 0.0)
    known = around[first - ORDER : first + frames + ORDER].copy()
    known[ORDER : ORDER + frames] = 0.0
    return np.asarray(np.linalg.solve(matrix, -np.convolve(known, products, "valid")), dtype=np.float64)


def prediction_errors(sound: NDArray[np.float64], a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the magnitude of each prediction error, 32 frames fewer than `sound`, the first that of frame 32."""
    errors: NDArray[np.float64] = np.abs(np.convolve(sound, a, "valid"))
    return errors


def typical_error(errors: NDArray[np.float64], first: int, last: int) -> float:
    """Return the standard deviation of prediction errors, without those from `first` up to `last`, robustly."""
    elsewhere = np.concatenate((errors[:first], errors[last:]))
    return max(_TYPICAL * float(np.median(elsewhere)), _LEAST_ERROR)
