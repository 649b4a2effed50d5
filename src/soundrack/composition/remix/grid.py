"""The grid: a recording's beats and bars, evened out as far as they are uneven by chance, and gone on to its ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis import Report
from soundrack.composition.theory import Metre
from soundrack.errors import Invalid

Times = NDArray[np.float64]

_FEWEST_BEATS = 8
_SURE, _SURE_METRE = 0.2, 0.5
_KEEPS_TIME = 0.8
"""Part of the beats of what has no pitch that must be as long as the others."""
_STEADY_S = 0.022
"""How far nineteen of twenty beats may lie from an even row's: what the beats of machines are told wrong by."""
_FITS = 4
_REACH = 6
"""Beats before and behind that a beat is evened out by."""
_BARS_OF_A_RUN = 2
_OVERHANG = 0.6
"""Part of a bar that may ring on behind the last one."""
_AHEAD_S = 0.06
_COMMON = Metre(4, 4)


@dataclass(frozen=True)
class Grid:
    """Beats and bars of a recording.

    Parameters
    ----------
    times_s : float64 array, shape (n,)
        When beats come, ascending; the first may lie before the recording and the last behind it.
    bars : tuple of int
        On which beats bars begin, and where the last one ends: the first is 0, the last n - 1. None has more than
        `beats`; one that has fewer is followed by another that begins anew.
    metre : Metre
        The recording's; its beats are those of `times_s`.
    is_steady : bool
        Whether all beats are equally long.
    is_heard : bool
        Whether there were beats to be heard.
    """

    times_s: Times
    bars: tuple[int, ...]
    metre: Metre
    is_steady: bool
    is_heard: bool

    @property
    def beats(self) -> int:
        """How many beats a whole bar has."""
        return beats_of(self.metre)

    @property
    def bpm(self) -> float:
        """The tempo on average."""
        return 60.0 * (len(self.times_s) - 1) / float(self.times_s[-1] - self.times_s[0])

    @property
    def bars_s(self) -> Times:
        """When bars begin, and the last one ends."""
        return self.times_s[list(self.bars)]

    @classmethod
    def of(cls, report: Report, heard_s: tuple[float, float], otherwise_bpm: float) -> Self:
        """Return the grid of a recording.

        Parameters
        ----------
        report : Report
            What the analysis found.
        heard_s : (float, float)
            When the first and the last sound of it come.
        otherwise_bpm : float
            The tempo of a grid that is laid over a recording without beats.
        """
        rhythm = report.rhythm
        beats_s = np.asarray(rhythm.beats_s, np.float64)
        metre = _metre(rhythm.metre, rhythm.metre_confidence)
        if not _has_beats(report):
            beat_s = 60.0 / otherwise_bpm
            count = max(int(np.ceil((heard_s[1] - heard_s[0]) / (beat_s * beats_of(metre)))), 1) * beats_of(metre)
            times = np.asarray(heard_s[0] + beat_s * np.arange(count + 1), np.float64)
            return cls(times, tuple(range(0, count + 1, beats_of(metre))), metre, True, False)
        times, steady = evened(beats_s)
        count = beats_of(metre)
        positions = np.asarray(rhythm.positions, np.int64)
        if not positions.any():
            positions = by_chords(beats_s, [each.start_s for each in report.tonality.chords], count)
        lines = bar_lines(positions, count)
        times, lines = _to_the_ends(times, lines, count, heard_s)
        return cls(times, lines, metre, steady, True)


def _has_beats(report: Report) -> bool:
    """Tell whether a recording has beats that a band can play to; what has no pitch must keep time: speech does not."""
    rhythm, tonality = report.rhythm, report.tonality
    if rhythm.bpm is None or rhythm.confidence < _SURE or len(rhythm.beats_s) < _FEWEST_BEATS:
        return False
    pitched = tonality.key is not None or len(tonality.chords) > 0
    return pitched or rhythm.stability is None or rhythm.stability >= _KEEPS_TIME


def beats_of(metre: Metre) -> int:
    """Return how many beats are counted in a bar."""
    return metre.beats // 3 if metre.is_compound else metre.beats


def evened(beats_s: Times) -> tuple[Times, bool]:
    """Return beats without what they are uneven by chance, and whether they are all equally long.

    Beats that keep to an even row become that row. Others keep their drift: each lies on the parabola that fits the
    six beats on either side of it best (Savitzky and Golay, Analytical Chemistry 36, 1964).

    Parameters
    ----------
    beats_s : float64 array, shape (n,)
        At least 8, ascending.
    """
    places = np.arange(len(beats_s), dtype=np.float64)
    kept = np.ones(len(beats_s), dtype=bool)
    for _ in range(_FITS):
        slope, start = np.polyfit(places[kept], beats_s[kept], 1)
        row = start + slope * places
        away = np.abs(beats_s - row)
        kept = away <= max(2.5 * float(np.median(away)), _STEADY_S)
    if np.quantile(away, 0.95) <= _STEADY_S and away.max() <= 2.0 * _STEADY_S:
        return row, True
    reach = min(_REACH, (len(beats_s) - 1) // 2)
    around = np.arange(-reach, reach + 1, dtype=np.float64)
    design = np.stack([np.ones_like(around), around, around**2], axis=1)
    weights = np.linalg.pinv(design)[0]
    ends = [
        beats_s[0] + (beats_s[reach] - beats_s[0]) / reach * np.arange(-reach, 0),
        beats_s[-1] + (beats_s[-1] - beats_s[-1 - reach]) / reach * np.arange(1, reach + 1),
    ]
    smooth = np.convolve(np.concatenate([ends[0], beats_s, ends[1]]), weights[::-1], mode="valid")
    least = 0.25 * float(np.median(np.diff(beats_s)))
    return np.maximum.accumulate(smooth - least * places) + least * places, False


def by_chords(beats_s: Times, changes_s: Sequence[float], beats: int) -> NDArray[np.int64]:
    """Return where in its bar each beat is, from 1, if nothing but chords tells: most of them begin with a bar."""
    at = np.interp(changes_s, beats_s, np.arange(len(beats_s)))
    counts = np.bincount(np.round(at).astype(np.int64) % beats, minlength=beats)
    return (np.arange(len(beats_s)) - int(counts.argmax())) % beats + 1


def bar_lines(positions: NDArray[np.int64], beats: int) -> tuple[int, ...]:
    """Return on which beats bars begin.

    Bars that begin anew after fewer beats are believed where two of them follow each other; what is counted otherwise
    for less than that is counted wrongly.

    Parameters
    ----------
    positions : int array, shape (n,)
        Where in its bar each beat is, from 1; 0 where that is not known.
    beats : int
        How many a bar has.

    Returns
    -------
    tuple of int
        The first is 0 to -`beats` + 1: the bar of the first beat may begin before it. The last is that behind the last
        whole bar or above.
    """
    count = len(positions)
    phases = np.where(positions > 0, (np.arange(count) - positions + 1) % beats, -1)
    runs: list[tuple[int, int]] = []
    place = 0
    while place < count:
        end = place
        while end < count and phases[end] == phases[place]:
            end += 1
        if phases[place] >= 0 and end - place >= _BARS_OF_A_RUN * beats and (not runs or runs[-1][1] != phases[place]):
            runs.append((place, int(phases[place])))
        place = end
    if not runs:
        known = phases[phases >= 0]
        runs = [(0, int(np.bincount(known).argmax()) if len(known) else 0)]
    first = runs[0][1] - beats if runs[0][1] else 0
    lines = [first]
    for number, (start, phase) in enumerate(runs):
        begin = start + (phase - start) % beats
        if number:
            lines = [line for line in lines if line < begin]
            lines += [*range(lines[-1] + beats, begin, beats), begin]
        end = runs[number + 1][0] if number + 1 < len(runs) else count
        while lines[-1] + beats <= end:
            lines.append(lines[-1] + beats)
    return tuple(lines)


def _to_the_ends(
    times: Times, lines: tuple[int, ...], beats: int, heard_s: tuple[float, float]
) -> tuple[Times, tuple[int, ...]]:
    """Go on with beats and whole bars to a recording's first and last sound, and leave out those beyond."""
    first_s, last_s = float(np.mean(np.diff(times[: beats + 1]))), float(np.mean(np.diff(times[-beats - 1 :])))
    before = beats * (2 + max(int(np.ceil((times[0] - heard_s[0]) / (first_s * beats))), 0))
    after = beats * (2 + max(int(np.ceil((heard_s[1] - times[-1]) / (last_s * beats))), 0))
    grown = np.concatenate(
        [times[0] - first_s * np.arange(before, 0, -1), times, times[-1] + last_s * np.arange(1, after + 1)]
    )
    whole = [line + before for line in lines]
    whole = [*range(whole[0] % beats, whole[0], beats), *whole]
    whole += range(whole[-1] + beats, len(grown), beats)
    whole = [line for line in whole if line < len(grown)]
    end_s = heard_s[1] - _OVERHANG * beats * last_s
    while len(whole) > 2 and grown[whole[1]] <= heard_s[0] + _AHEAD_S:
        whole.pop(0)
    while len(whole) > 2 and grown[whole[-2]] >= end_s:
        whole.pop()
    return grown[whole[0] : whole[-1] + 1], tuple(line - whole[0] for line in whole)


def _metre(name: str | None, confidence: float) -> Metre:
    if name is None or confidence < _SURE_METRE:
        return _COMMON
    try:
        return Metre.parse(name)
    except Invalid:
        return _COMMON
