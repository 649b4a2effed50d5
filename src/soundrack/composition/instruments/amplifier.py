"""What electric instruments go through: amplifiers, tremolos, motors, a rotating speaker."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, high_pass, low_pass, low_shelf, peaking
from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.tone import RATE_HZ


@dataclass(frozen=True)
class Tremolo:
    """Loudness that swings: of both sides together, as a vibraphone's motor makes it, or from side to side.

    `depth` 0 to 1 is what is taken away at the lowest.
    """

    rate_hz: float
    depth: float
    is_stereo: bool

    def __call__(self, out: NDArray[np.float32]) -> None:
        """Change a sound in place, shape (frames, 2)."""
        _swing(out, 2.0 * math.pi * self.rate_hz / RATE_HZ, self.depth, self.is_stereo)


@kernel
def _swing(out: NDArray[np.float32], step: float, depth: float, is_stereo: bool) -> None:
    turn_x, turn_y = math.cos(step), math.sin(step)
    x, y = 1.0, 0.0
    for n in range(len(out)):
        x, y = x * turn_x - y * turn_y, x * turn_y + y * turn_x
        other = -y if is_stereo else y
        out[n, 0] *= np.float32(1.0 - 0.5 * depth * (1.0 + y))
        out[n, 1] *= np.float32(1.0 - 0.5 * depth * (1.0 + other))


@dataclass(frozen=True)
class Equaliser:
    """Filters that follow all tones: sections of `audio.biquads`, shape (sections, 5)."""

    sections: NDArray[np.float64]

    def __call__(self, out: NDArray[np.float32]) -> None:
        """Change a sound in place, shape (frames, 2)."""
        filter_in_place(out, self.sections)


class Stack:
    """A guitar amplifier at full gain before a closed cabinet of four loudspeakers.

    The strings of a hand are driven together, so that fifths growl and thirds beat. Driving is
    ``x / sqrt(1 + x ** 2)``, whose overtones are kept from folding back by its antiderivative (Parker, Zavalishin & Le
    Bivic, "Reducing the Aliasing of Nonlinear Waveshaping Using Continuous-Time Convolution", 2016).

    Parameters
    ----------
    drive_db : float
        How far a chord at mezzo-forte is pushed above where the amplifier bends.
    level_db : float
        After it.
    """

    def __init__(self, drive_db: float, level_db: float) -> None:
        self._drive = 10.0 ** (drive_db / 20.0)
        self._level = 10.0 ** (level_db / 20.0)
        self._before = np.stack([high_pass(120.0, RATE_HZ), peaking(800.0, RATE_HZ, 5.0, 0.6)])
        self._after = np.stack(
            [
                high_pass(75.0, RATE_HZ, 0.8),
                peaking(120.0, RATE_HZ, 4.0, 1.2),
                peaking(450.0, RATE_HZ, -4.0, 0.8),
                peaking(2600.0, RATE_HZ, 5.0, 1.1),
                low_pass(4800.0, RATE_HZ, 0.9),
                low_pass(5600.0, RATE_HZ, 0.6),
            ]
        )

    def __call__(self, out: NDArray[np.float32]) -> None:
        """Change a sound in place, shape (frames, 2): each side is an amplifier of its own."""
        filter_in_place(out, self._before)
        _driven(out, self._drive, 0.15, self._level)
        filter_in_place(out, self._after)


@kernel
def _driven(out: NDArray[np.float32], drive: float, bias: float, level: float) -> None:
    """Drive a sound, with a bias, and take away what stands still."""
    base = bias / math.sqrt(1.0 + bias * bias)
    for side in range(2):
        before, before_sum = bias, math.sqrt(1.0 + bias * bias)
        for n in range(len(out)):
            x = drive * out[n, side] + bias
            total = math.sqrt(1.0 + x * x)
            if abs(x - before) > 1e-4:
                y = (total - before_sum) / (x - before)
            else:
                middle = 0.5 * (x + before)
                y = middle / math.sqrt(1.0 + middle * middle)
            out[n, side] = np.float32(level * (y - base))
            before, before_sum = x, total


class Rotor:
    """A rotating speaker: a horn above 800 Hz and a drum below, heard by two microphones.

    After Smith, Serafin, Abel & Berners, "Doppler Simulation and the Leslie", 2002: each rotor's nearness changes delay
    and level. It turns slowly ("chorale").

    Parameters
    ----------
    horn_hz, drum_hz : float
        Turns a second.
    """

    def __init__(self, horn_hz: float = 0.83, drum_hz: float = 0.67) -> None:
        self._steps = (2.0 * math.pi * horn_hz / RATE_HZ, -2.0 * math.pi * drum_hz / RATE_HZ)

    def __call__(self, out: NDArray[np.float32]) -> None:
        """Change a sound in place, shape (frames, 2): what comes in is its left side."""
        _rotate(out, self._steps[0], self._steps[1], 1.0 - math.exp(-2.0 * math.pi * 800.0 / RATE_HZ))
        filter_in_place(out, np.stack([low_shelf(200.0, RATE_HZ, -1.0), low_pass(6500.0, RATE_HZ, 0.6)]))


@kernel
def _rotate(out: NDArray[np.float32], horn_step: float, drum_step: float, split: float) -> None:
    size = 256
    lows, highs = np.zeros(size), np.zeros(size)
    first, second = 0.0, 0.0
    horn, drum = 0.0, 0.0
    for begin in range(0, len(out), 16):
        horn += 16 * horn_step
        drum += 16 * drum_step
        at = np.array([math.cos(horn), math.sin(horn), math.cos(drum), math.sin(drum)])
        for n in range(begin, min(begin + 16, len(out))):
            x = float(out[n, 0])
            first += split * (x - first)
            second += split * (first - second)
            lows[n & 255] = second
            highs[n & 255] = x - second
            done = (n - begin) / 16.0 - 1.0
            for side in range(2):
                near = at[side] + done * 16 * horn_step * (-at[1] if side == 0 else at[0])
                slow = at[2 + side] + done * 16 * drum_step * (-at[3] if side == 0 else at[2])
                place = 24.0 - 14.0 * near
                whole = int(place)
                part = place - whole
                high = highs[(n - whole) & 255] * (1.0 - part) + highs[(n - whole - 1) & 255] * part
                place = 24.0 - 8.0 * slow
                whole = int(place)
                part = place - whole
                low = lows[(n - whole) & 255] * (1.0 - part) + lows[(n - whole - 1) & 255] * part
                out[n, side] = np.float32(high * (1.0 + 0.3 * near) + low * (1.0 + 0.12 * slow))
