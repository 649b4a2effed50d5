"""From floating point to integers, once, with triangular dither.

Two uniform random numbers added before rounding make the error's mean and power independent of the signal (Lipshitz,
Wannamaker and Vanderkooy, "Quantization and Dither: A Theoretical Survey", J. Audio Eng. Soc. 40, 1992). The random
numbers are a hash of the sample's position (SplitMix64), so the result does not depend on how a song is cut in blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel


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
    _quantise(samples, np.int64(bits), np.uint64(first_frame * samples.shape[1]), np.uint64(seed), integers)
    return integers


@kernel
def _quantise(
    samples: NDArray[np.float32], bits: np.int64, first: np.uint64, seed: np.uint64, integers: NDArray[np.int32]
) -> None:
    scale = 2.0 ** (bits - 1)  # double precision: single has no bit left to dither at 24 bits
    flat, out = samples.reshape(-1), integers.reshape(-1)
    origin = first + seed * np.uint64(0xD1342543DE82EF95)
    for n in range(len(flat)):
        mixed = (origin + np.uint64(n)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        uniforms = np.int64(mixed >> np.uint64(32)) - np.int64(mixed & np.uint64(0xFFFFFFFF))
        value = np.floor(flat[n] * scale + uniforms * 2.0**-32 + 0.5)
        out[n] = np.int32(min(max(value, -scale), scale - 1.0))
