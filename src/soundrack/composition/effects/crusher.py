"""Bit crusher: few values, few moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_HAIR = 1e-6
"""What rounding may have taken from a whole number."""


def process(sound: Sound, bits: float, rate_hz: float, mix: float = 1.0, out: Sound | None = None) -> Sound:
    """Return a sound as an early sampler would have it.

    Its images and its aliases are wanted: nothing is filtered.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    bits : float
        1 to 24: values are rounded to this many, full scale = 1.0.
    rate_hz : float
        100 to 44,100: values are held until the next moment at this rate.
    mix : float
        0 to 1: how much of the result is crushed.
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    step = np.float32(2.0 ** (1.0 - min(max(bits, 1.0), 24.0)))
    ratio = min(max(rate_hz, 100.0), float(RATE_HZ)) / RATE_HZ
    out = np.empty_like(sound) if out is None else out
    _crush(sound, out, step, ratio, np.float32(mix))
    return out


@kernel
def _crush(
    sound: NDArray[np.float32], out: NDArray[np.float32], step: np.float32, ratio: float, mix: np.float32
) -> None:
    last = -1.0
    left, right, dry = np.float32(0.0), np.float32(0.0), np.float32(1.0) - mix
    for n in range(len(sound)):
        number = np.floor(n * ratio + _HAIR)
        if number != last:
            last = number
            left, right = step * np.round(sound[n, 0] / step), step * np.round(sound[n, 1] / step)
        out[n, 0] = dry * sound[n, 0] + mix * left
        out[n, 1] = dry * sound[n, 1] + mix * right
