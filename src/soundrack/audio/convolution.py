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

from soundrack.audio.kernels import kernel

_BLOCKS_AT_ONCE = 4
"""Transforms made in one call: enough to hide its cost, few enough to stay in the third-level cache."""

_Transform = Callable[..., NDArray[Any]]
_Transforms = tuple[_Transform, _Transform]
_COMPLEX: _Transforms = (scipy.fft.fft, scipy.fft.ifft)
_REAL: _Transforms = (scipy.fft.rfft, scipy.fft.irfft)


def convolve_in_place(
    samples: NDArray[np.float32],
    taps: NDArray[np.float32],
    *,
    zero: int | None = None,
    side: NDArray[np.float32] | None = None,
) -> None:
    """Filter a sound in place, a stereo sound's middle and side differently where asked.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Replaced by the filtered sound; silence is assumed before and after.
    taps : float32 array, shape (taps,)
        Impulse response, of the middle alone, ``(left + right) / 2``, if there is one for the side.
    zero : int, optional
        The tap that stands for no delay. The middle one if not given, so that a linear-phase filter does not move
        anything in time; 0 for a filter that may only look back.
    side : float32 array, shape (taps,), optional
        Impulse response of the side, ``(left - right) / 2``. A mono sound has none, and is left without.

    Raises
    ------
    ValueError
        If `samples` has another shape, `zero` is no tap, or the two responses differ in length.
    """
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        raise ValueError(f"expected (frames, 1 or 2 channels), got shape {samples.shape}")
    memory, ahead = len(taps) - 1, len(taps) // 2 if zero is None else zero
    if not 0 <= ahead <= memory:
        raise ValueError(f"a filter of {len(taps)} taps has no tap {zero}")
    if side is not None and len(side) != len(taps):
        raise ValueError(f"the filters of mid and side have {len(taps)} and {len(side)} taps")
    stereo = samples.shape[1] == 2
    signal: NDArray[Any] = samples.view(np.complex64)[:, 0] if stereo else samples[:, 0]
    forward, inverse = _COMPLEX if stereo else _REAL
    size = _transform_size(len(taps), len(signal))
    hop = size - memory
    apply = _transfer(taps, side if stereo else None, size, forward, signal.dtype)
    before = np.zeros(memory, dtype=signal.dtype)  # the input that the next block still needs
    before[memory - ahead :] = _padded(signal[:ahead], ahead)
    for start in range(0, len(signal), hop * _BLOCKS_AT_ONCE):
        rows = min(_BLOCKS_AT_ONCE, -(-(len(signal) - start) // hop))
        fresh = _padded(signal[start + ahead : start + ahead + rows * hop], rows * hop)
        context = np.concatenate((before, fresh))
        before = context[rows * hop :].copy()
        blocks = as_strided(context, (rows, size), (hop * context.itemsize, context.itemsize), writeable=False)
        filtered = inverse(apply(forward(blocks, axis=1)), size, axis=1, overwrite_x=True)
        result = filtered[:, memory:].reshape(-1)
        signal[start : start + rows * hop] = result[: len(signal) - start]


def _transfer(
    taps: NDArray[np.float32], side: NDArray[np.float32] | None, size: int, forward: _Transform, dtype: np.dtype[Any]
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what a filter does to spectra.

    With X the transform of left + j right and X* its conjugate at the negative frequency, mid and side filtered by M
    and S make ``(M + S) / 2 X + j (M - S) / 2 X*``.
    """
    if side is None:
        transfer = forward(taps.astype(dtype), size)
        return lambda spectra: np.multiply(spectra, transfer, out=spectra)
    middle, difference = (forward(h.astype(dtype), size) for h in ((taps + side) / 2.0, (taps - side) / 2.0))
    difference *= 1j

    def apply(spectra: NDArray[Any]) -> NDArray[Any]:
        _apply_mid_side(spectra, middle, difference)
        return spectra

    return apply


@kernel
def _apply_mid_side(
    spectra: NDArray[np.complex64], middle: NDArray[np.complex64], difference: NDArray[np.complex64]
) -> None:
    size = spectra.shape[1]
    for row in spectra:
        for here in range(size // 2 + 1):
            there = (size - here) % size
            plus, minus = row[here], row[there]
            row[here] = middle[here] * plus + difference[here] * minus.conjugate()
            row[there] = middle[there] * minus + difference[there] * plus.conjugate()


def _transform_size(taps: int, frames: int) -> int:
    """Return a power of two about eight filters long, where most of a transform is of use; less for short sounds."""
    return max(4096, min(1 << (6 * taps - 1).bit_length(), 1 << (frames + taps - 2).bit_length()))


def _padded(part: NDArray[Any], length: int) -> NDArray[Any]:
    """Return `part`, or a copy with silence after it up to `length`."""
    if len(part) == length:
        return part
    return np.concatenate((part, np.zeros(length - len(part), dtype=part.dtype)))
