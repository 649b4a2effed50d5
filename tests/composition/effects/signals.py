"""Sounds that effects are measured with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import RATE_HZ


def impulse(seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    """Return one sample on both channels, then silence."""
    sound = np.zeros((round(seconds * RATE_HZ), 2), dtype=np.float32)
    sound[0] = level
    return sound


def sine(hz: float, seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    """Return a sine on both channels."""
    wave = level * np.sin(2.0 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(seconds: float, level: float = 0.2, seed: int = 1) -> NDArray[np.float32]:
    """Return white noise, different on both channels."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return (level * rng.standard_normal((round(seconds * RATE_HZ), 2))).astype(np.float32)


def level_db(sound: NDArray[np.float32]) -> float:
    """Return the root mean square of a sound in dB."""
    return float(10.0 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-30))


def partial_db(sound: NDArray[np.float32], hz: float) -> float:
    """Return the level of a sine of a frequency within the first channel, a full-scale sine at 0 dB."""
    wave = sound[:, 0].astype(np.float64) * np.hanning(len(sound))
    turn = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / RATE_HZ)
    return float(20.0 * np.log10(4.0 * abs(np.mean(wave * turn)) + 1e-15))
