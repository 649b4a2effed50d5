"""Equaliser: cuts, shelves, bells and tilt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.audio import biquads
from soundrack.composition.effects.sound import Curve, Sound, gained
from soundrack.composition.instruments.tone import RATE_HZ

Section = NDArray[np.float64]
"""A second-order filter of `audio.biquads`."""

_HIGHEST_HZ = 20_000.0
_PIVOT_HZ = 800.0


def process(sound: Sound, sections: Sequence[Section]) -> Sound:
    """Return a sound through filters, one after the other, shape (frames, 2)."""
    out = sound.copy()
    if sections:
        biquads.filter_in_place(out, np.array(sections))
    return out


def low_cut(hz: float) -> Section:
    """Return a high-pass of 12 dB an octave."""
    return biquads.high_pass(_held(hz), RATE_HZ)


def high_cut(hz: float) -> Section:
    """Return a low-pass of 12 dB an octave."""
    return biquads.low_pass(_held(hz), RATE_HZ)


def bell(hz: float, gain_db: float, q: float = 1.0) -> Section:
    """Return a bell."""
    return biquads.peaking(_held(hz), RATE_HZ, gain_db, q)


def low_shelf(hz: float, gain_db: float) -> Section:
    """Return a shelf below a frequency."""
    return biquads.low_shelf(_held(hz), RATE_HZ, gain_db)


def high_shelf(hz: float, gain_db: float) -> Section:
    """Return a shelf above a frequency."""
    return biquads.high_shelf(_held(hz), RATE_HZ, gain_db)


def tilt(gain_db: float) -> list[Section]:
    """Return shelves that raise all above 800 Hz by so much and lower all below by as much."""
    return [biquads.high_shelf(_PIVOT_HZ, RATE_HZ, 2.0 * gain_db, 0.4), _scaled(-gain_db)]


def _scaled(gain_db: float) -> Section:
    return np.array([10.0 ** (gain_db / 20.0), 0.0, 0.0, 0.0, 0.0])


def dipped(sound: Sound, hz: float, depth_db: float, q: float, where: Curve) -> Sound:
    """Return a sound with a bell downwards that comes and goes.

    For a given curve it is linear in the sound.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    hz, depth_db, q : float
        Of the bell where the curve is 1.
    where : float32 array
        A curve, 0 to 1.
    """
    changed = process(sound, [bell(hz, -depth_db, q)])
    changed -= sound
    out = gained(changed, where)
    out += sound
    return out


def _held(hz: float) -> float:
    return min(max(hz, 10.0), _HIGHEST_HZ)
