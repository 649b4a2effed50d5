"""Hi-hats, cymbals, bells: squares of machines and modes of plates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

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
from soundrack.composition.instruments.tone import RATE_HZ

_MACHINE_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""Six oscillators, none in tune with another (Werner, Abel & Smith, "More Cowbell: A Physically-Informed, Circuit-
Bendable, Digital Model of the TR-808 Cowbell", AES 137, 2014, and "The TR-808 Cymbal: a Physically-Informed,
Circuit-Bendable, Digital Model", ICMC 2014)."""
_BANK_S = 2.5


@dataclass(frozen=True)
class MachineMetal(Model):
    """A drum machine's hi-hat or cymbal: six squares out of tune through bands, with noise.

    Parameters
    ----------
    decay_s : float
        To -60 dB.
    low_hz, high_hz : float
        The bands' centres.
    tune : float
        What all frequencies are multiplied by.
    noise : float
        Level of the noise.
    attack : float
        Level of a click at the beginning.
    """

    decay_s: float = 0.12
    low_hz: float = 7100.0
    high_hz: float = 10_200.0
    tune: float = 1.0
    noise: float = 0.3
    attack: float = 0.4
    RANGES: ClassVar = {
        "decay_s": (0.01, 6.0), "low_hz": (1000.0, 14_000.0), "high_hz": (2000.0, 16_000.0), "tune": (0.3, 4.0),
        "noise": (0.0, 4.0), "attack": (0.0, 3.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke, beginning anywhere in the oscillators' turns: harder ones are brighter and longer."""
        hard = velocity / 0.7
        frames = frames_of(min(1.2 * self.decay_s, 2.0) * (0.75 + 0.25 * hard))
        bank = _squares(round(self.tune, 3))
        first = int(rng.integers(0, max(len(bank) - frames, 1)))
        metal = bank[first : first + frames]
        frames = len(metal)
        mixed = metal + self.noise * white(rng, frames)
        low = band(mixed, self.low_hz / 1.25, self.low_hz * 1.25)
        high = band(mixed, self.high_hz / 1.4, min(self.high_hz * 1.35, 15_000.0), 2)
        decay_s = self.decay_s * (0.75 + 0.25 * hard)
        sound = low * (0.6 * fall(frames, 0.6 * decay_s) + 0.2) * fall(frames, decay_s)
        sound += hard**0.5 * high * fall(frames, decay_s) * 1.2
        count = min(frames, frames_of(0.008))
        sound[:count] += self.attack * hard * above(white(rng, count), 8000.0) * fall(count, 0.006)
        return np.asarray(sound * rise(frames, 0.0004) * ending(frames))


@cache
def _squares(tune: float) -> Sound:
    """Return the sum of six squares without aliasing: all their odd harmonics below half the rate."""
    frames = frames_of(_BANK_S)
    t = times(frames)
    total = np.zeros(frames)
    for hz in _MACHINE_HZ:
        for harmonic in range(1, int(0.46 * RATE_HZ / (hz * tune)) + 1, 2):
            # Below 3 kHz nothing passes the bands.
            if hz * tune * harmonic > 2500.0:
                total += np.sin(2.0 * np.pi * hz * tune * harmonic * t) / harmonic
    return np.asarray(total / np.std(total))


@dataclass(frozen=True)
class Cymbal(Model):
    """A plate of bronze: some hundred modes, the higher fed by the lower, over a wash that is too dense to tell modes.

    Modes of a plate are spread evenly over frequency (Fletcher & Rossing, 3.6 and 20.2). A hard stroke's energy
    wanders upwards within some ten milliseconds, because large motions are not linear (Touzé & Chaigne, 2000): the
    band above 3 kHz rises later than the stroke.

    Parameters
    ----------
    low_hz, high_hz : float
        Lowest mode, and where the modes end.
    decay_s, damping : float
        Decay at 1 kHz to -60 dB, and the power of frequency by which it shortens.
    tilt_db : float
        By how many dB an octave the modes lose above 1 kHz.
    wash, bloom_ms : float
        Level of the wash, and how late it is there.
    ping, ping_hz : float
        Level and centre of the stick's sound.
    choke_s : float
        Decay of everything where two cymbals or a hand damp each other; 0 if nothing does.
    """

    low_hz: float = 320.0
    high_hz: float = 15_000.0
    decay_s: float = 2.4
    damping: float = 0.45
    tilt_db: float = 2.0
    wash: float = 0.5
    bloom_ms: float = 14.0
    ping: float = 0.2
    ping_hz: float = 4500.0
    choke_s: float = 0.0
    RANGES: ClassVar = {
        "low_hz": (80.0, 6000.0), "high_hz": (3000.0, 18_000.0), "decay_s": (0.05, 12.0), "damping": (0.0, 2.0),
        "tilt_db": (-6.0, 18.0), "wash": (0.0, 4.0), "bloom_ms": (0.5, 200.0), "ping": (0.0, 4.0),
        "ping_hz": (500.0, 12_000.0), "choke_s": (0.0, 5.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones are brighter and bloom more."""
        hard = velocity / 0.7
        lasts_s = self.choke_s or self.decay_s
        frames = frames_of(min(1.1 * lasts_s, 2.8) + 0.03)
        hz, levels, decays = self._plate(rng)
        levels = levels * (hz / 1000.0) ** (0.45 * (hard - 1.0))
        if self.choke_s > 0.0:
            decays = 1.0 / (1.0 / decays + 1.0 / self.choke_s)
        body = modes(frames, hz, decays, levels, rng.random(len(hz))) / np.sqrt(np.sum(levels**2) / 2.0)
        sound = body * rise(frames, 0.0007)
        noise = white(rng, frames)
        for low, high, part in ((2500.0, 6000.0, 0.8), (5500.0, 14_000.0, 1.0)):
            decay_s = self.decay_s * (np.sqrt(low * high) / 1000.0) ** -self.damping
            if self.choke_s > 0.0:
                decay_s = 1.0 / (1.0 / decay_s + 1.0 / self.choke_s)
            wash = band(noise, low, high) * fall(frames, decay_s) * rise(frames, self.bloom_ms * part / 1e3)
            sound += self.wash * part * hard**0.8 * wash
        count = min(frames, frames_of(0.03))
        stick = band(white(rng, count), 0.6 * self.ping_hz, 1.8 * self.ping_hz) * fall(count, 0.012)
        sound[:count] += self.ping * hard**0.6 * 2.0 * stick
        return np.asarray(sound * ending(frames))

    def _plate(self, rng: np.random.Generator) -> tuple[Sound, Sound, Sound]:
        """Return frequencies, levels and decays; the plate is always the same, where it is struck is not."""
        plate = np.random.Generator(np.random.PCG64(round(self.low_hz * 1000.0 + self.high_hz)))
        count = 150
        # Evenly spread, with more of the low ones so that they can be told apart.
        part = (np.arange(count) + plate.uniform(0.0, 1.0, count)) / count
        hz = self.low_hz + (self.high_hz - self.low_hz) * part**1.35
        decays = self.decay_s * (hz / 1000.0) ** -self.damping * plate.uniform(0.6, 1.1, count)
        levels = 10.0 ** (-self.tilt_db * np.log2(hz / 1000.0) / 20.0) * plate.uniform(0.3, 1.0, count)
        # The lowest modes move little air: a plate is too small for their waves.
        levels /= 1.0 + (2.5 * self.low_hz / hz) ** 2
        return hz, levels * (0.8 + 0.4 * rng.random(count)), decays


@dataclass(frozen=True)
class Bell(Model):
    """A cowbell, a triangle, an agogo, a ride's bell: a few modes of metal, struck.

    Parameters
    ----------
    pitch_hz, decay_s : float
        Of the lowest mode, to -60 dB.
    second, third, fourth : float
        Ratios of the others.
    bright : float
        Their level.
    damping : float
        The power of the ratio by which their decay shortens.
    click : float
        Level of the stick.
    noise : float
        Level of a wash above 5 kHz.
    """

    pitch_hz: float = 560.0
    decay_s: float = 0.35
    second: float = 1.5
    third: float = 2.71
    fourth: float = 4.13
    bright: float = 0.7
    damping: float = 0.5
    click: float = 0.3
    noise: float = 0.0
    RANGES: ClassVar = {
        "pitch_hz": (150.0, 6000.0), "decay_s": (0.02, 8.0), "second": (1.01, 8.0), "third": (1.01, 12.0),
        "fourth": (1.01, 20.0), "bright": (0.0, 3.0), "damping": (0.0, 2.0), "click": (0.0, 3.0), "noise": (0.0, 2.0),
    }  # fmt: skip

    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke: harder ones have more of the higher modes."""
        hard = velocity / 0.7
        frames = frames_of(min(1.1 * self.decay_s, 3.0) + 0.02)
        ratios = np.array([1.0, self.second, self.third, self.fourth, 1.27 * self.fourth, 1.71 * self.fourth])
        levels = np.array([1.0, 0.9, 0.5, 0.35, 0.2, 0.12]) * (1.0 + 0.12 * rng.standard_normal(6))
        levels[1:] *= self.bright * hard**0.5
        sound = modes(frames, self.pitch_hz * ratios, self.decay_s * ratios**-self.damping, levels)
        sound *= 0.5 + 0.5 * fall(frames, 0.06)
        count = min(frames, frames_of(0.01))
        sound[:count] += self.click * hard * above(white(rng, count), 3500.0) * fall(count, 0.006)
        if self.noise > 0.0:
            sound += self.noise * hard * above(white(rng, frames), 5000.0) * fall(frames, 0.6 * self.decay_s)
        return np.asarray(sound * rise(frames, 0.0004) * ending(frames))
