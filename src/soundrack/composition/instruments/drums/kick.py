"""Bass drums."""

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
    rise,
    times,
    white,
)


@dataclass(frozen=True)
class Kick(Model):
    """An electronic bass drum: a sine that falls into its pitch, with a click, driven.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Where it arrives; to -60 dB.
    sweep, sweep_ms : float
        How many times its pitch is added at the beginning, and the time constant in which that goes.
    snap, snap_ms : float
        The same once more: the first, quicker fall.
    hold_ms : float
        Before it decays.
    click, click_hz : float
        Level and centre of the burst of noise at the beginning.
    drive_db : float
        Into the limiting curve.
    """

    pitch_hz: float = 50.0
    decay_s: float = 0.5
    sweep: float = 2.5
    sweep_ms: float = 22.0
    snap: float = 6.0
    snap_ms: float = 4.0
    hold_ms: float = 20.0
    click: float = 0.3
    click_hz: float = 3500.0
    drive_db: float = 6.0
    RANGES: ClassVar = {
        "pitch_hz": (25.0, 120.0), "decay_s": (0.05, 4.0), "sweep": (0.0, 20.0), "sweep_ms": (1.0, 300.0),
        "snap": (0.0, 60.0), "snap_ms": (0.3, 50.0), "hold_ms": (0.0, 300.0), "click": (0.0, 3.0),
        "click_hz": (500.0, 12_000.0), "drive_db": (0.0, 36.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones fall from higher, click more and are driven farther."""
        frames = frames_of(self.hold_ms / 1e3 + 1.15 * self.decay_s)
        t, hard = times(frames), 0.4 + 0.6 * velocity / 0.7
        sweep_s, snap_s = self.sweep_ms / 1e3, self.snap_ms / 1e3
        turns = self.pitch_hz * (
            t
            + hard * self.sweep * sweep_s * (1.0 - np.exp(-t / sweep_s))
            + hard * self.snap * snap_s * (1.0 - np.exp(-t / snap_s))
        )
        held = frames_of(self.hold_ms / 1e3)
        envelope = np.ones(frames)
        envelope[held:] = fall(frames - held, self.decay_s)
        body = np.sin(2.0 * np.pi * turns) * envelope * rise(frames, 0.0006)
        body = driven(body, self.drive_db * hard)
        count = min(frames, frames_of(0.02))
        burst = band(white(rng, count), 0.5 * self.click_hz, 2.0 * self.click_hz) * fall(count, 0.014)
        body[:count] += self.click * hard**1.5 * burst
        return np.asarray(body * ending(frames))


@dataclass(frozen=True)
class BassDrum(Model):
    """A bass drum with two heads and a beater: modes of the membrane, the beater's knock, air.

    The ratios of the modes are those of a membrane loaded by air (Fletcher & Rossing, 18.2), damped by a cushion.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode.
    glide, glide_ms : float
        By how much the pitch begins higher, and how fast that goes.
    knock, knock_hz : float
        Level and highest frequency of the beater.
    shell : float
        Level of the higher modes.
    buzz : float
        Level of the snare wires that sound with it.
    """

    pitch_hz: float = 58.0
    decay_s: float = 0.4
    glide: float = 0.45
    glide_ms: float = 14.0
    knock: float = 0.5
    knock_hz: float = 3800.0
    shell: float = 0.35
    buzz: float = 0.01
    RANGES: ClassVar = {
        "pitch_hz": (25.0, 120.0), "decay_s": (0.05, 4.0), "glide": (0.0, 3.0), "glide_ms": (1.0, 200.0),
        "knock": (0.0, 3.0), "knock_hz": (500.0, 12_000.0), "shell": (0.0, 2.0), "buzz": (0.0, 0.5),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones knock more and stretch the head further."""
        hard = velocity / 0.7
        frames = frames_of(max(1.2 * self.decay_s, 0.25))
        ratios = np.array([1.0, 1.61, 2.18, 2.36, 2.78, 3.3, 3.9])
        spoiled = ratios * (1.0 + 0.004 * rng.standard_normal(len(ratios)))
        levels = np.array([1.0, 0.55, 0.3, 0.28, 0.2, 0.14, 0.1])
        levels[1:] *= self.shell * hard**0.4 * (1.0 + 0.15 * rng.standard_normal(len(ratios) - 1))
        decays = self.decay_s / np.array([1.0, 1.7, 2.2, 2.4, 3.0, 3.6, 4.2])
        sound = gliding(frames, self.pitch_hz * spoiled, decays, levels, self.glide * hard, self.glide_ms / 1e3)
        sound *= rise(frames, 0.0012)
        count = min(frames, frames_of(0.05))
        knock = below(white(rng, count), self.knock_hz * (0.6 + 0.4 * hard), 2) * fall(count, 0.018) * rise(count, 5e-4)
        knock += 0.8 * band(white(rng, count), 0.5 * self.knock_hz, self.knock_hz) * fall(count, 0.008)
        sound[:count] += self.knock * hard**0.7 * knock
        wires = band(white(rng, frames), 2200.0, 8500.0) * fall(frames, 0.35) * rise(frames, 0.006)
        return np.asarray((driven(0.8 * sound, 3.0) + self.buzz * hard * wires) * ending(frames))
