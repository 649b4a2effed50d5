"""From floating point to integers, once, with triangular dither.

Two uniform random numbers added before rounding make the error's mean and power independent of the signal (Lipshitz,
Wannamaker and Vanderkooy, "Quantization and Dither: A Theoretical Survey", J. Audio Eng. Soc. 40, 1992). The random
numbers are a hash of the sample's position, so the result does not depend on how a song is cut in blocks. It is one of
32 bits (C. Wellons, hash-prospector, https://github.com/skeeto/hash-prospector), which processors work on eight at a
time; each half of it is a number, far finer than a step of what is rounded to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_AT_ONCE = 512


def quantised(samples: NDArray[np.float32], bits: int, first_frame: int = 0, seed: int = 0) -> NDArray[np.int32]:
    """Return samples as integers of `bits` bits with TPDF dither of ±1 least significant bit.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0. What lies beyond full scale is clipped.
    bits : int
        Width of the integers, 2 to 24.
    first_frame : int
        Position of the first frame in the song.
    seed : int
        Another seed, another dither.

    Returns
    -------
    int32 array, shape (frames, channels)
        Right-justified: -2**(bits - 1) to 2**(bits - 1) - 1.
    """
    integers = np.empty(samples.shape, dtype=np.int32)
    first = first_frame * samples.shape[1]
    _quantise(samples, np.int64(bits), np.int64(first), np.uint32(_origin(first, seed)), integers)
    return integers


def _origin(first: int, seed: int) -> int:
    """Return where the hash begins: elsewhere for another seed, and each time that its 32 bits have been used up."""
    return ((first >> 32) * 0x85EBCA6B + seed * 0xC2B2AE35) & 0xFFFFFFFF


@kernel
def _quantise(
    samples: NDArray[np.float32], bits: np.int64, first: np.int64, origin: np.uint32, integers: NDArray[np.int32]
) -> None:
    scale = 2.0 ** (bits - 1)  # double precision: single has no bit left to dither at 24 bits
    flat, out = samples.reshape(-1), integers.reshape(-1)
    noise = np.empty(_AT_ONCE, dtype=np.int32)
    for start in range(0, len(flat), _AT_ONCE):
        values, rounded = flat[start : start + _AT_ONCE], out[start : start + _AT_ONCE]
        _fill_noise(first + start, origin, noise)
        for n in range(len(values)):
            value = np.floor(np.float64(values[n]) * scale + np.float64(noise[n]) * 2.0**-16 + 0.5)
            rounded[n] = np.int32(min(max(value, -scale), scale - 1.0))


@kernel
def _fill_noise(first: np.int64, origin: np.uint32, noise: NDArray[np.int32]) -> None:
    """Fill with the difference of two uniform numbers from 0 to 65535."""
    for n in range(len(noise)):
        mixed = np.uint32((first + n) & 0xFFFFFFFF)
        mixed = np.uint32(mixed ^ origin)
        mixed = np.uint32(mixed ^ (mixed >> np.uint32(16)))
        mixed = np.uint32(mixed * np.uint32(0x21F0AAAD))
        mixed = np.uint32(mixed ^ (mixed >> np.uint32(15)))
        mixed = np.uint32(mixed * np.uint32(0x735A2D97))
        mixed = np.uint32(mixed ^ (mixed >> np.uint32(15)))
        noise[n] = np.int32(mixed >> np.uint32(16)) - np.int32(mixed & np.uint32(0xFFFF))
