"""Sounds that have no beat: noise, tones, speech-like syllables, notes at random, rubato."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE_HZ = 22_050
_LENGTH_S = 40.0
_EACH = 10

Sound = NDArray[np.float32]


def sounds() -> Iterator[tuple[str, str, Sound]]:
    """Give each sound's name, its half, and itself: float32, shape (n,), at `RATE_HZ`."""
    makers: tuple[Callable[[np.random.Generator], Sound], ...] = (
        white_noise, dark_noise, swelling_noise, chord, syllables, notes_at_random, drops, rubato,
    )  # fmt: skip
    for maker in makers:
        for number in range(_EACH):
            rng = np.random.default_rng([number, len(maker.__name__)])
            yield f"{maker.__name__}-{number}", ("tune", "held")[number % 2], maker(rng)


def white_noise(rng: np.random.Generator) -> Sound:
    """Make noise that is as strong at all frequencies."""
    return (0.1 * rng.standard_normal(int(_LENGTH_S * RATE_HZ))).astype(np.float32)


def dark_noise(rng: np.random.Generator) -> Sound:
    """Make noise that falls with frequency, as wind does."""
    noise = lfilter([1.0], [1.0, -float(rng.uniform(0.9, 0.995))], rng.standard_normal(int(_LENGTH_S * RATE_HZ)))
    return np.asarray(0.2 * noise / np.abs(noise).max(), np.float32)


def swelling_noise(rng: np.random.Generator) -> Sound:
    """Make noise that swells and ebbs irregularly, as surf does."""
    points = np.concatenate(([0.0], np.cumsum(rng.uniform(0.5, 4.0, 100))))
    envelope = np.interp(_times(), points, rng.uniform(0.0, 1.0, len(points)) ** 2)
    return (envelope * dark_noise(rng)).astype(np.float32)


def chord(rng: np.random.Generator) -> Sound:
    """Make one long chord."""
    pitches = 110.0 * 2.0 ** (rng.integers(0, 36, rng.integers(1, 4)) / 12.0)
    return np.asarray(sum(0.1 * np.sin(2.0 * np.pi * hz * _times()) for hz in pitches), np.float32)


def syllables(rng: np.random.Generator) -> Sound:
    """Make voiced syllables at the pace and with the pauses of speech."""
    sound = np.zeros(int(_LENGTH_S * RATE_HZ))
    start_s = 0.2
    while start_s < _LENGTH_S - 1.0:
        length_s = float(rng.uniform(0.06, 0.28))
        t = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
        pitch_hz = rng.uniform(95.0, 180.0) * (1.0 - 0.3 * t)
        buzz = np.sign(np.sin(2.0 * np.pi * np.cumsum(pitch_hz) / RATE_HZ)) + 0.2 * rng.standard_normal(len(t))
        formant_hz, width = rng.uniform(300.0, 2500.0), 0.97
        angle = 2.0 * np.pi * formant_hz / RATE_HZ
        voiced = lfilter([1.0], [1.0, -2.0 * width * np.cos(angle), width**2], buzz)
        voiced *= np.sin(np.pi * t / length_s) ** 0.5 * rng.uniform(0.2, 1.0) / max(float(np.abs(voiced).max()), 1e-9)
        first = int(start_s * RATE_HZ)
        sound[first : first + len(t)] += 0.3 * voiced
        start_s += length_s + (rng.uniform(0.2, 1.0) if rng.random() < 0.15 else rng.uniform(0.0, 0.08))
    return sound.astype(np.float32)


def notes_at_random(rng: np.random.Generator) -> Sound:
    """Make plucked notes of any pitch at any time."""
    return _plucked(np.cumsum(rng.exponential(float(rng.uniform(0.15, 0.6)), 400)), rng)


def drops(rng: np.random.Generator) -> Sound:
    """Make clicks at any time, as rain on a roof."""
    sound = 0.002 * rng.standard_normal(int(_LENGTH_S * RATE_HZ))
    for at_s in np.cumsum(rng.exponential(0.12, 600)):
        first = int(at_s * RATE_HZ)
        if first + 441 < len(sound):
            sound[first : first + 441] += (
                rng.uniform(0.05, 0.6) * rng.standard_normal(441) * np.exp(-np.arange(441) / 60)
            )
    return sound.astype(np.float32)


def rubato(rng: np.random.Generator) -> Sound:
    """Make a melody whose notes are as long as the player likes, from a third of a second to two."""
    return _plucked(np.cumsum(0.35 * 2.0 ** rng.uniform(0.0, 2.5, 120)), rng)


def _plucked(starts_s: NDArray[np.float64], rng: np.random.Generator) -> Sound:
    sound = np.zeros(int(_LENGTH_S * RATE_HZ))
    t = np.arange(RATE_HZ) / RATE_HZ
    for at_s in starts_s[starts_s < _LENGTH_S - 1.1]:
        hz = 130.0 * 2.0 ** (rng.integers(0, 30) / 12.0)
        note = sum(np.sin(2.0 * np.pi * hz * part * t) * np.exp(-3.0 * part * t) / part for part in range(1, 5))
        first = int(at_s * RATE_HZ)
        sound[first : first + len(t)] += rng.uniform(0.05, 0.2) * np.minimum(t / 0.005, 1.0) * note
    return sound.astype(np.float32)


def _times() -> NDArray[np.float64]:
    return np.arange(int(_LENGTH_S * RATE_HZ)) / RATE_HZ
