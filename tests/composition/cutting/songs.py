"""Songs to cut: one that is heard, and ones of numbers alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.structure.features import BarFeatures
from soundrack.analysis.structure.grid import Grid
from soundrack.composition.cutting.hearing import Highlight, Song

RATE_HZ = 44_100
BEAT_S = 0.5
_CHORDS = {"A": (57, 53, 60, 55), "B": (60, 55, 57, 53)}


def played(form: str) -> NDArray[np.float32]:
    """Return a song at 120 BPM, eight bars for each letter, ``B`` louder and with more drums than ``A``."""
    beats = 32 * len(form)
    t = np.arange(round((beats * BEAT_S + 1.0) * RATE_HZ)) / RATE_HZ
    beat = np.minimum((t / BEAT_S).astype(int), beats - 1)
    since_s = t - beat * BEAT_S
    letter = np.array([form[at // 32] == "B" for at in range(beats)])[beat]
    roots = np.array([_CHORDS[form[at // 32]][at // 4 % 4] for at in range(beats)])[beat]
    song = np.zeros_like(t)
    for semitones, level in ((0, 0.1), (7, 0.07), (12, 0.06), (16, 0.05)):
        song += level * np.sin(2.0 * np.pi * 440.0 * 2.0 ** ((roots + semitones - 69) / 12.0) * t)
    song *= np.where(letter, 1.0, 0.6) * np.exp(-since_s / 0.8)
    kick = np.sin(2.0 * np.pi * 55.0 * since_s) * np.exp(-since_s / 0.08)
    noise = np.random.default_rng(4).standard_normal(t.size)
    song += 0.5 * kick * (beat % 4 == 0) + 0.3 * kick * (letter & (beat % 2 == 0))
    song += np.where(beat % 4 == 2, 0.25, 0.06 * letter) * noise * np.exp(-since_s / 0.04)
    song *= np.where(t < beats * BEAT_S, 1.0, np.exp(-(t - beats * BEAT_S) / 0.15))
    return np.repeat((0.8 * song).astype(np.float32)[:, None], 2, axis=1)


def of_numbers(bars: int, seed: int, *, sections: int = 4, bar_s: float = 2.0) -> Song:
    """Return a song of which nothing is known but random features; a second's worth of silence stands for its sound."""
    rng = np.random.default_rng(seed)
    starts = tuple(sorted({0, *rng.integers(1, bars, sections).tolist()}))
    bounds = np.cumsum(np.concatenate(([0.0], rng.uniform(0.95, 1.05, bars) * bar_s)))
    parts = np.linspace(0.0, 1.0, 5)
    chroma = rng.random((bars, 4, 12))
    spans = list(zip(starts, [*starts[1:], bars], strict=True))
    first, last = spans[int(rng.integers(len(spans)))]
    level = rng.random((round(bounds[-1] * 50), 40)).astype(np.float32)
    return Song(
        sound=np.zeros((RATE_HZ, 2), dtype=np.float32),
        on=Grid(bounds, bounds[:-1, None] + np.diff(bounds)[:, None] * parts, has_beats=True, has_bars=True),
        features=BarFeatures(
            rng.random((bars, 4, 16)), chroma / np.linalg.norm(chroma, axis=-1, keepdims=True), rng.random(bars)
        ),
        level=level,
        starts=starts,
        highlights=(Highlight(first, last, "chorus"),),
        sung=np.zeros(bars + 1),
        flux=np.arange(4.0 * bars),
        drop=np.arange(4.0 * bars),
        gain=1.0,
        offset=0.0,
    )
