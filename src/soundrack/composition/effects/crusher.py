"""Bit crusher: few values, few moments."""

from __future__ import annotations

import numpy as np

from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_HAIR = 1e-6
"""What rounding may have taken from a whole number."""


def process(sound: Sound, bits: float, rate_hz: float, mix: float = 1.0) -> Sound:
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
    """
    step = np.float32(2.0 ** (1.0 - min(max(bits, 1.0), 24.0)))
    ratio = min(max(rate_hz, 100.0), float(RATE_HZ)) / RATE_HZ
    number = np.floor(np.arange(len(sound)) * ratio + _HAIR)
    moments = np.minimum(np.ceil(number / ratio - _HAIR), max(len(sound) - 1, 0))
    held = sound[moments.astype(np.int64)]
    rounded = step * np.round(held / step)
    return np.ascontiguousarray(np.float32(1.0 - mix) * sound + np.float32(mix) * rounded, dtype=np.float32)
