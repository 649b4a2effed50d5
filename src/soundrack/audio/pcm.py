"""Linear PCM in bytes, to and from float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.containers import Pcm
from soundrack.audio.kernels import kernel

_UNIT = np.float32(2.0**-31)


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
    flat = integers.reshape(-1)
    words = np.empty(-(-3 * flat.size // 4), dtype=np.uint32)
    _pack_24(flat, words)
    return words.view(np.uint8)[: 3 * flat.size]


@kernel
def highest_bits(bits: NDArray[np.int32]) -> int:
    """Return the bits of the largest magnitude among samples given by theirs, shape (frames, channels).

    Without their sign, numbers rise with their bits, above them infinity, above that what is not a number.
    """
    flat, best = bits.reshape(-1), np.int32(0)
    for n in range(len(flat)):
        best = max(best, np.int32(flat[n] & np.int32(0x7FFFFFFF)))
    return int(best)


@kernel
def _unpack_24(data: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Convert four samples at a time, which are three words of a little-endian machine, and the rest byte by byte."""
    whole = len(out) // 4
    words = data[: 12 * whole].view(np.uint32)
    for n in range(whole):
        first, second, third = words[3 * n], words[3 * n + 1], words[3 * n + 2]
        # In the upper three bytes of four, so that the sign comes along.
        out[4 * n] = np.float32(np.int32(first << 8)) * _UNIT
        out[4 * n + 1] = np.float32(np.int32(((first >> 24) << 8) | (second << 16))) * _UNIT
        out[4 * n + 2] = np.float32(np.int32(((second >> 16) << 8) | (third << 24))) * _UNIT
        out[4 * n + 3] = np.float32(np.int32((third >> 8) << 8)) * _UNIT
    for n in range(4 * whole, len(out)):
        low, middle, high = np.int64(data[3 * n]), np.int64(data[3 * n + 1]), np.int64(data[3 * n + 2])
        out[n] = np.float32(np.int32((high << 24) | (middle << 16) | (low << 8))) * _UNIT


@kernel
def _pack_24(integers: NDArray[np.int32], words: NDArray[np.uint32]) -> None:
    """Fill little-endian words with four integers in three; what is left over of the last is zero."""
    whole = len(integers) // 4
    for n in range(whole):
        a, b, c, d = integers[4 * n], integers[4 * n + 1], integers[4 * n + 2], integers[4 * n + 3]
        words[3 * n] = (a & 0xFFFFFF) | (b << 24)
        words[3 * n + 1] = ((b >> 8) & 0xFFFF) | (c << 16)
        words[3 * n + 2] = ((c >> 16) & 0xFF) | (d << 8)
    words[3 * whole :] = 0
    for n in range(4 * whole, len(integers)):
        for byte in range(3):
            place = 3 * n + byte
            words[place // 4] |= np.uint32(((integers[n] >> (8 * byte)) & 0xFF) << (8 * (place % 4)))
