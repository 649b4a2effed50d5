"""Equaliser: cuts, shelves, bells and tilt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.audio import biquads
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Curve, Sound
from soundrack.composition.instruments.tone import RATE_HZ

Section = NDArray[np.float64]
"""A second-order filter of `audio.biquads`."""

_HIGHEST_HZ = 20_000.0
_PIVOT_HZ = 800.0


def process(sound: Sound, sections: Sequence[Section], out: Sound | None = None) -> Sound:
    """Return a sound through filters, one after the other, shape (frames, 2); it may be put where it was."""
    if out is None:
        out = sound.copy()
    elif out is not sound:
        out[:] = sound
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


def dipped(sound: Sound, hz: float, depth_db: float, q: float, where: Curve, out: Sound | None = None) -> Sound:
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
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    out = np.empty_like(sound) if out is None else out
    _dipped(sound, out, bell(hz, -depth_db, q), where)
    return out


@kernel
def _dipped(
    sound: NDArray[np.float32], out: NDArray[np.float32], section: NDArray[np.float64], where: NDArray[np.float32]
) -> None:
    b0, b1, b2, a1, a2 = section[0], section[1], section[2], section[3], section[4]
    s1, s2, t1, t2 = 0.0, 0.0, 0.0, 0.0
    for start in range(0, len(sound), 8):
        place = start // 8
        part, step = np.float64(where[place]), np.float64(where[place + 1] - where[place]) / 8.0
        for n in range(start, min(start + 8, len(sound))):
            x, y = np.float64(sound[n, 0]), np.float64(sound[n, 1])
            v, w = b0 * x + s1, b0 * y + t1
            s1, t1 = b1 * x - a1 * v + s2, b1 * y - a1 * w + t2
            s2, t2 = b2 * x - a2 * v + 1e-30, b2 * y - a2 * w + 1e-30
            here = part + step * (n - start)
            out[n, 0], out[n, 1] = x + here * (v - x), y + here * (w - y)


def _held(hz: float) -> float:
    return min(max(hz, 10.0), _HIGHEST_HZ)
