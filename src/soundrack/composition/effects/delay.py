"""Echoes: a delay in time with the song, from side to side, filtered, and as unsteady as a tape's.

What comes back is bent before it is delayed again, so that echoes stay bounded even where each is fed back louder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_LONGEST_S = 4.0
_SHORTEST_S = 0.002
_FLUTTER_HZ = 6.3
_FLUTTER_SHARE = 0.12


@dataclass(frozen=True)
class Echo:
    """A delay.

    Parameters
    ----------
    time_s : float
        Of the delay; held to 0.002 to 4. Of notes: `quarter_s` times 0.75 for a dotted eighth.
    feedback : float
        What part of an echo is heard again; 0 to 1.1.
    ping_pong : bool
        Whether echoes go from side to side, the first on the left.
    low_cut_hz, high_cut_hz : float
        What is taken from each echo, first order.
    wobble_ms : float
        How far the tape strays, 0 to 5.
    wobble_hz : float
        How often.
    """

    time_s: float
    feedback: float = 0.4
    ping_pong: bool = True
    low_cut_hz: float = 250.0
    high_cut_hz: float = 5000.0
    wobble_ms: float = 0.0
    wobble_hz: float = 0.7


def process(sound: Sound, echo: Echo) -> Sound:
    """Return the echoes of a sound, without the sound itself.

    Parameters
    ----------
    sound : float32 array, shape (frames, 1 or 2)
        What is repeated; one channel is in the middle.
    echo : Echo
        How.

    Returns
    -------
    float32 array, shape (frames, 2)
        Echoes of less than full scale are hardly bent: 0.03 dB at a tenth of it.
    """
    out = np.empty((len(sound), 2), dtype=np.float32)
    time_s = min(max(echo.time_s, _SHORTEST_S), _LONGEST_S)
    _echo(
        sound,
        out,
        time_s * RATE_HZ,
        np.float32(min(max(echo.feedback, 0.0), 1.1)),
        echo.ping_pong,
        np.float32(1.0 - math.exp(-2.0 * math.pi * echo.low_cut_hz / RATE_HZ)),
        np.float32(1.0 - math.exp(-2.0 * math.pi * echo.high_cut_hz / RATE_HZ)),
        min(0.001 * echo.wobble_ms, 0.25 * time_s) * RATE_HZ,
        2.0 * math.pi * echo.wobble_hz / RATE_HZ,
        2.0 * math.pi * _FLUTTER_HZ / RATE_HZ,
    )
    return out


@kernel
def _echo(
    sound: NDArray[np.float32],
    out: NDArray[np.float32],
    delay: float,
    feedback: np.float32,
    crosses: bool,
    low: np.float32,
    high: np.float32,
    wobble: float,
    pace: float,
    flutter: float,
) -> None:
    frames = len(sound)
    reach = 1
    while reach < delay + wobble + 36:
        reach *= 2
    mask = reach - 1
    ring = np.zeros((reach, 2), dtype=np.float32)
    last = sound.shape[1] - 1
    lows, highs = np.zeros(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    one, half, nothing = np.float32(1.0), np.float32(0.5), np.float32(1e-18)
    for start in range(0, frames, 16):
        count = min(16, frames - start)
        here = delay + wobble * (0.88 * math.sin(pace * start) + 0.12 * math.sin(flutter * start))
        there = delay + wobble * (0.88 * math.sin(pace * (start + 16)) + 0.12 * math.sin(flutter * (start + 16)))
        for n in range(count):
            away = here + (there - here) * n / 16.0
            whole = int(away)
            part = np.float32(away - whole)
            place = start + n - whole
            for channel in range(2):
                echo = (one - part) * ring[place & mask, channel] + part * ring[(place - 1) & mask, channel]
                highs[channel] += high * (echo - highs[channel]) + nothing
                lows[channel] += low * (highs[channel] - lows[channel])
                out[start + n, channel] = highs[channel] - lows[channel]
            left, right = out[start + n, 0], out[start + n, 1]
            if crosses:
                middle = half * (sound[start + n, 0] + sound[start + n, last])
                ring[(start + n) & mask, 0] = middle + _bent(feedback * right)
                ring[(start + n) & mask, 1] = _bent(left)
            else:
                ring[(start + n) & mask, 0] = sound[start + n, 0] + _bent(feedback * left)
                ring[(start + n) & mask, 1] = sound[start + n, last] + _bent(feedback * right)


@kernel
def _bent(value: np.float32) -> np.float32:
    """Return a value that stays below full scale; what is small is hardly changed."""
    bent: np.float32 = value / math.sqrt(np.float32(1.0) + value * value)
    return bent
