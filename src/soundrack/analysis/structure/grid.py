"""The grid that a song's form is told on: its beats and bars, or beats in fours, or half seconds in fours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_MOST_BARS = 1200
"""Half an hour at 160 beats a minute: what has more is told by two bars at once."""
_STEP_S, _STEPS = 0.5, 4
_LEAST_BEATS = 8
_LEAST_COVERED = 0.5
"""Of the song, from the first beat to the last: beats in a corner say nothing of its form."""


@dataclass(frozen=True)
class Grid:
    """Bars and the beats in them.

    Attributes
    ----------
    bounds_s : float64 array, shape (bars + 1,)
        Where each bar begins, and the last one ends.
    beats_s : float64 array, shape (bars, beats + 1)
        The bounds of each bar's beats. A bar of another number of beats is divided as most are.
    has_beats, has_bars : bool
        Whether these are beats, and bars, of music, and not a ruler's.
    """

    bounds_s: NDArray[np.float64]
    beats_s: NDArray[np.float64]
    has_beats: bool
    has_bars: bool

    @property
    def bars(self) -> int:
        """How many."""
        return len(self.bounds_s) - 1

    def part(self, first: int, last: int) -> Grid:
        """Return the grid of some bars, from the first up to, not including, the last."""
        return replace(self, bounds_s=self.bounds_s[first : last + 1], beats_s=self.beats_s[first:last])


def grid(duration_s: float, downbeats_s: NDArray[np.float64], beats_s: NDArray[np.float64]) -> Grid:
    """Make the grid of a song: the first bar begins at 0, the last ends with it.

    Parameters
    ----------
    duration_s : float
        Its length.
    downbeats_s, beats_s : float64 arrays
        Ascending; empty where it has no beats. The downbeats are the first beats of bars.
    """
    covered = beats_s[-1] - beats_s[0] if len(beats_s) else 0.0
    if len(beats_s) < _LEAST_BEATS or covered < _LEAST_COVERED * duration_s:
        bar_s = _STEP_S * _STEPS
        bounds = np.append(np.arange(max(1, int(duration_s / bar_s))) * bar_s, duration_s)
        return _divided(bounds, _STEPS, has_beats=False, has_bars=False)
    has_bars = len(downbeats_s) > 1
    downbeats_s = downbeats_s if has_bars else beats_s[::_STEPS]
    per_bar = np.diff(np.searchsorted(beats_s, downbeats_s - 1e-3))
    beats = int(np.bincount(per_bar[per_bar > 0]).argmax()) if (per_bar > 0).any() else _STEPS
    usual_s = float(np.median(np.diff(downbeats_s)))
    bounds = _filled(downbeats_s[(downbeats_s >= 0.0) & (downbeats_s < duration_s - 0.3 * usual_s)], usual_s)
    early = int(np.floor(bounds[0] / usual_s + 0.25))
    before = bounds[0] - usual_s * np.arange(early, 0, -1)
    bounds = np.concatenate((before[before > 0.0], bounds))
    missing = int(np.floor((duration_s - bounds[-1]) / usual_s - 0.25))
    after = bounds[-1] + usual_s * np.arange(1, missing + 1)
    bounds = np.concatenate((bounds, after[after < duration_s - 0.3 * usual_s]))
    # a downbeat near the begin is the first bar's; before a later one there is an upbeat, or silence
    bounds = np.concatenate(([0.0], bounds[bounds >= 0.3 * usual_s], [duration_s]))
    if len(bounds) > _MOST_BARS:
        bounds = np.append(bounds[:-1:2], duration_s)
    return _divided(bounds, beats, has_beats=True, has_bars=has_bars)


def _filled(bounds: NDArray[np.float64], usual_s: float) -> NDArray[np.float64]:
    """Divide what is as long as several usual bars into so many."""
    parts = np.maximum(np.round(np.diff(bounds) / usual_s), 1.0).astype(int)
    filled = [
        np.linspace(start, end, count, endpoint=False)
        for start, end, count in zip(bounds[:-1], bounds[1:], parts.tolist(), strict=True)
    ]
    return np.concatenate((*filled, bounds[-1:]))


def _divided(bounds: NDArray[np.float64], beats: int, *, has_beats: bool, has_bars: bool) -> Grid:
    parts = np.linspace(0.0, 1.0, beats + 1)
    return Grid(bounds, bounds[:-1, None] + np.diff(bounds)[:, None] * parts, has_beats, has_bars)
