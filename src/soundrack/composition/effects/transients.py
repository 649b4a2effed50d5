"""Transient shaper: attacks and what follows them, louder or softer, at any level (after the differential envelopes of
SPL's Transient Designer, 1998: a quick follower less a slow one)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import points_for
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.compressor import pace, step_peaks
from soundrack.composition.effects.sound import Curve, Sound, factor, gained

_QUICK_MS, _SLOW_MS, _RELEASE_MS, _LONG_MS = 0.6, 18.0, 90.0, 420.0
_SPAN_DB = 12.0
_FLOOR = 1e-4


def process(sound: Sound, attack_db: float, sustain_db: float = 0.0, out: Sound | None = None) -> Sound:
    """Return a sound with other attacks and sustains.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    attack_db, sustain_db : float
        What the steepest attack, and what rings longest, gain or, if negative, lose; -24 to 24.
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    return gained(sound, gain_curve(sound, attack_db, sustain_db), out)


def gain_curve(sound: Sound, attack_db: float, sustain_db: float) -> Curve:
    """Return the factors by which attacks and sustains are shaped."""
    peaks = np.empty(points_for(len(sound)), dtype=np.float32)
    step_peaks(sound, peaks)
    shares = np.empty((2, len(peaks)), dtype=np.float32)
    paces = np.array([pace(_QUICK_MS), pace(_SLOW_MS), pace(_RELEASE_MS), pace(_LONG_MS)])
    _differences(peaks, shares, paces)
    return factor(attack_db * shares[0] + sustain_db * shares[1])


@kernel
def _differences(peaks: NDArray[np.float32], shares: NDArray[np.float32], paces: NDArray[np.float64]) -> None:
    """Fill `shares` with how much of an attack and of a sustain there is, 0 to 1 each."""
    quick = slow = short = long = 1e-4
    for point in range(peaks.shape[0]):
        value = max(np.float64(peaks[point]), 1e-4)
        quick = value + (quick - value) * (paces[0] if value > quick else paces[2])
        slow = value + (slow - value) * (paces[1] if value > slow else paces[2])
        short = max(value, value + (short - value) * paces[2])
        long = max(value, value + (long - value) * paces[3])
        shares[0, point] = min(max(20.0 * np.log10(quick / slow) / 12.0, 0.0), 1.0)
        shares[1, point] = min(max(20.0 * np.log10(long / short) / 12.0, 0.0), 1.0)
