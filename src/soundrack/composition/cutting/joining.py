"""What a join costs: how far the music after it is from what would have come, and before it from what had been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.cutting.hearing import Song, changes_between

Costs = NDArray[np.float64]

EACH = 1.0
"""What any join costs: fewer are better than smoother ones."""
_BARS = 2
"""Bars before and behind a join that are compared; the nearer counts twice."""
_TIMBRE, _HARMONY, _LEVEL = 0.5, 1.2, 0.6
_PHRASE, _HALF_PHRASE = 0.5, 0.4
"""For a join that leads from one place of a phrase of four bars to another; the second for odd numbers of bars."""
_SECTION = 0.45
"""What the distance counts where a section ends and another begins: there listeners expect change."""
_JUMP = 1.5
"""For a join at which more begins, or breaks off, than at any of the song's own beats; nothing up to 85 % of them."""
_USUAL = 0.85
_WORD = 1.2
"""For a join that a voice is singing across, on either side."""
_SHORT = 0.6
"""For a join within the first or last two bars."""
_LEAST = 1e-9


@dataclass(frozen=True)
class Joins:
    """The joins that may be made: into each bar from `sources`, int64, shape (bars, k), at `costs`, float64.

    A join from bar j to bar m is played up to where bar j begins and goes on where bar m does.
    """

    sources: NDArray[np.int64]
    costs: Costs


def joins(song: Song, banned: frozenset[tuple[int, int]] = frozenset(), most: int = 32) -> Joins:
    """Return the best joins into each bar, forward in time.

    After S. Wenner et al., Scalable music: automatic music retargeting and synthesis, Computer Graphics Forum 32, 2013,
    and D. Stoller et al., Intuitive and efficient computer-aided music rearrangement with optimised processing of audio
    transitions, J. New Music Research 47, 2018.

    Parameters
    ----------
    song : Song
        At least one bar.
    banned : frozenset of (int, int)
        Joins that must not be made, by the bars that are left and entered.
    most : int
        How many are kept of those into each bar.
    """
    costs = join_costs(song)
    for left, entered in banned:
        costs[left, entered] = np.inf
    keep = min(most, len(costs))
    sources = np.argsort(costs, axis=0, kind="stable")[:keep].T
    return Joins(np.ascontiguousarray(sources), np.take_along_axis(costs.T, sources, axis=1))


def join_costs(song: Song) -> Costs:
    """Return what a join costs from before each bar (row) to each bar (column), inf where there is none."""
    bars = song.on.bars
    distance = _distance(song)
    ends = np.zeros(bars, dtype=bool)
    ends[list(song.starts)] = True
    both = ends[:, None] & ends[None, :]
    costs = EACH + np.where(both, _SECTION, 1.0) * distance
    if song.on.has_beats:
        place = _places(song)
        aside = np.abs(place[:, None] - place[None, :])
        costs += _PHRASE * (aside % 4 != 0) + _HALF_PHRASE * (aside % 2 != 0)
    costs += _JUMP * _excess(song)
    costs += _WORD * np.maximum(song.sung[:-1, None], song.sung[None, :-1])
    costs[:2] += _SHORT
    costs[:, bars - 1 :] += _SHORT
    forward = np.arange(bars)[:, None] < np.arange(bars)[None, :]
    return np.where(forward, costs, np.inf)


def _distance(song: Song) -> Costs:
    """Return how unlike the music is before two bars and from them on, 0 for the same."""
    features = song.features
    bars = song.on.bars
    timbre = features.timbre[:, :, 1:].reshape(bars, -1)
    level = features.timbre[:, :, :1].reshape(bars, -1)
    parts = (
        _TIMBRE * _between(timbre / (timbre.std(axis=0) + 0.05)),
        _LEVEL * _between(level / (level.std() + 0.05)),
        _HARMONY * _unlike(features.chroma.reshape(bars, -1)),
    )
    bar = parts[0] + parts[1] + parts[2]
    total = np.zeros((bars, bars))
    for ahead in range(-_BARS, _BARS):
        weight = (2.0 if ahead in (-1, 0) else 1.0) / 6.0
        at = np.clip(np.arange(bars) + ahead, 0, bars - 1)
        total += weight * bar[np.ix_(at, at)]
    return total


def _between(rows: NDArray[np.float64]) -> Costs:
    """Return the root mean square of the differences between rows."""
    squares = np.square(rows).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares - 2.0 * rows @ rows.T, 0.0) / rows.shape[1]
    distance: Costs = np.sqrt(apart)
    return distance


def _unlike(rows: NDArray[np.float64]) -> Costs:
    """Return one less the cosine between rows; silent rows are unlike all but silence."""
    lengths = np.linalg.norm(rows, axis=1)
    unit = rows / np.maximum(lengths, _LEAST)[:, None]
    likeness = unit @ unit.T
    quiet = lengths < _LEAST
    likeness[np.ix_(quiet, quiet)] = 1.0
    return np.asarray(1.0 - np.clip(likeness, 0.0, 1.0))


def _places(song: Song) -> NDArray[np.int64]:
    """Return how many bars each bar lies behind the begin of its section."""
    starts = np.array(song.starts)
    at = np.arange(song.on.bars)
    places: NDArray[np.int64] = at - starts[np.searchsorted(starts, at, side="right") - 1]
    return places


def _excess(song: Song) -> Costs:
    """Return how far beyond the usual that lies which would begin at a join, or break off, 0 to 1."""
    bounds = song.on.bounds_s[:-1]
    beats = song.on.beats_s[:, :-1].reshape(-1)
    own = np.array(
        [np.ravel(changes_between(song, beats[at : at + 1], beats[at : at + 1])) for at in range(len(beats))]
    )
    worst = np.zeros((len(bounds), len(bounds)))
    for usual, change in zip(own.T, changes_between(song, bounds, bounds), strict=True):
        rank = np.searchsorted(np.sort(usual), change) / len(beats)
        worst = np.maximum(worst, np.clip((rank - _USUAL) / (1.0 - _USUAL), 0.0, 1.0))
    return worst
