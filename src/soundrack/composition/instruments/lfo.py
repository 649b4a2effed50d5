"""Low-frequency oscillators."""

from __future__ import annotations

import math

from soundrack.audio.kernels import kernel

SINE, TRIANGLE, SAW, SQUARE = 0, 1, 2, 3
_EDGE = 0.06
"""How much of a turn a jump takes: quicker ones would click."""


@kernel
def lfo_value(shape: int, turns: float) -> float:
    """Return a low-frequency oscillator's value, -1 to 1.

    Parameters
    ----------
    shape : int
        `SINE` and `TRIANGLE` begin at their lowest, `SAW` falls from its highest, `SQUARE` begins at its highest.
    turns : float
        Since its beginning.
    """
    part = turns - math.floor(turns)
    if shape == TRIANGLE:
        return 1.0 - abs(4.0 * part - 2.0)
    if shape == SAW:
        return 1.0 - 2.0 * (part - _EDGE) / (1.0 - _EDGE) if part > _EDGE else 2.0 * part / _EDGE - 1.0
    if shape == SQUARE:
        if part < _EDGE:
            return 2.0 * part / _EDGE - 1.0
        return 1.0 if part < 0.5 else max(1.0 - 2.0 * (part - 0.5) / _EDGE, -1.0)
    return -math.cos(2.0 * math.pi * part)
