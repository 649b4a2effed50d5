"""Long linear-phase filters by fast convolution.

Two channels travel as the real and imaginary part of one complex signal: a real filter keeps them apart, so one
transform does the work of two. Overlap-save in blocks, in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

_BLOCKS_AT_ONCE = 8
"""Transforms made in one call: enough to hide its cost, few enough to stay in the second-level cache."""

_Transforms = tuple[Callable[..., NDArray[Any]], Callable[..., NDArray[Any]]]
_COMPLEX: _Transforms = (scipy.fft.fft, scipy.fft.ifft)
_REAL: _Transforms = (scipy.fft.rfft, scipy.fft.irfft)


def linear_phase_filter(
    gains_db: NDArray[np.float64], frequencies_hz: NDArray[np.float64], rate_hz: int, taps: int
) -> NDArray[np.float32]:
    """Design a linear-phase filter by sampling a magnitude curve (Oppenheim and Schafer, 7.5).

    Parameters
    ----------
    gains_db, frequencies_hz : float64 arrays of the same shape
        The curve; straight lines in dB over the logarithm of frequency, level beyond both ends.
    rate_hz : int
        Sample rate.
    taps : int
        Odd length. Detail finer than ``rate_hz / taps`` is smoothed away by the Hann window.

    Returns
    -------
    float32 array, shape (taps,)
        Symmetric about its middle, ``taps // 2`` samples of delay.
    """
    size = scipy.fft.next_fast_len(4 * taps, real=True)
    grid_hz = np.maximum(scipy.fft.rfftfreq(size, 1.0 / rate_hz), 1e-3)
    magnitude = 10.0 ** (np.interp(np.log(grid_hz), np.log(frequencies_hz), gains_db) / 20.0)
    response = np.roll(scipy.fft.irfft(magnitude, size), taps // 2)[:taps]
    return np.asarray(response * np.hanning(taps + 2)[1:-1], dtype=np.float32)


def convolve_in_place(samples: NDArray[np.float32], taps: NDArray[np.float32]) -> None:
    """Filter a sound in place, without delay.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Replaced by the filtered sound, aligned to the middle of the filter; silence is assumed before and after.
    taps : float32 array of odd length
        Impulse response.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        raise ValueError(f"expected (frames, 1 or 2 channels), got shape {samples.shape}")
    stereo = samples.shape[1] == 2
    signal: NDArray[Any] = samples.view(np.complex64)[:, 0] if stereo else samples[:, 0]
    forward, inverse = _COMPLEX if stereo else _REAL
    size = max(4096, 1 << (4 * len(taps) - 1).bit_length())
    hop, reach = size - len(taps) + 1, len(taps) // 2
    transfer = forward(taps.astype(signal.dtype), size)
    batch = np.empty((_BLOCKS_AT_ONCE, size), dtype=signal.dtype)
    before = np.zeros(len(taps) - 1, dtype=signal.dtype)  # the input that the next block still needs, shifted by reach
    before[reach:] = _padded(signal[:reach], reach)
    for start in range(0, len(signal), hop * _BLOCKS_AT_ONCE):
        rows = min(_BLOCKS_AT_ONCE, -(-(len(signal) - start) // hop))
        fresh = _padded(signal[start + reach : start + reach + rows * hop], rows * hop)
        context = np.concatenate((before, fresh))
        before = context[rows * hop :].copy()
        for row in range(rows):
            batch[row] = context[row * hop : row * hop + size]
        filtered = inverse(forward(batch[:rows], axis=1) * transfer, size, axis=1, overwrite_x=True)
        result = filtered[:, len(taps) - 1 :].reshape(-1)
        signal[start : start + rows * hop] = result[: len(signal) - start]


def _padded(part: NDArray[Any], length: int) -> NDArray[Any]:
    """Return `part`, or a copy with silence after it up to `length`."""
    if len(part) == length:
        return part
    return np.concatenate((part, np.zeros(length - len(part), dtype=part.dtype)))
