"""Songs laid on grids of spans, as the engine will meet them: on its own beats, mostly, and on wrong ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.tonality.compose import QUALITIES as COMPOSED
from benchmarks.tonality.examples import SIMPLER, Example, key_number, state_and_bass
from soundrack.analysis.features.chroma import between
from soundrack.analysis.features.constant_q import FPS
from soundrack.analysis.tonality.grid import KEY_SPAN_S, Grid, grid
from soundrack.analysis.tonality.labels import QUALITIES
from soundrack.analysis.tonality.network import STATES

NO_KEY = 24
_GRIDS = {"ours": 0.5, "true": 0.2, "shifted": 0.08, "doubled": 0.08, "halved": 0.07, "none": 0.07}
"""How often a song is laid on each: our beats, the true ones a little off, ours moved, twice and half as fast, none."""
_SPANS_S = (0.45, 0.45, 0.45, 0.45, 0.3, 0.3, 0.95, 0.95, 1.9, 1.9)
"""Beats that are longer are halved."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Laid:
    """A song on a grid.

    `spectra` is float32, shape (spans, `NOTES`); `shares` float32, shape (spans, `STATES`), how much of each span each
    chord takes; `bass` int64, shape (spans,), the pitch class of the longest chord's bass or -1; `keys` int64, shape
    (spans,), as numbered, `NO_KEY` for none.
    """

    grid: Grid
    spectra: Floats
    shares: Floats
    bass: NDArray[np.int64]
    keys: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bass)

    def part(self, first: int, last: int) -> Laid:
        """Return the spans from `first` to before `last`."""
        laid = Grid(self.grid.times_s[first : last + 1], self.grid.strong[first:last])
        here = slice(first, last)
        return Laid(laid, self.spectra[here], self.shares[here], self.bass[here], self.keys[here])


def composed(path: Path) -> list[Laid]:
    """Return the songs of `material`, whose spans are beats."""
    with np.load(path) as file:
        spectra, truth, song = file["spectra"], file["truth"], file["song"]
    qualities = np.array([QUALITIES.index(SIMPLER.get(name, name)) for name in COMPOSED])
    states = np.where(truth[:, 0] >= 0, truth[:, 0] * len(QUALITIES) + qualities[truth[:, 1]], STATES - 1)
    keys = np.where(truth[:, 3] >= 0, 2 * truth[:, 3] + truth[:, 4], NO_KEY)
    found = []
    for number in np.unique(song):
        own = song == number
        beats = int(own.sum())
        laid = Grid(np.arange(beats + 1.0), np.zeros(beats, dtype=np.bool_))
        shares = np.eye(STATES, dtype=np.float32)[states[own]]
        found.append(Laid(laid, spectra[own], shares, truth[own, 2].astype(np.int64), keys[own].astype(np.int64)))
    return found


def for_chords(example: Example, rng: np.random.Generator) -> Laid:
    """Lay a song on a grid drawn at random, as chords are told on."""
    return on_grid(example, _drawn(example, rng, float(rng.choice(_SPANS_S))))


def for_keys(example: Example, rng: np.random.Generator) -> Laid:
    """Lay a song on a grid drawn at random, as keys are told on."""
    return on_grid(example, _drawn(example, rng, KEY_SPAN_S))


def as_found(example: Example, longest_s: float) -> Laid:
    """Lay a song on the grid that the engine would lay."""
    return on_grid(example, grid(example.beats_s, example.positions, len(example.semitones) / FPS, longest_s))


def _drawn(example: Example, rng: np.random.Generator, longest_s: float) -> Grid:
    duration_s = len(example.semitones) / FPS
    beats_s, positions = example.beats_s, example.positions
    kind = str(rng.choice(list(_GRIDS), p=list(_GRIDS.values())))
    if kind == "true":
        beats_s, positions = np.array(example.truth["beats_s"]), np.array(example.truth["positions"])
        beats_s = beats_s + rng.normal(0.0, 0.015, len(beats_s)) + rng.normal(0.0, 0.02)
    elif kind == "none":
        beats_s, positions = beats_s[:0], positions[:0]
    elif len(beats_s) > 6:
        if kind == "shifted":
            beats_s = beats_s + float(np.median(np.diff(beats_s))) * rng.uniform(0.2, 0.8)
        elif kind == "doubled":
            beats_s = np.interp(0.5 * np.arange(2 * len(beats_s) - 1), np.arange(len(beats_s)), beats_s)
            positions = np.resize((1, 2, 3, 4), len(beats_s))
        elif kind == "halved":
            beats_s = beats_s[::2]
            positions = np.resize((1, 2, 3, 4), len(beats_s))
    beats_s = np.sort(beats_s)
    within = (beats_s > 0.0) & (beats_s < duration_s)
    return grid(beats_s[within], positions[within], duration_s, longest_s)


def on_grid(example: Example, laid: Grid) -> Laid:
    """Lay a song on a grid."""
    times_s, spans = laid.times_s, len(laid)
    shares = np.zeros((spans, STATES))
    lowest = np.zeros((spans, 13))
    for chord in example.truth["chords"]:
        state, bass = state_and_bass(chord["label"])
        shared_s = np.minimum(chord["end_s"], times_s[1:]) - np.maximum(chord["start_s"], times_s[:-1])
        shares[:, state] += np.maximum(shared_s, 0.0)
        lowest[:, bass] += np.maximum(shared_s, 0.0)
    total = shares.sum(axis=1, keepdims=True)
    bass = lowest.argmax(axis=1)
    keys = np.full(spans, key_number(example.truth["key"]))
    middles_s = 0.5 * (times_s[1:] + times_s[:-1])
    for segment in example.truth["key_segments"]:
        keys[(middles_s >= segment["start_s"]) & (middles_s < segment["end_s"])] = key_number(segment["name"])
    return Laid(
        laid,
        between(example.semitones, laid.frames(len(example.semitones))),
        (shares / np.maximum(total, 1e-9)).astype(np.float32),
        np.where(bass == 12, -1, bass),
        keys,
    )
