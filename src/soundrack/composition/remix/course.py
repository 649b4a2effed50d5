"""The course: which bars of a recording lie under which bars of its remix."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.performance.clock import Clock
from soundrack.composition.remix.grid import Grid

_SLOWEST, _QUICKEST = 30.0, 260.0


@dataclass(frozen=True)
class Stretch:
    """Bars of a recording in a section of the remix.

    `first` and `last` are numbers of the grid's bar lines; `start` is the quarter note of the remix on which they
    begin, and `is_silent` says that nothing of them is kept but their chords: words over them need more time.
    """

    first: int
    last: int
    start: float
    is_silent: bool = False


@dataclass(frozen=True)
class Course:
    """Where a recording's beats are in its remix.

    Parameters
    ----------
    grid : Grid
        The recording's.
    level : float
        Beats of the remix on one of the recording's.
    stretches : tuple of Stretch
        In order, without gaps in the remix.
    length : float
        The remix's end, in quarter notes.
    """

    grid: Grid
    level: float
    stretches: tuple[Stretch, ...]
    length: float

    @property
    def beat(self) -> float:
        """Quarter notes of the remix on one beat of the recording."""
        return self.grid.metre.beat_quarters * self.level

    def moments(self) -> list[list[tuple[float, float]]]:
        """Return beats of the recording in seconds and where they come, in quarter notes, by parts without gaps.

        Each part ends with the beat behind its last one. Repetitions are left out.
        """
        parts: list[list[tuple[float, float]]] = []
        end = -1
        for each in self.stretches:
            if each.is_silent:
                continue
            for number in range(each.first, each.last):
                first, last = self.grid.bars[number], self.grid.bars[number + 1]
                start = each.start + (number - each.first) * self.grid.beats * self.beat
                joined = first == end and parts and math.isclose(parts[-1][-1][1], start)
                here = [(float(self.grid.times_s[beat]), start + (beat - first) * self.beat)
                        for beat in range(first, last + 1)]  # fmt: skip
                if joined:
                    parts[-1] += here[1:]
                else:
                    parts.append(here)
                end = last
        return parts

    def quarter(self, at_s: float, stretch: Stretch) -> float | None:
        """Return where a moment of the recording comes in a stretch of it, in quarter notes; None outside."""
        bars_s = self.grid.bars_s
        if not bars_s[stretch.first] <= at_s < bars_s[stretch.last]:
            return None
        number = bisect_right(bars_s, at_s) - 1
        beats = np.interp(at_s, self.grid.times_s, np.arange(len(self.grid.times_s))) - self.grid.bars[number]
        return float(stretch.start + ((number - stretch.first) * self.grid.beats + beats) * self.beat)

    def tempi(self) -> tuple[tuple[float, float], ...]:
        """Return the tempi at which a band follows the recording, as in `Score.tempi`: one a beat, or one for all."""
        if self.grid.is_steady:
            return ((0.0, self.grid.bpm * self.level),)
        found: dict[float, float] = {}
        for part in self._all_moments():
            for (source, start), (after, _) in pairwise(part):
                bpm = 60.0 * self.level / (after - source)
                found[start] = min(max(bpm, _SLOWEST), _QUICKEST)
        times = sorted(found)
        return tuple((at, found[at]) for at in times)

    def _all_moments(self) -> list[list[tuple[float, float]]]:
        return Course(
            self.grid, self.level, tuple(Stretch(e.first, e.last, e.start) for e in self.stretches), self.length
        ).moments()

    def seconds(self, clock: Clock) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return the parts of `moments` with seconds of the remix for quarter notes."""
        return [
            (np.array([source for source, _ in part]), clock.straight([quarter for _, quarter in part]))
            for part in self.moments()
        ]


def course(
    grid: Grid,
    level: float,
    sections: Sequence[Sequence[tuple[int, int]]],
    bars: Sequence[int],
    sung: Sequence[bool] = (),
) -> Course:
    """Lay a recording's bars under sections.

    Parameters
    ----------
    grid : Grid
        The recording's.
    level : float
        Beats of the remix on one of the recording's.
    sections : sequence of (sequence of (int, int))
        For each section of the remix the recording's bars under it, from one bar line to another.
    bars : sequence of int
        How many bars of the remix each section has, at least as many as its recording's need.
    sung : sequence of bool
        For each section whether words are sung in it anew: the recording's bars are heard there at most once.
    """
    bar = grid.metre.bar_quarters
    stretches = []
    at = 0.0
    for place, (spans, count) in enumerate(zip(sections, bars, strict=True)):
        start = at
        for number, (first, last) in enumerate(spans):
            stretches.append(Stretch(first, last, start, number > 0 and place < len(sung) and sung[place]))
            start += math.ceil((last - first) * level) * bar
        at += count * bar
    return Course(grid, level, tuple(stretches), at)
