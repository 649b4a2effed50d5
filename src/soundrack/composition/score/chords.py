"""Comping: pianos, guitars, organs and stabs, in figures that leave the tune its room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.choosing import written_for
from soundrack.composition.score.grid import Figure, Stroke, figure
from soundrack.composition.score.score import Note, Sounding
from soundrack.composition.score.voicing import voicings
from soundrack.composition.styles.figures import ChordsTable, Pattern
from soundrack.composition.styles.harmony import Spread

_EPSILON = 1e-6
_VELOCITIES = {
    "X": 0.88,
    "x": 0.72,
    "o": 0.54,
    "?": 0.5,
    ">": 0.84,
    "D": 0.78,
    "U": 0.64,
    "m": 0.42,
    "B": 0.74,
    "b": 0.7,
    "T": 0.8,
}
_VOICE = 0.62
_ARTICULATIONS = {"D": "down", "U": "up", "m": "mute"}
_MUTED = 0.12
_STRUMMED = "DU"
_SOFT = "o?U"
"""What may be left out for the tune's sake."""
_BUSY = 0.3
"""Notes of the tune in a quarter note from which it moves."""
_CLIMAX_UP = 5
_SECOND_UP = 4
"""By how much higher, in semitones, voicings lie at the climax, and those of each further player."""
_LOWEST, _HIGHEST = 40, 100
_DOUBLED = 0.8
_DRIVEN, _DRIVEN_RANGE = ("distorted_guitar",), (40, 60)


@dataclass(frozen=True)
class _Hand:
    """A player's voicings: those of each chord of the song, by when it begins."""

    by_start: dict[float, tuple[int, ...]]

    def of(self, chart: Chart, sounding: Sounding) -> tuple[int, ...]:
        """Return the voicing of a chord that may be cut at its beginning."""
        whole = chart.sounding(sounding.start)
        return self.by_start[sounding.start if whole is None else whole.start]


def comping(chart: Chart, stretches: Sequence[Stretch], instrument: str, order: int, name: str) -> tuple[Note, ...]:
    """Return what a player of chords plays.

    Parameters
    ----------
    chart : Chart
        The song.
    stretches : sequence of Stretch
        When he or she plays.
    instrument : str
        Which some figures are written for.
    order : int
        How many players of chords come before this one, who plays higher, and another figure if there is one.
    name : str
        Of the player, for chance.
    """
    table = chart.tables.chords
    closed = _for(table, instrument)
    ups = {climax: _SECOND_UP * order + _CLIMAX_UP * climax for climax in (False, True)}
    strummed = {climax: _hand(chart, table, up) for climax, up in ups.items()}
    struck_at_once = {climax: _hand(chart, closed, up) for climax, up in ups.items()}
    notes: list[Note] = []
    for stretch in stretches:
        rng = chart.chance(name, stretch.number, round(stretch.start))
        end = stretch.start + stretch.bars * chart.bar
        for stroke in _strokes(chart, table, stretch, instrument, order, rng):
            if stroke.mark in _SOFT and not _heard(chart, table, stroke, rng):
                continue
            hands = strummed if stroke.mark in _STRUMMED else struck_at_once
            struck = _struck(chart, table, hands[stretch.climax], stroke, end)
            notes += struck + _doubled(struck) if stretch.climax else struck
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _for(table: ChordsTable, instrument: str) -> ChordsTable:
    """Return a table as an instrument has it: distorted, full chords are mud, so it has power chords."""
    if instrument not in _DRIVEN:
        return table
    lowest, highest = _DRIVEN_RANGE
    return replace(table, spread=Spread.POWER, lowest=lowest, highest=highest, voices=3)


def _doubled(notes: Sequence[Note]) -> list[Note]:
    """Return the octave above the highest of each chord, for where the song is fullest."""
    chords: dict[float, list[Note]] = {}
    for note in notes:
        chords.setdefault(note.start, []).append(note)
    highest = [max(chord, key=lambda note: note.pitch) for chord in chords.values() if len(chord) > 2]
    return [
        replace(note, pitch=note.pitch + 12, velocity=_DOUBLED * note.velocity)
        for note in highest
        if note.pitch + 12 <= _HIGHEST and note.articulation != "mute"
    ]


def _hand(chart: Chart, table: ChordsTable, up: int) -> _Hand:
    highest = min(table.highest + up, _HIGHEST)
    lowest = table.lowest + highest - table.highest
    laid = voicings([each.chord for each in chart.harmony], table.spread, lowest, highest, table.voices)
    return _Hand({each.start: voicing for each, voicing in zip(chart.harmony, laid, strict=True)})


def _strokes(
    chart: Chart,
    table: ChordsTable,
    stretch: Stretch,
    instrument: str,
    order: int,
    rng: np.random.Generator,
) -> list[Stroke]:
    """Return a section's strokes: of one figure, or of one drawn for each bar."""
    patterns = written_for(table.patterns, chart.plan, stretch.energy, stretch.label, instrument)
    drawing = chart.chance("chords", "pattern", stretch.placed.section.group, stretch.label)
    first = int(drawing.integers(len(patterns)))
    figures = [_set(chart, patterns[(first + order + turn) % len(patterns)]) for turn in range(len(patterns))]
    shift = stretch.placed.start + chart.clave_shift
    if not table.vary:
        return list(figures[0].within(stretch.start, stretch.start + stretch.bars * chart.bar, shift))
    strokes: list[Stroke] = []
    for bar in range(stretch.bars):
        start = stretch.start + bar * chart.bar
        busy = len(chart.tune(start, start + chart.bar)) > _BUSY * chart.bar * 4
        thin = sorted(figures, key=lambda each: len(each.strokes) / each.length)
        chosen = (thin[: len(thin) // 2 + 1] if busy else figures)[
            int(rng.integers(len(thin) // 2 + 1 if busy else len(figures)))
        ]
        strokes += chosen.within(start, start + chart.bar, shift)
    return strokes


def _set(chart: Chart, pattern: Pattern) -> Figure:
    metre = chart.plan.metre
    return figure(
        pattern.steps,
        pattern.grid,
        metre,
        written=pattern.metre if pattern.metre == metre.name else "4/4",
        keeps_time=True,
    )


def _heard(chart: Chart, table: ChordsTable, stroke: Stroke, rng: np.random.Generator) -> bool:
    moves = chart.sings(stroke.at - 0.25, stroke.at + 0.25)
    left_out = rng.random() < table.leaves_room
    if stroke.mark == "?":
        return not moves and bool(rng.random() < 0.6)
    return not (moves and left_out)


def _struck(chart: Chart, table: ChordsTable, hand: _Hand, stroke: Stroke, end: float) -> list[Note]:
    """Return the notes of a stroke; one that is held into another chord changes to it."""
    until = min(stroke.at + stroke.length, end)
    if stroke.mark == ">":
        coming = chart.coming(stroke.at)
        near = coming is not None and coming.start <= stroke.at + 0.51
        ahead = coming if near else chart.sounding(stroke.at)
        return (
            [] if ahead is None else _chord(stroke, stroke.at, table.gate * (until - stroke.at), hand.of(chart, ahead))
        )
    sounding = chart.chords(stroke.at, until)
    notes: list[Note] = []
    for each in sounding if stroke.mark not in "mU" else sounding[:1]:
        length = min(_MUTED, each.length) if stroke.mark == "m" else table.gate * each.length
        if stroke.mark in "Bb":
            pitch = _low(each, table, fifth=stroke.mark == "b")
            notes.append(Note(each.start, length, pitch, _VELOCITIES[stroke.mark]))
        else:
            notes += _chord(stroke, each.start, length, hand.of(chart, each))
    return notes


def _chord(stroke: Stroke, start: float, length: float, voicing: Sequence[int]) -> list[Note]:
    velocity, articulation = _VELOCITIES.get(stroke.mark, _VOICE), _ARTICULATIONS.get(stroke.mark, "")
    if stroke.mark.isdigit():
        place = int(stroke.mark) - 1
        turn, voice = divmod(place, len(voicing))
        pitch = voicing[voice] + 12 * turn
        return [Note(start, length, pitch if pitch <= _HIGHEST else voicing[-1], velocity)]
    if stroke.mark == "T":
        return [Note(start, length, pitch, velocity) for pitch in (voicing[-1], voicing[-1] - 12)]
    played = voicing[len(voicing) // 2 :] if stroke.mark == "U" and len(voicing) > 3 else voicing
    return [Note(start, length, pitch, velocity, articulation) for pitch in played]


def _low(sounding: Sounding, table: ChordsTable, *, fifth: bool) -> int:
    """Return the chord's bass, or the chord's fifth, in the octave below the voicings."""
    lowest = max(table.lowest - 12, _LOWEST)
    pitch_class = sounding.chord.tones[min(2, len(sounding.chord.tones) - 1)] if fifth else sounding.chord.bass
    return lowest + (pitch_class - lowest) % 12
