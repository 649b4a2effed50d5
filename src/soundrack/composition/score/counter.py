"""Counter lines: guide tones under a tune that moves, answers where it rests (Piston, Orchestration, 1955, ch. 14)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart, Span
from soundrack.composition.score.score import Note, Sounding
from soundrack.composition.theory import CHORDS

_EPSILON = 1e-6
_HELD, _ANSWER = 0.55, 0.7
_REST = 1.5
"""Quarter notes of rest after which the tune is answered."""
_LONG_BARS = 2
_CLIMAX_UP = 12
_CELLS = (
    (0.5, 0.5, 1.0),
    (1.0, 0.5, 0.5),
    (0.5, 0.5, 0.5, 0.5),
    (0.75, 0.75, 0.5),
    (0.5, 1.0, 0.5),
)
"""Rhythms of answers, in quarter notes."""


def counter(chart: Chart, stretches: Sequence[Stretch], name: str) -> tuple[Note, ...]:
    """Return a counter line.

    Under the tune it holds a guide tone of each chord (third or seventh), moving by the smallest step; where the tune
    rests for long enough it answers with a short run through the scale that ends on a tone of the chord. At the climax
    it lies an octave higher where its range allows.

    Parameters
    ----------
    chart : Chart
        The song.
    stretches : sequence of Stretch
        When it plays.
    name : str
        Of the player, for chance.
    """
    table = chart.tables.counter
    notes: list[Note] = []
    last = (table.lowest + table.highest) // 2
    for stretch in stretches:
        rng = chart.chance(name, stretch.number)
        up = _CLIMAX_UP if stretch.climax else 0
        end = stretch.start + stretch.bars * chart.bar
        answers: list[Note] = []
        for rest in _rests(chart, stretch.start, end):
            if rng.random() < table.answers:
                answers += _answer(chart, rest, last, rng)
        taken = Span(answers[0].start, answers[-1].start + answers[-1].length) if answers else None
        for sounding in chart.chords(stretch.start, end):
            last = _nearest(_guides(sounding), last, table.lowest, table.highest)
            until = sounding.start + sounding.length
            clash = [each for each in answers if sounding.start - _EPSILON <= each.start < until - _EPSILON]
            until = clash[0].start if clash else until
            inside = taken is not None and any(
                each.start < sounding.start + _EPSILON < each.start + each.length for each in answers
            )
            if until - sounding.start > 0.4 and not inside:
                notes.append(Note(sounding.start, until - sounding.start, last + up, _HELD))
        notes += [Note(each.start, each.length, each.pitch + up, each.velocity) for each in answers]
    return tuple(sorted(notes, key=lambda note: note.start))


def _rests(chart: Chart, start: float, end: float) -> list[Span]:
    """Return where the tune rests, at most two bars of each rest."""
    tune = chart.tune(start, end)
    if not tune:
        return []
    ends = [note.start + note.length for note in tune]
    starts = [note.start for note in tune[1:]] + [end]
    return [
        Span(_on_eighth(first), min(last, first + _LONG_BARS * chart.bar))
        for first, last in zip(ends, starts, strict=True)
        if last - _on_eighth(first) >= _REST
    ]


def _on_eighth(at: float) -> float:
    return float(np.ceil(2.0 * at - _EPSILON)) / 2.0


def _guides(sounding: Sounding) -> tuple[int, ...]:
    """Return the pitch classes of third and seventh, or what the chord has for them."""
    chord = sounding.chord
    intervals = CHORDS[chord.quality]
    chosen = intervals[1:2] + intervals[3:4] if len(intervals) > 2 else intervals[-1:]
    return tuple((chord.root + interval) % 12 for interval in chosen)


def _nearest(classes: Sequence[int], last: int, lowest: int, highest: int) -> int:
    """Return the pitch of some classes within a range that lies nearest to another."""
    possible = [pitch for pitch in range(lowest, highest + 1) if pitch % 12 in classes]
    return min(possible, key=lambda pitch: (abs(pitch - last), pitch))


def _answer(chart: Chart, rest: Span, last: int, rng: np.random.Generator) -> list[Note]:
    """Return a run through the scale in a rest, that ends on a tone of the chord."""
    table = chart.tables.counter
    cell = _CELLS[int(rng.integers(len(_CELLS)))]
    direction = 1 if rng.random() < 0.5 else -1
    notes: list[Note] = []
    at, pitch = rest.start, last
    for number, length in enumerate(cell):
        sounding = chart.sounding(at)
        if at + length > rest.end + _EPSILON or sounding is None or chart.silent(at):
            break
        ends = number == len(cell) - 1 or at + length + cell[number + 1] > rest.end + _EPSILON
        if number == 0 or ends:
            pitch = _nearest(sounding.chord.tones, pitch + direction * (not ends), table.lowest, table.highest)
        else:
            pitch = _step(chart.scale(at), pitch, direction, table.lowest, table.highest)
        notes.append(Note(at, length, pitch, _ANSWER))
        at += length
    return notes


def _step(scale: Sequence[int], pitch: int, direction: int, lowest: int, highest: int) -> int:
    """Return the next tone of the scale, turning round at the ends of the range."""
    for way in (direction, -direction):
        following = pitch + way
        while following % 12 not in scale:
            following += way
        if lowest <= following <= highest:
            return following
    return pitch
