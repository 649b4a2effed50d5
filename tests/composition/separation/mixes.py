"""Small mixes whose parts are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE_HZ = 44_100


def parts(seconds: float) -> dict[str, Sound]:
    """Return a voice with vibrato in the middle, bursts of noise, a low saw and a chord to both sides."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    turns = 2.0 * np.pi * np.cumsum(330.0 * 2.0 ** (0.6 / 12.0 * np.sin(2.0 * np.pi * 5.5 * t))) / RATE_HZ
    sung = np.sin(2.0 * np.pi * 0.4 * t) > -0.5
    voice = np.sum([0.09 * 0.85**n * np.sin(n * turns) for n in range(1, 16)], axis=0) * sung
    noise = np.random.default_rng(3).standard_normal(t.size)
    drums = 0.35 * noise * np.exp(-(t % 0.5) / 0.03)
    bass = np.sum([0.2 / n * np.sin(2.0 * np.pi * 55.0 * n * t) for n in range(1, 5)], axis=0)
    left, right = (
        np.sum([0.05 * np.sin(2.0 * np.pi * hz * n * t) for hz in chord for n in range(1, 5)], axis=0)
        for chord in ((261.6, 392.0), (329.6, 523.3))
    )
    other = np.stack([left, right], axis=1)
    middle = {"vocals": voice, "drums": drums, "bass": bass}
    return {name: both(each) for name, each in middle.items()} | {"other": other.astype(np.float32)}


def both(mono: NDArray[np.float64]) -> Sound:
    """Return one channel as two."""
    return np.repeat(mono.astype(np.float32)[:, None], 2, axis=1)


def mixed(of: dict[str, Sound]) -> Sound:
    """Return what parts add up to."""
    return np.ascontiguousarray(np.sum(list(of.values()), axis=0, dtype=np.float32))


def likeness(one: Sound, other: Sound) -> float:
    """Return the cosine between two sounds."""
    a, b = (each.astype(np.float64).reshape(-1) for each in (one, other))
    return float(a @ b / np.sqrt((a @ a) * (b @ b) + 1e-12))
