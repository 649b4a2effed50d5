"""The way out of a strip: level, place and automation, onto a bus and into the sends, in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import fill_factors
from soundrack.audio.kernels import kernel


@kernel
def route(
    sound: NDArray[np.float32],
    gains: NDArray[np.float32],
    curve: NDArray[np.float32],
    bus: NDArray[np.float32],
    short: NDArray[np.float32],
    long: NDArray[np.float32],
    echo: NDArray[np.float32],
) -> None:
    """Bring a part to its level and place, in place, and add it to a bus and to three sends.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        The part.
    gains : float32 array, shape (5,)
        Of the left and the right channel, and of the three sends.
    curve : float32 array
        A curve of factors (:mod:`soundrack.audio.gain`).
    bus : float32 array, shape (frames, 2)
        What is added to.
    short, long, echo : float32 arrays, shape (frames, 1)
        What the middle is added to.
    """
    left, right = gains[0], gains[1]
    factors, middle = np.empty(64, dtype=np.float32), np.empty(64, dtype=np.float32)
    half = np.float32(0.5)
    for start in range(0, len(sound), 64):
        count = min(64, len(sound) - start)
        here, there = sound[start : start + count], bus[start : start + count]
        loud = np.float32(0.0)
        for n in range(count):
            loud = max(loud, abs(here[n, 0]), abs(here[n, 1]))
        if loud == np.float32(0.0):
            continue
        fill_factors(curve, start, count, factors)
        for n in range(count):
            one, other = here[n, 0] * (left * factors[n]), here[n, 1] * (right * factors[n])
            here[n, 0], here[n, 1] = one, other
            there[n, 0] += one
            there[n, 1] += other
            middle[n] = half * (one + other)
        for send in range(3):
            gain = gains[2 + send]
            if gain != np.float32(0.0):
                sent = (short if send == 0 else long if send == 1 else echo)[start : start + count]
                for n in range(count):
                    sent[n, 0] += gain * middle[n]


@kernel
def add_middle(sound: NDArray[np.float32], gain: np.float32, out: NDArray[np.float32]) -> None:
    """Add a sound's middle, times a factor, to a sound of one channel, shape (frames, 1)."""
    half = np.float32(0.5) * gain
    for n in range(len(sound)):
        out[n, 0] += half * (sound[n, 0] + sound[n, 1])
