"""A band made in the test: kick, snare, hat and chords on a grid of parts of a beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ

Sound = NDArray[np.float32]
_TRIADS = ((45, 57, 60, 64), (41, 57, 60, 65), (48, 55, 60, 64), (43, 55, 59, 62))
"""Am, F, C, G."""


def band(
    bpm: float,
    seconds: float,
    *,
    kick: tuple[float, ...] = (0.0, 2.0),
    snare: tuple[float, ...] = (1.0, 3.0),
    hat: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5),
    beats_per_bar: int = 4,
    start_s: float = 0.5,
    chords: bool = True,
) -> Sound:
    """Return bars of a pattern, each with a chord: float32, shape (n,), at 22 050 Hz, about a tenth of full scale."""
    sound = np.zeros(int(seconds * RATE_HZ))
    bar_s = beats_per_bar * 60.0 / bpm
    for number in range(int((seconds - start_s) / bar_s)):
        at_s = start_s + number * bar_s
        for voice, places in ((_kick(), kick), (_snare(number), snare), (_hat(number), hat)):
            for place in places:
                _add(sound, voice, at_s + place * 60.0 / bpm)
        if chords:
            _add(sound, _chord(_TRIADS[number % 4], bar_s), at_s)
    return sound.astype(np.float32)


def clicks(bpm: float, seconds: float) -> Sound:
    """Return a metronome whose clicks are all the same."""
    sound = np.zeros(int(seconds * RATE_HZ))
    t = np.arange(int(0.03 * RATE_HZ)) / RATE_HZ
    click = 0.4 * np.sin(2 * np.pi * 1500.0 * t) * np.exp(-t / 0.006)
    for number in range(int((seconds - 0.5) * bpm / 60.0)):
        _add(sound, click, 0.3 + number * 60.0 / bpm)
    return sound.astype(np.float32)


def _add(sound: NDArray[np.float64], voice: NDArray[np.float64], at_s: float) -> None:
    first = round(at_s * RATE_HZ)
    there = sound[first : first + len(voice)]
    there += voice[: len(there)]


def _kick() -> NDArray[np.float64]:
    t = np.arange(int(0.15 * RATE_HZ)) / RATE_HZ
    return np.asarray(0.5 * np.sin(2 * np.pi * (50.0 * t + 2.0 * (1.0 - np.exp(-t / 0.02)))) * np.exp(-t / 0.06))


def _snare(seed: int) -> NDArray[np.float64]:
    t = np.arange(int(0.15 * RATE_HZ)) / RATE_HZ
    rattle = np.random.default_rng(seed).standard_normal(len(t))
    return np.asarray((0.15 * rattle + 0.2 * np.sin(2 * np.pi * 190.0 * t)) * np.exp(-t / 0.05))


def _hat(seed: int) -> NDArray[np.float64]:
    noise = np.random.default_rng(1000 + seed).standard_normal(int(0.05 * RATE_HZ))
    return np.asarray(0.06 * np.diff(noise, append=0.0) * np.exp(-np.arange(len(noise)) / (0.012 * RATE_HZ)))


def _chord(notes: tuple[int, ...], length_s: float) -> NDArray[np.float64]:
    t = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    tones = [440.0 * 2.0 ** ((note - 69) / 12) for note in notes]
    sound = sum(np.sin(2 * np.pi * hz * t) + 0.5 * np.sin(4 * np.pi * hz * t) for hz in tones)
    return np.asarray(0.03 * sound * np.minimum(1.0, t / 0.005) * np.exp(-t / (0.7 * length_s)))
