"""Filter whose frequency moves: a state-variable filter by trapezoidal integration (Zavalishin, The Art of VA Filter
Design, 2012, chapter 4), which stays stable however fast it moves."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Curve, Sound
from soundrack.composition.instruments.tone import RATE_HZ

_LOWEST_HZ, _HIGHEST_HZ = 10.0, 20_500.0


class Pass(IntEnum):
    """What it lets through."""

    LOW = 0
    BAND = 1
    HIGH = 2


def process(
    sound: Sound, cutoff_hz: Curve, kind: Pass = Pass.LOW, resonance: float = 0.0, out: Sound | None = None
) -> Sound:
    """Return a filtered sound, 12 dB an octave.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    cutoff_hz : float32 array
        A curve; held to 10 to 20,500 Hz.
    kind : Pass
        What passes.
    resonance : float
        0 (Butterworth) to 1 (rings for long, but ends).
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    out = np.empty_like(sound) if out is None else out
    slopes = np.tan(np.pi / RATE_HZ * np.clip(cutoff_hz, _LOWEST_HZ, _HIGHEST_HZ)).astype(np.float32)
    damping = 1.4142135 * (1.0 - min(max(resonance, 0.0), 1.0)) + 0.02
    _swept(sound, out, slopes, damping, int(kind))
    return out


@kernel
def _swept(
    sound: NDArray[np.float32], out: NDArray[np.float32], slopes: NDArray[np.float32], damping: float, kind: int
) -> None:
    first, second = np.zeros(2), np.zeros(2)
    for n in range(len(sound)):
        place, part = n // 8, (n % 8) / 8.0
        g = slopes[place] + part * (slopes[place + 1] - slopes[place])
        a = 1.0 / (1.0 + g * (g + damping))
        for channel in range(2):
            x = sound[n, channel] + 1e-18
            band = a * (first[channel] + g * (x - second[channel]))
            low = second[channel] + g * band
            first[channel] = 2.0 * band - first[channel]
            second[channel] = 2.0 * low - second[channel]
            if kind == 0:
                out[n, channel] = low
            elif kind == 1:
                out[n, channel] = damping * band
            else:
                out[n, channel] = x - damping * band - low
