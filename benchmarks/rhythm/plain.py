"""Sounds of which nobody doubts the beat: metronomes, and bars of plain drums, with or without chords."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import Truth

RATE_HZ = 22_050
_LENGTH_S = 31.0
_METRONOMES, _DRUMS = 24, 48
_SLOWEST_BPM, _FASTEST_BPM = 60.0, 180.0

Sound = NDArray[np.float32]


def sounds() -> Iterator[tuple[str, Truth, Sound]]:
    """Give each sound's name, its truth, as far as the beat goes, and itself: float32, shape (n,), at `RATE_HZ`."""
    for number in range(_METRONOMES + _DRUMS):
        rng = np.random.default_rng([72, number])
        low, high = np.log([_SLOWEST_BPM, _FASTEST_BPM])
        bpm = float(np.exp(rng.uniform(low, high)))
        beats_s = np.arange(float(rng.uniform(0.1, 1.0)), _LENGTH_S - 0.6, 60.0 / bpm)
        per_bar = 1 if number < _METRONOMES else int(rng.choice([3, 4, 4]))
        truth = {"bpm": bpm, "beats_s": beats_s.tolist(), "downbeats_s": beats_s[::per_bar].tolist()}
        sound = _metronome(beats_s, rng) if number < _METRONOMES else _drums(beats_s, per_bar, rng)
        yield f"plain-{number}", truth | {"metre": f"{per_bar}/4"}, sound


def _metronome(beats_s: NDArray[np.float64], rng: np.random.Generator) -> Sound:
    sound = np.zeros(int(_LENGTH_S * RATE_HZ))
    click = _decaying(float(rng.uniform(800.0, 4000.0)), float(rng.uniform(0.004, 0.03)))
    for at_s in beats_s:
        _add(sound, 0.4 * click, at_s)
    return sound.astype(np.float32)


def _drums(beats_s: NDArray[np.float64], per_bar: int, rng: np.random.Generator) -> Sound:
    """Make bars with the kick on the first beat, the snare on others, and a hat on beats or their halves."""
    sound = np.zeros(int(_LENGTH_S * RATE_HZ))
    kick = _decaying(float(rng.uniform(50.0, 90.0)), 0.08)
    snare = _decaying(float(rng.uniform(170.0, 240.0)), 0.05) + 0.6 * _hiss(0.05, rng)
    hat = 0.3 * np.diff(_hiss(0.02, rng), append=0.0)
    snared = (1, 2) if per_bar == 3 else (1, 3)
    halves, chords = rng.random() < 0.6, rng.random() < 0.6
    length_s = float(beats_s[1] - beats_s[0])
    for number, at_s in enumerate(beats_s):
        place = number % per_bar
        if place == 0 or (place == 2 and per_bar == 4):
            _add(sound, 0.6 * kick, at_s)
        if place in snared:
            _add(sound, 0.5 * snare, at_s)
        _add(sound, hat, at_s)
        if halves:
            _add(sound, 0.7 * hat, at_s + length_s / 2.0)
        if chords and place == 0:
            root_hz = 110.0 * 2.0 ** (int(rng.integers(0, 12)) / 12.0)
            tones = (_decaying(root_hz * ratio, per_bar * length_s / 2.0) for ratio in (1.0, 1.26, 1.5))
            for tone in tones:
                _add(sound, 0.08 * tone, at_s)
    return sound.astype(np.float32)


def _decaying(hz: float, decay_s: float) -> NDArray[np.float64]:
    t = np.arange(int(5.0 * decay_s * RATE_HZ)) / RATE_HZ
    return np.asarray(np.sin(2.0 * np.pi * hz * t) * np.exp(-t / decay_s))


def _hiss(decay_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    count = int(5.0 * decay_s * RATE_HZ)
    return np.asarray(rng.standard_normal(count) * np.exp(-np.arange(count) / (decay_s * RATE_HZ)))


def _add(sound: NDArray[np.float64], voice: NDArray[np.float64], at_s: float) -> None:
    first = int(at_s * RATE_HZ)
    part = voice[: max(0, len(sound) - first)]
    sound[first : first + len(part)] += part
