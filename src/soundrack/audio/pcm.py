"""Linear PCM in bytes, to and from float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.containers import Pcm
from soundrack.audio.kernels import kernel


def unpack(data: NDArray[np.uint8], coding: Pcm, out: NDArray[np.float32]) -> None:
    """Convert bytes to samples, full scale = 1.0.

    Parameters
    ----------
    data : uint8 array, shape (frames * channels * coding.width,)
    coding : Pcm
        What the bytes are.
    out : float32 array, shape (frames, channels), C-contiguous
        Filled.
    """
    flat = out.reshape(-1)
    if coding is Pcm.S24:
        _unpack_24(data, flat)
    elif coding is Pcm.U8:
        np.multiply(data.astype(np.float32) - np.float32(128.0), np.float32(2.0**-7), out=flat)
    elif coding is Pcm.S16:
        np.multiply(data.view("<i2"), np.float32(2.0**-15), out=flat, dtype=np.float32)
    elif coding is Pcm.S32:
        np.multiply(data.view("<i4"), 2.0**-31, out=flat, casting="same_kind")
    else:
        with np.errstate(over="ignore"):  # what is beyond single precision becomes infinite, and is refused as such
            flat[:] = data.view("<f4" if coding is Pcm.F32 else "<f8")


def pack(integers: NDArray[np.int32], bits: int) -> NDArray[np.uint8]:
    """Convert integers of 16 or 24 bits to little-endian bytes.

    Parameters
    ----------
    integers : int32 array, shape (frames, channels), C-contiguous
        Right-justified, within their range.
    bits : int
        16 or 24.

    Returns
    -------
    uint8 array, shape (frames * channels * bits / 8,)
    """
    if bits == 16:
        return integers.astype("<i2").reshape(-1).view(np.uint8)
    data = np.empty(3 * integers.size, dtype=np.uint8)
    _pack_24(integers.reshape(-1), data)
    return data


@kernel
def _unpack_24(data: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    for n in range(len(out)):
        low, middle, high = np.int64(data[3 * n]), np.int64(data[3 * n + 1]), np.int64(data[3 * n + 2])
        # In the upper three bytes of four, so that the sign comes along.
        out[n] = np.float32(np.int32((high << 24) | (middle << 16) | (low << 8))) * np.float32(2.0**-31)


@kernel
def _pack_24(integers: NDArray[np.int32], data: NDArray[np.uint8]) -> None:
    for n in range(len(integers)):
        value = integers[n]
        data[3 * n] = np.uint8(value & 0xFF)
        data[3 * n + 1] = np.uint8((value >> 8) & 0xFF)
        data[3 * n + 2] = np.uint8((value >> 16) & 0xFF)
