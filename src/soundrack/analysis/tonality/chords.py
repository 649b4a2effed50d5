"""Chords: which one sounds in each span of the grid."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.tonality.decoding import decode
from soundrack.analysis.tonality.grid import Grid
from soundrack.analysis.tonality.labels import INTERVALS, QUALITIES
from soundrack.analysis.tonality.network import STATES, Heard

_CHANGE_ON_DOWNBEAT, _CHANGE_ELSEWHERE = 0.92, 0.7
"""How probable a new chord is at the start of a bar and elsewhere. Both are high: the network has seen what lies around
each span, and what it says already stays."""
_SAME_ROOT = 0.3
"""A chord rarely moves to another quality of its root, beside other moves."""
_SURE_BASS = 0.7
_CONFIDENCE_SLOPE, _CONFIDENCE_LIFT = 0.65, 0.34
"""From the logit of a chord's posterior to that of being right (Platt, "Probabilistic outputs for support vector
machines", 1999), fitted to the tune halves of rendered songs and chorales and to learning songs that were left out:
neighbouring spans say the same, and the model takes them for independent."""


@dataclass(frozen=True)
class Sounding:
    """A chord from one place of the grid to another.

    `root` and `bass` are pitch classes, `quality` one of :data:`~soundrack.analysis.tonality.labels.QUALITIES`; all are
    None where no chord sounds. `confidence` is 0 to 1.
    """

    first: int
    last: int
    root: int | None
    quality: str | None
    bass: int | None
    confidence: float


@dataclass(frozen=True)
class Followed:
    """The chords of a song, and the posteriors, float32, shape (spans, `STATES`), that they were decoded with."""

    chords: tuple[Sounding, ...]
    posteriors: NDArray[np.float32]


def follow(heard: Heard, grid: Grid) -> Followed:
    """Follow the chords through a song.

    A chord stays or moves; it moves most readily at the start of a bar. The course is decoded by Viterbi; a chord's
    confidence is the mean posterior of its spans, calibrated.
    """
    change = np.where(grid.strong, _CHANGE_ON_DOWNBEAT, _CHANGE_ELSEWHERE)
    path, posteriors = decode(heard.chords, (1.0 - change).astype(np.float32), _moves())
    if not len(path):
        return Followed((), posteriors)
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(path)) + 1, [len(path)]))
    chords = [
        _sounding(int(first), int(last), int(path[first]), heard, posteriors)
        for first, last in itertools.pairwise(bounds)
    ]
    return Followed(tuple(chords), posteriors)


def _sounding(first: int, last: int, state: int, heard: Heard, posteriors: NDArray[np.float32]) -> Sounding:
    confidence = _calibrated(float(posteriors[first:last, state].mean()))
    if state == STATES - 1:
        return Sounding(first, last, None, None, None, confidence)
    root, quality = divmod(state, len(QUALITIES))
    name = QUALITIES[quality]
    shares = np.exp(heard.bass[first:last]).mean(axis=0)
    bass = int(shares.argmax())
    inverted = shares[bass] > _SURE_BASS and (bass - root) % 12 in INTERVALS[name]
    return Sounding(first, last, root, name, bass if inverted else root, confidence)


def _calibrated(posterior: float) -> float:
    within = min(max(posterior, 1e-3), 1.0 - 1e-3)
    return float(1.0 / (1.0 + np.exp(-_CONFIDENCE_SLOPE * np.log(within / (1.0 - within)) - _CONFIDENCE_LIFT)))


@cache
def _moves() -> NDArray[np.float32]:
    """Return where chords move to, shape (`STATES`, `STATES`)."""
    roots = np.arange(STATES) // len(QUALITIES)
    weights = np.where(roots[:, None] == roots[None, :], _SAME_ROOT, 1.0)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
