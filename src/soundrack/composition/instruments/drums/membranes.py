"""Drums with a pitch: toms, congas, bongos, timbales, timpani, taiko."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from soundrack.composition.instruments.drums.model import Model
from soundrack.composition.instruments.drums.strokes import (
    Sound,
    band,
    below,
    driven,
    ending,
    fall,
    frames_of,
    gliding,
    modes,
    rise,
    white,
)

_MEMBRANE = np.array([1.0, 1.59, 2.14, 2.30, 2.65, 2.92, 3.5, 4.1])
_KETTLE = np.array([1.0, 1.5, 1.98, 2.44, 2.9, 1.74, 2.6, 3.4])
"""The modes of an ideal membrane, and those of a kettledrum, whose air brings the first five near a harmonic series
(Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., tables 3.1 and 18.1)."""
_SHELL_HZ = np.array([1230.0, 1890.0, 2740.0, 3680.0, 5150.0, 6900.0])


@dataclass(frozen=True)
class Membrane(Model):
    """A drum with a pitch.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode, to -60 dB.
    glide, glide_ms : float
        By how much the pitch begins higher, and how fast that goes.
    overtones : float
        Level of the other modes.
    kettle : float
        0 the modes of a membrane, 1 those of a kettledrum.
    hand, hand_hz : float
        Level and highest frequency of what strikes.
    slap : float
        Level of a slap's burst.
    shell : float
        Level of a metal shell's ring.
    buzz : float
        Level of the snare wires that sound with it.
    drive_db : float
        Into the limiting curve.
    """

    pitch_hz: float = 110.0
    decay_s: float = 0.6
    glide: float = 0.12
    glide_ms: float = 40.0
    overtones: float = 0.5
    kettle: float = 0.0
    hand: float = 0.35
    hand_hz: float = 3000.0
    slap: float = 0.0
    shell: float = 0.0
    buzz: float = 0.0
    drive_db: float = 2.0
    RANGES: ClassVar = {
        "pitch_hz": (30.0, 800.0), "decay_s": (0.03, 8.0), "glide": (0.0, 3.0), "glide_ms": (1.0, 400.0),
        "overtones": (0.0, 2.0), "kettle": (0.0, 1.0), "hand": (0.0, 3.0), "hand_hz": (200.0, 12_000.0),
        "slap": (0.0, 3.0), "shell": (0.0, 2.0), "buzz": (0.0, 0.5), "drive_db": (0.0, 30.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones have more overtones, begin higher and brighter."""
        hard = velocity / 0.7
        frames = frames_of(1.15 * self.decay_s + 0.05)
        ratios = _KETTLE if self.kettle > 0.5 else _MEMBRANE
        levels = np.array([1.0, 0.62, 0.4, 0.36, 0.28, 0.2, 0.15, 0.1])
        # Where a stroke falls decides how strong each mode is; no two fall on the same place.
        levels = levels * (1.0 + 0.2 * rng.standard_normal(len(levels)))
        levels[1:] *= self.overtones * hard**0.6
        decays = self.decay_s / np.array([1.0, 1.3, 1.8, 2.0, 2.4, 2.8, 3.4, 4.0])
        if self.kettle > 0.5:
            # The lowest preferred mode is held longest; those that are not harmonic die at once.
            decays = self.decay_s * np.array([1.0, 0.85, 0.7, 0.55, 0.45, 0.12, 0.1, 0.08])
        sound = gliding(frames, self.pitch_hz * ratios, decays, levels, self.glide * hard, self.glide_ms / 1e3)
        sound *= rise(frames, 0.0008)
        count = min(frames, frames_of(0.06))
        touch = below(white(rng, count), self.hand_hz * (0.6 + 0.4 * hard)) * fall(count, 0.028) * rise(count, 6e-4)
        sound[:count] += self.hand * hard**0.6 * touch
        if self.slap > 0.0:
            burst = band(white(rng, count), 1500.0, 6500.0) * fall(count, 0.04)
            sound[:count] += self.slap * hard * burst
        if self.shell > 0.0:
            spoiled = _SHELL_HZ * (1.0 + 0.004 * rng.standard_normal(len(_SHELL_HZ)))
            sound += (
                self.shell
                * hard**0.8
                * modes(
                    frames,
                    spoiled,
                    np.array([0.5, 0.45, 0.4, 0.3, 0.25, 0.2]),
                    np.array([0.3, 0.3, 0.25, 0.2, 0.12, 0.08]),
                )
            )
        if self.buzz > 0.0:
            wires = band(white(rng, frames), 2200.0, 8500.0) * fall(frames, 0.4) * rise(frames, 0.008)
            sound += self.buzz * hard * wires
        return np.asarray(driven(0.6 * sound, self.drive_db) * ending(frames))
