"""Oscillators without aliasing: single cycles, kept once for every quarter of an octave.

A cycle is a table of its harmonics' sum. There is one for each quarter of an octave of fundamentals, with no more
harmonics than stay below `HIGHEST_HZ` (Bristow-Johnson, "Wavetable Synthesis 101, A Fundamental Perspective", AES
Convention 101, 1996). Reading between two samples by a straight line leaves images of the h-th harmonic that are about
(h / (N - h))^2 of it in a table of N; with N four times the most harmonics they stay 70 dB below the fundamental.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

RATE_HZ = 44_100
"""The rate at which everything is played. It stands here since kernels have it compiled into them."""

TABLE_BITS = 12
TABLE_SIZE = 1 << TABLE_BITS
MOST_HARMONICS = TABLE_SIZE // 4
LEVELS_AN_OCTAVE = 4
LEVELS = LEVELS_AN_OCTAVE * (TABLE_BITS - 2) + 1
HIGHEST_HZ = 20_000.0
"""What no harmonic is above."""
TURN = 1 << 32
"""A turn of an oscillator's phase, which is a whole number."""

_FRACTION_BITS = 32 - TABLE_BITS
_FRACTION_MASK = (1 << _FRACTION_BITS) - 1
_FRACTION = 1.0 / (1 << _FRACTION_BITS)


def tables(sines: NDArray[np.float64], cosines: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a cycle for every quarter of an octave.

    Parameters
    ----------
    sines, cosines : float64 array, shape (MOST_HARMONICS,)
        Amplitudes of the harmonics, the fundamental first.

    Returns
    -------
    float32 array, shape (LEVELS, TABLE_SIZE + 1)
        The first level has all harmonics, each further one fewer, the last only the fundamental. The last sample is
        the first.
    """
    made = np.zeros((LEVELS, TABLE_SIZE + 1), dtype=np.float32)
    for level in range(LEVELS):
        count = harmonics(level)
        spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
        spectrum[1 : count + 1] = (cosines[:count] - 1j * sines[:count]) * TABLE_SIZE / 2
        made[level, :-1] = np.fft.irfft(spectrum)
    made[:, -1] = made[:, 0]
    return made


def harmonics(level: int) -> int:
    """Return how many harmonics a level has, `MOST_HARMONICS` down to 1."""
    return math.floor(MOST_HARMONICS * math.exp2(-level / LEVELS_AN_OCTAVE) + 1e-9)


@cache
def cycle(name: str) -> NDArray[np.float32]:
    """Return the tables of a classical waveform: ``sine``, ``triangle``, ``saw`` (rising) or ``square``.

    Their amplitude is 1 (of the ideal wave; what is left of it overshoots, as Gibbs found). Shape (1, LEVELS,
    TABLE_SIZE + 1).
    """
    number = np.arange(1, MOST_HARMONICS + 1, dtype=np.float64)
    odd = number % 2
    sines = {
        "sine": (number == 1).astype(np.float64),
        "triangle": 8.0 / math.pi**2 * odd * (1.0 - 2.0 * ((number - 1) / 2 % 2)) / number**2,
        "saw": -2.0 / math.pi * (-1.0) ** number / number,
        "square": 4.0 / math.pi * odd / number,
    }[name]
    return tables(sines, np.zeros(MOST_HARMONICS))[None]


@kernel
def level_of(frequency_hz: float) -> int:
    """Return the level whose harmonics stay below `HIGHEST_HZ` at a fundamental."""
    wanted = LEVELS_AN_OCTAVE * math.log2(MOST_HARMONICS * frequency_hz / HIGHEST_HZ)
    return min(max(math.ceil(wanted), 0), LEVELS - 1)


@kernel
def add_wave(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    count: int,
    table: NDArray[np.float32],
    phase: int,
    increment: int,
    to_left: np.float32,
    to_right: np.float32,
) -> int:
    """Add `count` samples of a cycle, times a gain each, to two channels, and return the phase after them."""
    for n in range(count):
        at = np.uint32(phase + n * increment)
        place = np.int32(at >> np.uint32(_FRACTION_BITS))
        part = np.float32(np.int32(at & np.uint32(_FRACTION_MASK))) * np.float32(_FRACTION)
        here = table[place]
        value = here + part * (table[place + 1] - here)
        left[n] += to_left * value
        right[n] += to_right * value
    return (phase + count * increment) & (TURN - 1)


@kernel
def read_wave(wave: NDArray[np.float32], count: int, table: NDArray[np.float32], phase: int, increment: int) -> int:
    """Write `count` samples of a cycle and return the phase after them."""
    # Indices of 32 bits, because with them the compiler reads several samples at once.
    for n in range(count):
        at = np.uint32(phase + n * increment)
        place = np.int32(at >> np.uint32(_FRACTION_BITS))
        part = np.float32(np.int32(at & np.uint32(_FRACTION_MASK))) * np.float32(_FRACTION)
        here = table[place]
        wave[n] = here + part * (table[place + 1] - here)
    return (phase + count * increment) & (TURN - 1)
