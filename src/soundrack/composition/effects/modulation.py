"""Chorus and flanger: a sound beside copies of itself whose delay moves (Dattorro, "Effect design, part 2", JAES 45,
1997)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_MOST_FEEDBACK = 0.95


@dataclass(frozen=True)
class Modulation:
    """Copies of a sound that move.

    Parameters
    ----------
    voices : int
        1 to 6 copies, alternately on the left and on the right.
    delay_ms, depth_ms : float
        In the middle of their way, and how far from it they go; at most 50, and no further than the delay.
    rate_hz : float
        How often.
    feedback : float
        -0.95 to 0.95: of a copy into the delay.
    mix : float
        0 (the sound alone) to 1 (copies alone).
    """

    voices: int
    delay_ms: float
    depth_ms: float
    rate_hz: float
    feedback: float = 0.0
    mix: float = 0.5


CHORUS = Modulation(4, 14.0, 3.5, 0.55, 0.0, 0.42)
ENSEMBLE = Modulation(6, 11.0, 2.2, 0.85, 0.0, 0.5)
FLANGER = Modulation(2, 2.4, 2.0, 0.18, 0.62, 0.5)


def process(sound: Sound, modulation: Modulation) -> Sound:
    """Return a sound with its moving copies.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    modulation : Modulation
        How they move.

    Returns
    -------
    float32 array, shape (frames, 2)
        The powers of sound and copies add up to about that of the sound.
    """
    voices = min(max(modulation.voices, 1), 6)
    delay_ms = min(max(modulation.delay_ms, 0.2), 50.0)
    out = np.empty_like(sound)
    _modulated(
        sound,
        out,
        voices,
        0.001 * delay_ms * RATE_HZ,
        0.001 * min(max(modulation.depth_ms, 0.0), delay_ms - 0.1) * RATE_HZ,
        2.0 * math.pi * modulation.rate_hz / RATE_HZ,
        np.float32(min(max(modulation.feedback, -_MOST_FEEDBACK), _MOST_FEEDBACK)),
        np.float32(math.cos(0.5 * math.pi * modulation.mix)),
        np.float32(math.sin(0.5 * math.pi * modulation.mix) * math.sqrt(2.0 / max(voices, 2))),
    )
    return out


@kernel
def _modulated(
    sound: NDArray[np.float32],
    out: NDArray[np.float32],
    voices: int,
    delay: float,
    depth: float,
    pace: float,
    feedback: np.float32,
    dry: np.float32,
    wet: np.float32,
) -> None:
    ring = np.zeros((8192, 2), dtype=np.float32)
    one, nothing = np.float32(1.0), np.float32(1e-18)
    for start in range(0, len(sound), 32):
        count = min(32, len(sound) - start)
        for n in range(count):
            ring[(start + n) & 8191, 0] = sound[start + n, 0] + nothing
            ring[(start + n) & 8191, 1] = sound[start + n, 1] + nothing
            out[start + n, 0] = dry * sound[start + n, 0]
            out[start + n, 1] = dry * sound[start + n, 1]
        for voice in range(voices):
            phase = 2.0 * math.pi * voice / voices
            here = np.float32(delay + depth * math.sin(pace * start + phase))
            there = np.float32(delay + depth * math.sin(pace * (start + 32) + phase))
            step = (there - here) * np.float32(1.0 / 32.0)
            first, last = (0, 2) if voices == 1 else (voice % 2, voice % 2 + 1)
            for n in range(count):
                away = here + step * np.float32(n)
                whole = int(away)
                part = away - np.float32(whole)
                place = start + n - whole
                for channel in range(first, last):
                    copy = (one - part) * ring[place & 8191, channel] + part * ring[(place - 1) & 8191, channel]
                    out[start + n, channel] += wet * copy
                    if voice < 2:
                        ring[(start + n) & 8191, channel] += feedback * copy
