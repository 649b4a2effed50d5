"""Modal synthesis: what is struck or plucked rings in modes, each a sine that decays on its own.

After Adrien, "The Missing Link: Modal Synthesis" (in De Poli et al., Representations of Musical Signals, 1991). A
string's modes are those of its digital waveguide with the same losses and stiffness (Smith, Physical Audio Signal
Processing, 2010, "Modal Expansion"), so that this is the extended Karplus-Strong algorithm (Jaffe & Smith, 1983;
Karjalainen, Valimaki & Tolonen, 1998) with every partial in tune. What the excitation and the body do to a mode is
a factor of its amplitude, as in commuted synthesis (Smith, "Efficient Synthesis of Stringed Musical Instruments",
1993).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.tone import RATE_HZ

HIGHEST_HZ = 18_000.0
"""What no mode is above."""
_BLOCK = 256
_GONE = 3e-5
"""Of the loudest mode at the beginning: what is less is not computed any further."""
_HEARD_S = 0.4
"""The beginning of a tone, by which its loudness is judged."""


@dataclass(frozen=True)
class Modes:
    """What rings: float64 arrays of one length.

    `hertz` above 0, `decays` in nepers a second (60 dB take 6.91 of them), `left` and `right` the amplitudes at its
    beginning. All begin as sines, as a struck mode does.
    """

    hertz: NDArray[np.float64]
    decays: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        hertz: NDArray[np.float64],
        decays: NDArray[np.float64],
        amplitudes: NDArray[np.float64],
        pan: float | NDArray[np.float64] = 0.0,
    ) -> Self:
        """Return modes at one place, or each at its own: -1 (left) to 1."""
        angle = (np.asarray(pan) + 1.0) * math.pi / 4.0
        root = math.sqrt(2.0)
        return cls(hertz, decays, amplitudes * np.cos(angle) * root, amplitudes * np.sin(angle) * root)

    def __add__(self, other: Modes) -> Modes:
        """Return both together."""
        return Modes(
            np.concatenate((self.hertz, other.hertz)),
            np.concatenate((self.decays, other.decays)),
            np.concatenate((self.left, other.left)),
            np.concatenate((self.right, other.right)),
        )

    def times(self, gain: float) -> Modes:
        """Return them louder or softer."""
        return Modes(self.hertz, self.decays, gain * self.left, gain * self.right)

    @property
    def loudness(self) -> float:
        """Root of the mean power of its first 0.4 s, weighted about as BS.1770 weights."""
        weight = (1.0 + 0.58 * _above(self.hertz, 1500.0)) * _above(self.hertz, 60.0)
        energy = (1.0 - np.exp(-2.0 * self.decays * _HEARD_S)) / (4.0 * self.decays * _HEARD_S)
        return math.sqrt(float(np.sum(energy * weight**2 * (self.left**2 + self.right**2))) + 1e-30)

    def sound(self, frames: int, attack_s: float = 0.0005) -> NDArray[np.float32]:
        """Return how they ring, shape (frames or fewer, 2): it ends where the last has decayed.

        Parameters
        ----------
        frames : int
            How long at the most, at `RATE_HZ`.
        attack_s : float
            How long the excitation touches them.
        """
        strength = np.maximum(np.abs(self.left), np.abs(self.right))
        floor = _GONE * float(strength.max(initial=1e-30))
        heard = (self.hertz < HIGHEST_HZ) & (strength > floor) & (self.hertz > 5.0)
        lives = np.log(np.maximum(strength, floor) / floor) / self.decays * RATE_HZ
        order = np.argsort(-lives, kind="stable")
        order = order[heard[order]]
        if not len(order):
            return np.zeros((0, 2), dtype=np.float32)
        step = np.exp((2j * np.pi * self.hertz[order] - self.decays[order]) / RATE_HZ)
        out = np.zeros((min(frames, int(lives[order[0]]) + 1), 2), dtype=np.float32)
        _ring(
            out,
            step.real.astype(np.float32),
            step.imag.astype(np.float32),
            self.left[order].astype(np.float32),
            self.right[order].astype(np.float32),
            np.minimum(lives[order], 1e9).astype(np.int64),
        )
        rise = min(max(int(attack_s * RATE_HZ), 2), len(out))
        out[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)[:, None]
        return out


@kernel
def _ring(
    out: NDArray[np.float32],
    real: NDArray[np.float32],
    imaginary: NDArray[np.float32],
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    lives: NDArray[np.int64],
) -> None:
    """Add up modes, which are in order of their lives, the longest first."""
    count = len(real)
    x, y = np.ones(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    for begin in range(0, len(out), _BLOCK):
        while count > 0 and lives[count - 1] < begin:
            count -= 1
        for frame in range(begin, min(begin + _BLOCK, len(out))):
            a, b = np.float32(0.0), np.float32(0.0)
            for m in range(count):
                turned = x[m] * real[m] - y[m] * imaginary[m]
                y[m] = x[m] * imaginary[m] + y[m] * real[m]
                x[m] = turned
                a += y[m] * left[m]
                b += y[m] * right[m]
            out[frame, 0] = a
            out[frame, 1] = b


def contact(hertz: NDArray[np.float64], corner_hz: float, order: float = 3.0) -> NDArray[np.float64]:
    """Return how strongly a hammer, mallet or finger excites modes: level below the inverse of its contact time."""
    return np.asarray((1.0 + (hertz / corner_hz) ** 2) ** (-order / 2.0))


def _above(hertz: NDArray[np.float64], corner_hz: float) -> NDArray[np.float64]:
    return np.asarray(hertz**2 / (hertz**2 + corner_hz**2))


def hertz_of(pitch: float) -> float:
    """Return the frequency of a MIDI number: 440 Hz of 69."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def scattered(key: int, count: int) -> NDArray[np.float64]:
    """Return `count` numbers as if drawn from a normal distribution, always the same for a key."""
    return np.random.Generator(np.random.PCG64(key)).standard_normal(count)
