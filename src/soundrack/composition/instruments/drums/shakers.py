"""Shakers, tambourines, guiros, blocks: many small collisions, or one of wood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from soundrack.composition.convolving import convolved
from soundrack.composition.instruments.drums.model import Model
from soundrack.composition.instruments.drums.strokes import (
    Sound,
    above,
    band,
    ending,
    fall,
    frames_of,
    modes,
    rise,
    times,
    white,
)


@dataclass(frozen=True)
class Shaker(Model):
    """Grains in a shell: collisions at random, as many and as strong as the shaking still has energy.

    Cook, "Physically Informed Sonic Modeling (PhISM): Synthesis of Percussive Sounds", Computer Music Journal 21 (3),
    1997.

    Parameters
    ----------
    centre_hz, width : float
        The shell's resonance, and how many octaves wide it is.
    grains : float
        Collisions a second at full energy.
    swing_s : float
        How long the hand takes to its turning point; the sound is loudest there.
    decay_s : float
        Of the energy after it.
    """

    centre_hz: float = 5200.0
    width: float = 1.2
    grains: float = 2500.0
    swing_s: float = 0.03
    decay_s: float = 0.13
    RANGES: ClassVar = {
        "centre_hz": (1000.0, 12_000.0), "width": (0.1, 4.0), "grains": (50.0, 40_000.0), "swing_s": (0.001, 0.3),
        "decay_s": (0.02, 2.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones have more collisions and are brighter."""
        hard = velocity / 0.7
        after = frames_of(1.2 * self.decay_s)
        before = frames_of(self.swing_s)
        energy = np.concatenate((np.linspace(0.0, 1.0, before) ** 2.2, fall(after, self.decay_s)))
        frames = len(energy)
        hit = rng.random(frames) < np.minimum(self.grains * hard * energy / 44_100.0, 0.9)
        struck = white(rng, frames) * hit * energy
        half = 2.0 ** (self.width / 2.0)
        centre = self.centre_hz * (0.9 + 0.1 * hard)
        sound = band(struck, centre / half, centre * half) + 0.3 * hard * above(struck, 1.8 * centre)
        return np.asarray(sound * ending(frames))


@dataclass(frozen=True)
class Tambourine(Model):
    """Pairs of jingles that strike each other after the hand has struck the frame.

    The jingles' resonances are those that Cook (1997) gives: 2300, 5600 and 8100 Hz.

    Parameters
    ----------
    decay_s : float
        Of the jingling.
    frame : float
        Level of the frame or the head.
    jingles : float
        Collisions a second at first.
    """

    decay_s: float = 0.28
    frame: float = 0.3
    jingles: float = 900.0
    RANGES: ClassVar = {"decay_s": (0.03, 2.0), "frame": (0.0, 2.0), "jingles": (50.0, 10_000.0)}

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones jingle longer."""
        hard = velocity / 0.7
        decay_s = self.decay_s * (0.7 + 0.3 * hard)
        frames = frames_of(1.2 * decay_s + 0.05)
        energy = fall(frames, decay_s) * rise(frames, 0.004)
        hit = rng.random(frames) < np.minimum(self.jingles * hard * energy**0.5 / 44_100.0, 0.9)
        struck = white(rng, frames) * hit * energy
        count = frames_of(0.035)
        ring = np.zeros(frames)
        for hz, level in ((2300.0, 0.35), (5600.0, 1.0), (8100.0, 0.9), (11_300.0, 0.4)):
            spoiled = hz * (1.0 + 0.01 * rng.standard_normal(3))
            grain = modes(count, spoiled, np.array([0.05, 0.045, 0.04]), np.full(3, level))
            ring += convolved(struck, grain)[:frames]
        ring += 0.6 * above(struck, 7000.0)
        thump = band(white(rng, frames), 180.0, 900.0) * fall(frames, 0.05)
        return np.asarray((ring + self.frame * hard**0.5 * thump) * ending(frames))


@dataclass(frozen=True)
class Wood(Model):
    """Claves, blocks: bars and hollows of wood.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode; a free bar's second is 2.76 times as high (Fletcher & Rossing, 2.16).
    hollow : float
        Level of the second mode of a hollow, 1.55 times as high.
    click : float
        Level of the stroke.
    """

    pitch_hz: float = 2400.0
    decay_s: float = 0.08
    hollow: float = 0.2
    click: float = 0.2
    RANGES: ClassVar = {
        "pitch_hz": (200.0, 5000.0), "decay_s": (0.01, 1.0), "hollow": (0.0, 2.0), "click": (0.0, 2.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones have more of the second mode."""
        hard = velocity / 0.7
        frames = frames_of(1.3 * self.decay_s + 0.02)
        ratios = np.array([1.0, 1.55, 2.76, 5.4]) * (1.0 + 0.003 * rng.standard_normal(4))
        levels = np.array([1.0, self.hollow, 0.28 * hard, 0.1 * hard])
        sound = modes(frames, self.pitch_hz * ratios, self.decay_s / np.array([1.0, 1.4, 2.2, 4.0]), levels)
        count = min(frames, frames_of(0.006))
        sound[:count] += self.click * hard * above(white(rng, count), 1500.0) * fall(count, 0.004)
        return np.asarray(sound * rise(frames, 0.0003) * ending(frames))


@dataclass(frozen=True)
class Guiro(Model):
    """A notched gourd, scraped: a train of strokes whose rate grows.

    Parameters
    ----------
    length_s : float
        Of the scrape.
    notches : float
        A second, at first; half as many more at the end.
    pitch_hz : float
        Of the gourd.
    """

    length_s: float = 0.18
    notches: float = 70.0
    pitch_hz: float = 1900.0
    RANGES: ClassVar = {"length_s": (0.03, 2.0), "notches": (10.0, 400.0), "pitch_hz": (400.0, 6000.0)}

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a scrape: harder ones are brighter."""
        hard = velocity / 0.7
        frames = frames_of(self.length_s + 0.06)
        t = times(frames)
        turns = self.notches * t * (1.0 + 0.25 * t / self.length_s)
        struck = np.zeros(frames)
        at = np.flatnonzero(np.diff(np.floor(turns)) > 0)
        at = at[t[at] < self.length_s]
        struck[at] = rng.uniform(0.6, 1.0, len(at)) * (0.5 + 0.5 * t[at] / self.length_s)
        grain = modes(frames_of(0.03), self.pitch_hz * np.array([1.0, 1.9, 3.3]), np.array([0.022, 0.015, 0.01]),
                      np.array([1.0, 0.6 * hard, 0.4 * hard]))  # fmt: skip
        sound = np.convolve(struck, grain)[:frames]
        sound += (
            0.3 * hard * above(white(rng, frames) * np.convolve(struck, fall(frames_of(0.01), 0.01))[:frames], 3000)
        )
        return np.asarray(sound * ending(frames))
