"""The bassist: figures, walking lines, pedals and tones tied to the bass drum, locked to what it plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.choosing import drawn, written_for
from soundrack.composition.score.grid import Stroke, figure
from soundrack.composition.score.score import Note, Sounding
from soundrack.composition.score.walking import walk
from soundrack.composition.styles.figures import BassKind, BassTable
from soundrack.composition.theory import CHORDS

_EPSILON = 1e-6
_PLAIN, _WITH_KICK, _GHOST, _POP = 0.74, 0.86, 0.38, 0.92
_NEAR = 0.2
"""Quarter notes within which a stroke of the bass drum is together with a note."""
_GHOST_LENGTH = 0.12
_TWO_FEEL = 0.45
"""Energy below which a walking bass plays in two."""
_SKIP = 0.12
"""How often a walking bass adds a muted eighth before a beat."""
_FILL_BARS = 4
_DEGREES = {"3": 1, "5": 2, "7": 3}
_WOBBLING, _WOBBLES, _WOBBLE_LENGTH = "wobble_bass", (1, 2, 3, 4, 6), 0.4
_ARTICULATIONS = {"g": "mute", "s": "slide", "p": "pop", "^": "slide"}


@dataclass(frozen=True)
class _Fret:
    """Where the bassist's hand is: the range, and the octave in which roots lie."""

    lowest: int
    highest: int

    def root(self, pitch_class: int) -> int:
        """Return a pitch class in the lowest octave of the range."""
        return self.lowest + (pitch_class - self.lowest) % 12

    def fitted(self, pitch: int) -> int:
        """Return a pitch moved by octaves into the range."""
        while pitch > self.highest:
            pitch -= 12
        while pitch < self.lowest:
            pitch += 12
        return pitch


def bass(
    chart: Chart, stretches: Sequence[Stretch], kicks: Sequence[float], instrument: str, name: str
) -> tuple[Note, ...]:
    """Return what a bassist plays.

    Parameters
    ----------
    chart : Chart
        The song.
    stretches : sequence of Stretch
        When he or she plays.
    kicks : sequence of float
        When the bass drum is struck, in order.
    instrument : str
        Which some figures are written for.
    name : str
        Of the player, for chance.
    """
    table = chart.tables.bass
    fret = _Fret(table.lowest, table.highest)
    notes: list[Note] = []
    for stretch in stretches:
        end = stretch.start + stretch.bars * chart.bar
        beaten = [each for each in kicks if stretch.start - _EPSILON <= each < end - _EPSILON]
        rng = chart.chance(name, stretch.number, round(stretch.start))
        kind = _kind(chart, table, stretch, beaten)
        if kind is BassKind.FIGURES:
            notes += _figures(chart, table, fret, stretch, beaten, instrument, name, rng)
        elif kind is BassKind.WALKING:
            notes += _walking(chart, table, stretch, rng)
        elif kind is BassKind.KICK:
            notes += _with_kick(chart, table, fret, stretch, beaten, rng)
        else:
            notes += _held(chart, fret, stretch.start, end)
    if instrument == _WOBBLING:
        notes = _wobbled(notes, chart.chance(name, "wobble"))
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _wobbled(notes: Sequence[Note], rng: np.random.Generator) -> list[Note]:
    """Give long notes the rate of their wobble, in turns a quarter: the articulations ``wobble 1`` to ``wobble 6``."""
    drawn_rates = rng.choice(_WOBBLES, size=len(notes))
    return [
        replace(note, articulation=f"wobble {rate}")
        if note.length >= _WOBBLE_LENGTH and not note.articulation
        else note
        for note, rate in zip(notes, drawn_rates, strict=True)
    ]


def _kind(chart: Chart, table: BassTable, stretch: Stretch, beaten: Sequence[float]) -> BassKind:
    """Return how a section's line comes about: as the style's, unless the substyle has figures or it cannot be."""
    if any(chart.plan.substyle in each.substyles for each in table.patterns):
        return BassKind.FIGURES
    with_kick_alone = table.kind is BassKind.KICK and len(beaten) < stretch.bars
    if with_kick_alone or (table.kind is BassKind.WALKING and chart.beat < 1.0):
        return BassKind.PEDAL
    return table.kind


def _figures(
    chart: Chart,
    table: BassTable,
    fret: _Fret,
    stretch: Stretch,
    kicks: Sequence[float],
    instrument: str,
    name: str,
    rng: np.random.Generator,
) -> list[Note]:
    metre = chart.plan.metre
    pattern = drawn(
        written_for(table.patterns, chart.plan, stretch.energy, stretch.label, instrument),
        chart.chance(name, "pattern", stretch.placed.section.group, stretch.label),
    )
    written = pattern.metre if pattern.metre == metre.name else "4/4"
    rhythm = figure(pattern.steps, pattern.grid, metre, written=written)
    end = stretch.start + stretch.bars * chart.bar
    strokes = list(rhythm.within(stretch.start, end, stretch.placed.start + chart.clave_shift))
    notes: list[Note] = []
    for stroke in strokes:
        notes += _stroke(chart, table, fret, stroke, end, rng)
    notes = _run_up(chart, table, fret, notes, stretch, rng)
    return _locked(chart, table, fret, notes, kicks, rng)


def _stroke(
    chart: Chart, table: BassTable, fret: _Fret, stroke: Stroke, end: float, rng: np.random.Generator
) -> list[Note]:
    """Return the notes of a stroke: one for each chord that it lasts through."""
    until = min(stroke.at + stroke.length, end)
    if stroke.mark == ">":
        sounding = chart.sounding(stroke.at)
        coming = chart.coming(stroke.at)
        soon = coming is not None and coming.start < until + 0.51
        ahead = coming if soon else sounding
        return (
            []
            if ahead is None
            else [Note(stroke.at, table.gate * (until - stroke.at), fret.root(ahead.chord.bass), 0.82)]
        )
    notes = []
    for number, sounding in enumerate(chart.chords(stroke.at, until)):
        mark = stroke.mark if number == 0 else "R"
        length = table.gate * sounding.length
        if mark == "g":
            notes.append(
                Note(sounding.start, min(_GHOST_LENGTH, length), fret.root(sounding.chord.bass), _GHOST, "mute")
            )
            break
        pitch = _pitch(chart, fret, mark, sounding, rng)
        velocity = _POP if mark in "p^" else _PLAIN
        notes.append(Note(sounding.start, length, pitch, velocity, _ARTICULATIONS.get(mark, "")))
    return notes


def _pitch(chart: Chart, fret: _Fret, mark: str, sounding: Sounding, rng: np.random.Generator) -> int:
    """Return the pitch of a degree."""
    chord, root = sounding.chord, fret.root(sounding.chord.bass)
    if mark == "a":
        coming = chart.coming(sounding.start) or sounding
        return fret.fitted(_approach(chart.scale(coming.start), fret.root(coming.chord.bass), rng))
    if mark in "8p^":
        return fret.fitted(root + 12)
    if mark == "<":
        return max(root - 12, 23) if root - 12 >= 23 else root
    base = root + (chord.root - chord.bass) % 12
    intervals = CHORDS[chord.quality]
    if mark in _DEGREES:
        degree = _DEGREES[mark]
        return fret.fitted(base + (intervals[degree] if degree < len(intervals) else _missing(mark)))
    if mark in "246":
        return fret.fitted(_scale_step(chart.scale(sounding.start), base, int(mark)))
    return root


def _missing(mark: str) -> int:
    """Return the interval of a degree that a chord does not have: an octave for a seventh, else a fifth."""
    return 12 if mark == "7" else 7


def _scale_step(scale: Sequence[int], base: int, degree: int) -> int:
    """Return the second, fourth or sixth above a tone in a scale, or that of the major scale."""
    usual = {2: 2, 4: 5, 6: 9}[degree]
    near = [interval for interval in (usual, usual - 1, usual + 1) if (base + interval) % 12 in scale]
    return base + (near[0] if near else usual)


def _approach(scale: Sequence[int], target: int, rng: np.random.Generator) -> int:
    """Return a tone that leads to another: a half step from below or above, a step of the scale, or its fifth."""
    steps = [interval for interval in (-2, -1, 1, 2) if (target + interval) % 12 in scale]
    ways = [-1, *steps, 7 - 12]
    return target + ways[int(rng.integers(len(ways)))]


def _run_up(
    chart: Chart, table: BassTable, fret: _Fret, notes: list[Note], stretch: Stretch, rng: np.random.Generator
) -> list[Note]:
    """Replace the last beat of some four bars by steps towards the next chord's bass."""
    for bar in range(_FILL_BARS, stretch.bars + 1, _FILL_BARS):
        until = stretch.start + bar * chart.bar
        coming = chart.coming(until - chart.beat)
        if rng.random() >= table.fills or coming is None or abs(coming.start - until) > _EPSILON:
            continue
        start, target = until - chart.beat, fret.root(coming.chord.bass)
        step = chart.beat / (3 if chart.plan.metre.is_compound else 2)
        count = round(chart.beat / step)
        down = bool(rng.random() < 0.5)
        ladder = _ladder(chart.scale(until), target, count, down=down)
        notes = [
            replace(note, length=start - note.start) if note.start < start < note.start + note.length else note
            for note in notes
            if not start - _EPSILON <= note.start < until - _EPSILON
        ]
        notes += [
            Note(start + step * place, table.gate * step, fret.fitted(pitch), _PLAIN)
            for place, pitch in enumerate(ladder)
        ]
    return notes


def _ladder(scale: Sequence[int], target: int, count: int, *, down: bool) -> list[int]:
    """Return the steps of the scale that lead to a tone, from above or from below."""
    step = 1 if down else -1
    found: list[int] = []
    pitch = target
    while len(found) < count:
        pitch += step
        if pitch % 12 in scale:
            found.append(pitch)
    return found[::-1]


def _locked(
    chart: Chart, table: BassTable, fret: _Fret, notes: list[Note], kicks: Sequence[float], rng: np.random.Generator
) -> list[Note]:
    """Stress what falls together with the bass drum, and go along with some of its other strokes."""
    starts = np.array(sorted(note.start for note in notes))
    beaten = np.array(kicks)
    stressed = [
        replace(note, velocity=_WITH_KICK)
        if note.velocity == _PLAIN and beaten.size and np.abs(beaten - note.start).min() < _NEAR
        else note
        for note in notes
    ]
    for kick in kicks:
        alone = not starts.size or float(np.abs(starts - kick).min()) > _NEAR
        sounding = chart.sounding(kick)
        if not alone or sounding is None or rng.random() >= table.lock:
            continue
        following = starts[starts > kick]
        room = float(following[0]) - kick if following.size else 0.5
        if room > _NEAR:
            stressed = [
                replace(note, length=kick - note.start) if note.start < kick < note.start + note.length else note
                for note in stressed
            ]
            length = table.gate * min(room, 0.5, sounding.start + sounding.length - kick)
            stressed.append(Note(kick, length, fret.root(sounding.chord.bass), _WITH_KICK))
    return stressed


def _walking(chart: Chart, table: BassTable, stretch: Stretch, rng: np.random.Generator) -> list[Note]:
    end = stretch.start + stretch.bars * chart.bar
    line = walk(chart, stretch.start, end, table.lowest, table.highest, rng)
    beats = round(chart.bar / chart.beat)
    in_two = stretch.energy < _TWO_FEEL and beats % 2 == 0
    notes = []
    for number, pitch in enumerate(line):
        at = stretch.start + number * chart.beat
        if pitch < 0 or (in_two and number % 2):
            continue
        length = table.gate * chart.beat * (2 if in_two else 1)
        notes.append(Note(at, length, pitch, _PLAIN + 0.1 * (number % 2)))
        if not in_two and rng.random() < _SKIP and number + 1 < len(line):
            skip = at + chart.beat * (2 / 3 if chart.plan.swing > 0.58 or chart.plan.metre.is_compound else 0.5)
            notes[-1] = replace(notes[-1], length=skip - at)
            notes.append(Note(skip, _GHOST_LENGTH, pitch, _GHOST, "mute"))
    return notes


def _with_kick(
    chart: Chart,
    table: BassTable,
    fret: _Fret,
    stretch: Stretch,
    kicks: Sequence[float],
    rng: np.random.Generator,
) -> list[Note]:
    """Return tones that begin with the bass drum and ring until its next stroke, some of them gliding."""
    end = stretch.start + stretch.bars * chart.bar
    changes = [each.start for each in chart.chords(stretch.start, end)]
    starts = sorted({*(round(kick, 6) for kick in kicks), *(round(change, 6) for change in changes)})
    notes: list[Note] = []
    for place, at in enumerate(starts):
        sounding = chart.sounding(at)
        if sounding is None:
            continue
        until = min(starts[place + 1] if place + 1 < len(starts) else end, sounding.start + sounding.length)
        root = fret.root(sounding.chord.bass)
        in_bar = (at - stretch.placed.start) % chart.bar
        glides = bool(notes) and in_bar >= 0.5 * chart.bar and rng.random() < 0.25
        pitch = fret.fitted(root + (12 if rng.random() < 0.6 else 7)) if glides else root
        notes.append(Note(at, table.gate * (until - at), pitch, _WITH_KICK, "slide" if glides else ""))
    return notes


def _held(chart: Chart, fret: _Fret, start: float, end: float) -> list[Note]:
    """Return the bass of each chord, held as long as it stays, at most four bars."""
    notes: list[Note] = []
    for sounding in chart.chords(start, end):
        pitch = fret.root(sounding.chord.bass)
        last = notes[-1] if notes else None
        joins = last is not None and last.pitch == pitch and abs(last.start + last.length - sounding.start) < _EPSILON
        if last is not None and joins and last.length + sounding.length <= 4 * chart.bar + _EPSILON:
            notes[-1] = replace(last, length=last.length + sounding.length)
        else:
            notes.append(Note(sounding.start, sounding.length, pitch, _PLAIN))
    return notes
