"""Long filters by fast convolution.

Two channels travel as the real and imaginary part of one complex signal: a real filter keeps them apart, so one
transform does the work of two. Overlap-save in blocks, in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

_BLOCKS_AT_ONCE = 8
"""Transforms made in one call: enough to hide its cost, few enough to stay in the third-level cache."""

_Transforms = tuple[Callable[..., NDArray[Any]], Callable[..., NDArray[Any]]]
_COMPLEX: _Transforms = (scipy.fft.fft, scipy.fft.ifft)
_REAL: _Transforms = (scipy.fft.rfft, scipy.fft.irfft)


def convolve_in_place(samples: NDArray[np.float32], taps: NDArray[np.float32], *, zero: int | None = None) -> None:
    """Filter a sound in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Replaced by the filtered sound; silence is assumed before and after.
    taps : float32 array, shape (taps,)
        Impulse response.
    zero : int, optional
        The tap that stands for no delay. The middle one if not given, so that a linear-phase filter does not move
        anything in time; 0 for a filter that may only look back.

    Raises
    ------
    ValueError
        If `samples` has another shape, or `zero` is no tap.
    """
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        raise ValueError(f"expected (frames, 1 or 2 channels), got shape {samples.shape}")
    memory, ahead = len(taps) - 1, len(taps) // 2 if zero is None else zero
    if not 0 <= ahead <= memory:
        raise ValueError(f"a filter of {len(taps)} taps has no tap {zero}")
    stereo = samples.shape[1] == 2
    signal: NDArray[Any] = samples.view(np.complex64)[:, 0] if stereo else samples[:, 0]
    forward, inverse = _COMPLEX if stereo else _REAL
    size = _transform_size(len(taps), len(signal))
    hop = size - memory
    transfer = forward(taps.astype(signal.dtype), size)
    before = np.zeros(memory, dtype=signal.dtype)  # the input that the next block still needs
    before[memory - ahead :] = _padded(signal[:ahead], ahead)
    for start in range(0, len(signal), hop * _BLOCKS_AT_ONCE):
        rows = min(_BLOCKS_AT_ONCE, -(-(len(signal) - start) // hop))
        fresh = _padded(signal[start + ahead : start + ahead + rows * hop], rows * hop)
        context = np.concatenate((before, fresh))
        before = context[rows * hop :].copy()
        blocks = as_strided(context, (rows, size), (hop * context.itemsize, context.itemsize), writeable=False)
        spectra = forward(blocks, axis=1)
        spectra *= transfer
        filtered = inverse(spectra, size, axis=1, overwrite_x=True)
        result = filtered[:, memory:].reshape(-1)
        signal[start : start + rows * hop] = result[: len(signal) - start]


def _transform_size(taps: int, frames: int) -> int:
    """Return a power of two about eight filters long, where most of a transform is of use; less for short sounds."""
    return max(4096, min(1 << (6 * taps - 1).bit_length(), 1 << (frames + taps - 2).bit_length()))


def _padded(part: NDArray[Any], length: int) -> NDArray[Any]:
    """Return `part`, or a copy with silence after it up to `length`."""
    if len(part) == length:
        return part
    return np.concatenate((part, np.zeros(length - len(part), dtype=part.dtype)))
