"""Stereo: width, place, and a bass in the middle."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import high_pass
from soundrack.audio.gain import points_for
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Curve, Sound
from soundrack.composition.instruments.tone import RATE_HZ

_ALL = np.array([1.0, 0.0, 0.0, 0.0, 0.0])


def process(sound: Sound, width: float | Curve, mono_below_hz: float = 0.0, out: Sound | None = None) -> Sound:
    """Return a sound wider or narrower; what both channels have in common stays as it is.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    width : float or curve
        What the side is multiplied by: 0 for mono, 1 for no change.
    mono_below_hz : float
        Below it the side is cut off, 12 dB an octave; 0 for nowhere.
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    section = high_pass(mono_below_hz, RATE_HZ) if mono_below_hz > 0.0 else _ALL
    curve = width if isinstance(width, np.ndarray) else np.full(points_for(len(sound)), width, dtype=np.float32)
    out = np.empty_like(sound) if out is None else out
    _widened(sound, out, section, curve)
    return out


def placed(sound: Sound, pan: float) -> Sound:
    """Return a sound moved to a side with equal power: -3 dB a channel in the middle becomes 0 dB in one.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any; a stereo sound keeps what width the place leaves it.
    pan : float
        -1 (left) to 1 (right); 0 changes nothing.
    """
    return np.ascontiguousarray(sound * sides(pan))


def sides(pan: float) -> NDArray[np.float32]:
    """Return the factors of both channels for a place, -1 (left) to 1 (right); 1.0 and 1.0 in the middle."""
    angle = 0.25 * math.pi * (1.0 + min(max(pan, -1.0), 1.0))
    return np.array([math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)], dtype=np.float32)


@kernel
def _widened(
    sound: NDArray[np.float32], out: NDArray[np.float32], section: NDArray[np.float64], width: NDArray[np.float32]
) -> None:
    b0, b1, b2, a1, a2 = section[0], section[1], section[2], section[3], section[4]
    first, second = 0.0, 0.0
    for start in range(0, len(sound), 8):
        place = start // 8
        wide, step = np.float64(width[place]), np.float64(width[place + 1] - width[place]) / 8.0
        for n in range(start, min(start + 8, len(sound))):
            mid, side = 0.5 * (sound[n, 0] + sound[n, 1]), 0.5 * (sound[n, 0] - sound[n, 1])
            passed = b0 * side + first
            first = b1 * side - a1 * passed + second
            second = b2 * side - a2 * passed + 1e-30
            passed *= wide + step * (n - start)
            out[n, 0] = mid + passed
            out[n, 1] = mid - passed
