"""Unison: several oscillators a little apart in pitch and place.

Seven have the spacing and the balance of the super saw, as Szabo measured them ("How to Emulate the Super Saw", KTH
Stockholm, 2010). Other numbers are spaced evenly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_VOICES = 9
_OFFSETS = np.array([-0.11002313, -0.06288439, -0.01952356, 0.0, 0.01991221, 0.06216538, 0.10745242])
"""Of the seven oscillators' frequencies at the widest setting."""
_WIDEST_CENTS = 1200.0 * float(np.log2(1.0 + _OFFSETS[-1]))


def unison(voices: int, detune_cents: float, spread: float, blend: float) -> NDArray[np.float64]:
    """Return what each voice of an oscillator is multiplied by.

    Parameters
    ----------
    voices : int
        1 to `MOST_VOICES`.
    detune_cents : float
        Of the voices that are farthest from the middle, at least 0.
    spread : float
        0 (all in the middle) to 1 (alternately from far left to far right).
    blend : float
        How loud the others are beside the middle, 0 to 1: Szabo's curves for seven.

    Returns
    -------
    float64 array, shape (3, voices)
        Frequency ratios, gains of the left and of the right channel; the powers sum up to 1 a channel.
    """
    if voices == 1:
        return np.ones((3, 1))
    if voices == len(_OFFSETS):
        ratios = 1.0 + _OFFSETS * detune_cents / _WIDEST_CENTS
    else:
        ratios = 2.0 ** (np.linspace(-1.0, 1.0, voices) * detune_cents / 1200.0)
    outer = -0.73764 * blend**2 + 1.2841 * blend + 0.044372
    centre = -0.55366 * blend + 0.99785
    inmost = np.abs(np.arange(voices) - (voices - 1) / 2.0) < 0.75
    gains = np.where(inmost, centre, outer)
    side = np.where(np.arange(voices) % 2, 1.0, -1.0) * np.abs(np.linspace(-1.0, 1.0, voices)) ** 0.5
    pan = 0.5 + 0.5 * spread * side
    left, right = gains * np.cos(0.5 * np.pi * pan), gains * np.sin(0.5 * np.pi * pan)
    power = np.sqrt(np.sum(left**2)), np.sqrt(np.sum(right**2))
    return np.stack([ratios, left / power[0], right / power[1]])
