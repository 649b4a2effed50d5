"""The grid that harmony is told on: beats where the rhythm has them, half seconds where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.constant_q import FPS

_STEP_S = 0.5
KEY_SPAN_S, CHORD_SPAN_S = 0.95, 0.45
"""Longer beats are halved. Keys were learned on beats; chords change within them, and beats may be half a beat off."""
_GAP = 1.75
"""A distance of so many usual beats has lost one; it is filled."""


@dataclass(frozen=True)
class Grid:
    """Spans of time, one after the other without gaps, from 0 to the song's end.

    `times_s` is float64, shape (n + 1,); `strong` bool, shape (n,), true for a span that begins a bar.
    """

    times_s: NDArray[np.float64]
    strong: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.strong)

    def frames(self, most: int) -> NDArray[np.int64]:
        """Return where each span begins, and the last ends, in frames of the constant-Q spectrum; `most` at most."""
        return np.minimum(np.round(self.times_s * FPS), most).astype(np.int64)


def grid(beats_s: NDArray[np.float64], positions: NDArray[np.int64], duration_s: float, longest_s: float) -> Grid:
    """Lay a grid over a song.

    Parameters
    ----------
    beats_s : float64 array, shape (n,)
        When beats fall, ascending; fewer than two stand for none.
    positions : int array, shape (n,)
        Of each beat in its bar, from 1.
    duration_s : float
        How long the song is.
    longest_s : float
        Beats that are longer are halved.

    Returns
    -------
    Grid
        Beats are continued at their usual distance before the first, after the last and over gaps.
    """
    if len(beats_s) < 2:
        times = np.append(np.arange(0.0, max(duration_s - 0.5 * _STEP_S, 1e-3), _STEP_S), duration_s)
        return Grid(times, np.zeros(len(times) - 1, dtype=np.bool_))
    usual_s = float(np.median(np.diff(beats_s)))
    times, strong = _filled(beats_s, positions == 1, usual_s)
    before = np.arange(times[0] - usual_s, 0.1 * usual_s, -usual_s)[::-1]
    after = np.arange(times[-1] + usual_s, duration_s - 0.1 * usual_s, usual_s)
    weak = np.zeros(len(before) + 1, dtype=np.bool_)
    marks = np.concatenate((weak, strong, np.zeros(len(after), dtype=np.bool_)))
    starts = np.concatenate(([0.0], before, times, after))
    if times[0] < 0.1 * usual_s:  # the first beat is the song's start
        starts, marks = starts[1:], marks[1:]
        starts[0] = 0.0
    starts, marks = starts[starts < duration_s - 1e-3], marks[: (starts < duration_s - 1e-3).sum()]
    if usual_s > longest_s:
        middles = 0.5 * (starts + np.append(starts[1:], duration_s))
        starts = np.stack((starts, middles), axis=1).ravel()
        marks = np.stack((marks, np.zeros_like(marks)), axis=1).ravel()
    return Grid(np.append(starts, duration_s), marks)


def _filled(
    beats_s: NDArray[np.float64], strong: NDArray[np.bool_], usual_s: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Put beats into the gaps between others."""
    distances = np.diff(beats_s)
    pieces = np.where(distances > _GAP * usual_s, np.round(distances / usual_s), 1.0).astype(np.int64)
    places = np.concatenate(([0], np.cumsum(pieces)))
    every = np.arange(places[-1] + 1)
    marks = np.zeros(len(every), dtype=np.bool_)
    marks[places] = strong
    return np.interp(every, places, beats_s), marks
