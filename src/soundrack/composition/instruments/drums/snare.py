"""Snare drums, claps and sticks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from soundrack.composition.instruments.drums.model import Model
from soundrack.composition.instruments.drums.strokes import (
    Sound,
    above,
    band,
    driven,
    ending,
    fall,
    frames_of,
    gliding,
    modes,
    rise,
    times,
    white,
)


@dataclass(frozen=True)
class Snare(Model):
    """A snare drum: two heads coupled by air, and the wires that the lower one strikes.

    The batter head's modes come in pairs (Fletcher & Rossing, 18.4: 182 and 330 Hz, 278, 341, 403 Hz ...); the wires
    are noise that begins a moment later and outlasts the head.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode.
    tone : float
        Level of the heads.
    glide : float
        By how much the pitch begins higher.
    ring : float
        Level of the modes above 600 Hz.
    wires, wires_s : float
        Level of the wires and their time to -60 dB.
    low_hz, high_hz : float
        Between which the wires are loudest.
    snap : float
        Level of the stick.
    drive_db : float
        Into the limiting curve.
    """

    pitch_hz: float = 185.0
    decay_s: float = 0.22
    tone: float = 1.0
    glide: float = 0.15
    ring: float = 0.25
    wires: float = 0.8
    wires_s: float = 0.3
    low_hz: float = 1400.0
    high_hz: float = 9000.0
    snap: float = 0.5
    drive_db: float = 3.0
    RANGES: ClassVar = {
        "pitch_hz": (80.0, 500.0), "decay_s": (0.02, 2.0), "tone": (0.0, 3.0), "glide": (0.0, 2.0), "ring": (0.0, 2.0),
        "wires": (0.0, 3.0), "wires_s": (0.02, 2.0), "low_hz": (200.0, 8000.0), "high_hz": (2000.0, 18_000.0),
        "snap": (0.0, 3.0), "drive_db": (0.0, 30.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: soft ones are mostly head, hard ones crack, ring and set more wires going."""
        hard = velocity / 0.7
        frames = frames_of(1.15 * max(self.decay_s, self.wires_s) + 0.03)
        ratios = np.array([1.0, 1.52, 1.81, 2.2, 2.73, 3.4, 4.2, 5.1, 6.3])
        ratios = ratios * (1.0 + 0.006 * rng.standard_normal(len(ratios)))
        levels = np.array([1.0, 0.5, 0.75, 0.4, 0.3, 0.5, 0.4, 0.3, 0.22])
        levels[5:] *= self.ring * hard**0.8
        levels *= 1.0 + 0.18 * rng.standard_normal(len(levels))
        decays = self.decay_s * np.array([1.0, 0.75, 0.8, 0.6, 0.5, 0.75, 0.65, 0.55, 0.5])
        sound = self.tone * gliding(frames, self.pitch_hz * ratios, decays, levels, self.glide * hard, 0.018)
        bright = self.high_hz * min(0.45 + 0.55 * hard, 1.25)
        noise = white(rng, frames)
        wires = band(noise, self.low_hz, bright) + 0.35 * band(noise, 350.0, 1100.0)
        envelope = 0.62 * fall(frames, self.wires_s * (0.8 + 0.2 * hard)) + 0.9 * fall(frames, 0.09)
        sound += self.wires * hard**0.5 * wires * envelope * rise(frames, 0.0025)
        count = min(frames, frames_of(0.012))
        sound[:count] += 1.8 * self.snap * hard * above(white(rng, count), 2000.0) * fall(count, 0.007)
        return np.asarray(driven(0.6 * sound * rise(frames, 0.0004), self.drive_db * hard) * ending(frames))


@dataclass(frozen=True)
class Clap(Model):
    """Hands, or their machine: a few bursts of noise in a band, then a tail.

    Parameters
    ----------
    centre_hz, width : float
        The band, and how many octaves wide it is.
    bursts : float
        How many before the tail.
    spacing_ms : float
        Between them.
    decay_s : float
        Of the tail, to -60 dB.
    loose : float
        How unequal the bursts are: 0 a machine, 1 a crowd.
    """

    centre_hz: float = 1150.0
    width: float = 1.6
    bursts: float = 3.0
    spacing_ms: float = 10.0
    decay_s: float = 0.35
    loose: float = 0.1
    RANGES: ClassVar = {
        "centre_hz": (400.0, 5000.0), "width": (0.2, 4.0), "bursts": (1.0, 9.0), "spacing_ms": (2.0, 30.0),
        "decay_s": (0.05, 2.0), "loose": (0.0, 1.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke in stereo: every burst has a place of its own."""
        hard = velocity / 0.7
        count = round(self.bursts)
        starts = np.arange(count) * self.spacing_ms / 1e3 * (1.0 + 0.5 * self.loose * rng.uniform(-1.0, 1.0, count))
        starts = np.sort(starts - starts.min())
        frames = frames_of(starts[-1] + 1.2 * self.decay_s + 0.02)
        out = np.zeros((frames, 2))
        half = 2.0 ** (self.width / 2.0)
        for number, start in enumerate(starts):
            first, last = frames_of(start) - 1, number == count - 1
            rest = frames - first
            noise = white(rng, rest)
            envelope = fall(rest, self.decay_s if last else 0.03)
            if last:
                envelope = 0.4 * envelope + 0.6 * fall(rest, 0.05)
            burst = noise * envelope * (1.0 + self.loose * rng.uniform(-0.5, 0.5))
            pan = 0.5 + 0.35 * rng.uniform(-1.0, 1.0)
            out[first:] += burst[:, None] * np.array([np.cos(0.5 * np.pi * pan), np.sin(0.5 * np.pi * pan)])
        centre = self.centre_hz * (0.85 + 0.15 * hard)
        for channel in range(2):
            narrow = band(out[:, channel], centre / half, centre * half, 2)
            out[:, channel] = narrow + 0.25 * hard * band(out[:, channel], 3.0 * centre, 8.0 * centre)
        return np.asarray(out * ending(frames)[:, None])


@dataclass(frozen=True)
class Stick(Model):
    """A stick across the rim, or a rim shot of a machine: a few short modes and a click.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode that counts.
    wood : float
        Level of the higher modes.
    shell : float
        Level of the drum below.
    """

    pitch_hz: float = 470.0
    decay_s: float = 0.09
    wood: float = 1.0
    shell: float = 0.3
    RANGES: ClassVar = {
        "pitch_hz": (150.0, 3000.0), "decay_s": (0.01, 1.0), "wood": (0.0, 3.0), "shell": (0.0, 2.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones have more of the wood's high modes."""
        hard = velocity / 0.7
        frames = frames_of(max(1.4 * self.decay_s, 0.12))
        ratios = np.array([1.0, 3.55, 5.1, 7.2, 9.8]) * (1.0 + 0.008 * rng.standard_normal(5))
        levels = np.array([0.6, 1.0, 0.7, 0.45, 0.3]) * np.array([1.0, *([self.wood * hard**0.7] * 4)])
        sound = modes(frames, self.pitch_hz * ratios, self.decay_s * np.array([1.0, 0.5, 0.4, 0.3, 0.22]), levels)
        shell = np.array([190.0, 310.0])
        sound += modes(frames, shell, np.array([0.1, 0.07]), self.shell * np.array([1.0, 0.6]))
        count = min(frames, frames_of(0.006))
        sound[:count] += 0.6 * hard * above(white(rng, count), 3000.0) * fall(count, 0.004)
        return np.asarray(sound * ending(frames))


@dataclass(frozen=True)
class Brush(Model):
    """Wire brushes on a coated head: a tap, or a stir.

    Parameters
    ----------
    stir_s : float
        How long the brush is drawn over the head; 0 for a tap.
    low_hz, high_hz : float
        Where the wires are loudest.
    head : float
        Level of the drum.
    """

    stir_s: float = 0.0
    low_hz: float = 900.0
    high_hz: float = 7500.0
    head: float = 0.3
    RANGES: ClassVar = {
        "stir_s": (0.0, 2.0), "low_hz": (200.0, 6000.0), "high_hz": (2000.0, 16_000.0), "head": (0.0, 2.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones are brighter."""
        hard = velocity / 0.7
        frames = frames_of(self.stir_s + 0.28)
        t = times(frames)
        grains = white(rng, frames) * (0.35 + 1.3 * (rng.random(frames) < 0.08))
        wires = band(grains, self.low_hz, self.high_hz * (0.6 + 0.4 * min(hard, 1.4)))
        if self.stir_s > 0.0:
            envelope = np.sin(np.pi * np.minimum(t / (self.stir_s + 0.2), 1.0)) ** 1.3
            return np.asarray(wires * envelope * ending(frames))
        # A brush's wires arrive one after the other, within some milliseconds.
        arrival = rise(frames, 0.004) * (fall(frames, 0.11) + 0.25 * fall(frames, 0.26))
        pitches, decays = np.array([185.0, 330.0, 510.0]), np.array([0.16, 0.12, 0.08])
        head = modes(frames, pitches, decays, np.array([1.0, 0.6, 0.3]))
        return np.asarray((wires * arrival + self.head * hard**0.2 * head * rise(frames, 0.002)) * ending(frames))
