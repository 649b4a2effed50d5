"""Songs of plain tones, made in the test."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.rhythm.result import Rhythm

Samples = NDArray[np.float32]
BEAT_S = 0.5
LOOP = ((0, (0, 4, 7)), (9, (0, 3, 7)), (5, (0, 4, 7)), (7, (0, 4, 7, 10)))
"""In C: C, Am, F, G7, each a root and its tones."""
MINOR_LOOP = ((9, (0, 3, 7)), (2, (0, 3, 7)), (4, (0, 4, 7)), (9, (0, 3, 7)))
"""In A minor: Am, Dm, E, Am."""


@cache
def tone(note: float, seconds: float, *, partials: int = 6, decay: float = 0.55) -> Samples:
    """Return a decaying tone with overtones, at `RATE_HZ`."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    frequency = 440.0 * 2.0 ** ((note - 69.0) / 12.0)
    numbers = [number for number in range(1, partials + 1) if number * frequency < 0.45 * RATE_HZ]
    wave = sum(decay ** (number - 1) * np.sin(2.0 * np.pi * number * frequency * time) for number in numbers)
    edge = np.minimum(1.0, np.minimum(time, seconds - time) / 0.01)
    return np.asarray(wave * edge * np.exp(-0.8 * time), dtype=np.float32)


def song(
    loop: Sequence[tuple[int, Sequence[int]]] = LOOP,
    *,
    times: int = 4,
    moved: float = 0.0,
    beats: int = 4,
    gain: float = 0.1,
) -> Samples:
    """Play a loop of chords, `beats` beats each, with a bass and a chord on each beat, moved by semitones."""
    samples = np.zeros(round(len(loop) * times * beats * BEAT_S * RATE_HZ), dtype=np.float32)
    for number in range(len(loop) * times):
        root, tones = loop[number % len(loop)]
        for beat in range(beats):
            at = round((number * beats + beat) * BEAT_S * RATE_HZ)
            numbers = [
                36 + root % 12,
                *(60 + (root + tone_) % 12 for tone_ in tones),
                72 + (root + tones[beat % 3]) % 12,
            ]
            for note in numbers:
                played = tone(note + moved, BEAT_S)
                samples[at : at + len(played)] += played[: len(samples) - at]
    return gain * samples


def rhythm(seconds: float, beats_in_bar: int = 4) -> Rhythm:
    """Return the beats of such a song."""
    beats_s = np.arange(0.0, seconds - 1e-6, BEAT_S)
    positions = np.arange(len(beats_s)) % beats_in_bar + 1
    return Rhythm(bpm=120.0, confidence=1.0, metre=f"{beats_in_bar}/4", beats_s=beats_s, positions=positions)
