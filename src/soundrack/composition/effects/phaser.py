"""Phaser: a sound beside itself behind all-pass filters whose frequency moves (Smith, "An all-pass approach to digital
phasing and flanging", ICMC 1984)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ


@dataclass(frozen=True)
class Phaser:
    """A phaser.

    Parameters
    ----------
    stages : int
        2 to 12 filters; two make a notch.
    low_hz, high_hz : float
        Between which they move, 20 to 18,000.
    rate_hz : float
        How often.
    feedback : float
        0 to 0.9.
    mix : float
        0 to 1; at 0.5 notches are deepest.
    spread : float
        How far the right side is ahead, in turns.
    """

    stages: int = 6
    low_hz: float = 300.0
    high_hz: float = 2400.0
    rate_hz: float = 0.25
    feedback: float = 0.4
    mix: float = 0.5
    spread: float = 0.25


def process(sound: Sound, phaser: Phaser) -> Sound:
    """Return a sound through a phaser, shape (frames, 2)."""
    low, high = (min(max(each, 20.0), 18_000.0) for each in (phaser.low_hz, phaser.high_hz))
    out = np.empty_like(sound)
    _phased(
        sound,
        out,
        min(max(phaser.stages, 2), 12),
        math.log(low),
        math.log(max(high, low)),
        2.0 * math.pi * phaser.rate_hz / RATE_HZ,
        2.0 * math.pi * phaser.spread,
        np.float32(min(max(phaser.feedback, 0.0), 0.9)),
        np.float32(min(max(phaser.mix, 0.0), 1.0)),
        float(RATE_HZ),
    )
    return out


@kernel
def _phased(
    sound: NDArray[np.float32],
    out: NDArray[np.float32],
    stages: int,
    low: float,
    high: float,
    pace: float,
    spread: float,
    feedback: np.float32,
    mix: np.float32,
    rate_hz: float,
) -> None:
    state = np.zeros((12, 2), dtype=np.float32)
    back, slopes = np.zeros(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    nothing = np.float32(1e-18)
    for start in range(0, len(sound), 32):
        for channel in range(2):
            turn = 0.5 + 0.5 * math.sin(pace * start + spread * channel)
            tangent = math.tan(math.pi * math.exp(low + (high - low) * turn) / rate_hz)
            slopes[channel] = (tangent - 1.0) / (tangent + 1.0)
        for n in range(start, min(start + 32, len(sound))):
            for channel in range(2):
                a, value = slopes[channel], sound[n, channel] + feedback * back[channel] + nothing
                for stage in range(stages):
                    passed = a * value + state[stage, channel]
                    state[stage, channel] = value - a * passed
                    value = passed
                back[channel] = value
                out[n, channel] = sound[n, channel] + mix * (value - sound[n, channel])
