"""The way out of a strip: level, place and automation, onto a bus and into the sends, in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    bus, echo : float32 arrays, shape (frames, 2)
        What is added to.
    short, long : float32 arrays, shape (frames, 1)
        What the middle is added to.
    """
    left, right = gains[0], gains[1]
    to_short, to_long, to_echo = np.float32(0.5) * gains[2], np.float32(0.5) * gains[3], gains[4]
    for start in range(0, len(sound), 8):
        place = start // 8
        here, step = curve[place], (curve[place + 1] - curve[place]) * np.float32(0.125)
        for n in range(start, min(start + 8, len(sound))):
            factor = here + step * np.float32(n - start)
            one, other = sound[n, 0] * (left * factor), sound[n, 1] * (right * factor)
            sound[n, 0], sound[n, 1] = one, other
            bus[n, 0] += one
            bus[n, 1] += other
            short[n, 0] += to_short * (one + other)
            long[n, 0] += to_long * (one + other)
            echo[n, 0] += to_echo * one
            echo[n, 1] += to_echo * other
