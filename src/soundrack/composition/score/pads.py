"""Pads, strings and choirs: held chords, broken by a pulse where the style has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.grid import loop
from soundrack.composition.score.score import Note
from soundrack.composition.score.voicing import voicings
from soundrack.composition.styles.layers import PadTable

_EPSILON = 1e-6
_SOFT, _LOUD = 0.42, 0.76
_PULSES = {"X": 1.1, "x": 0.95, "o": 0.75}
_CLIMAX_UP = 7
_SECOND_UP = 7
_LONGEST_BARS = 4


def pads(chart: Chart, table: PadTable, stretches: Sequence[Stretch], order: int) -> tuple[Note, ...]:
    """Return what a pad, a string section or a choir plays: tones that two chords share are held over.

    Parameters
    ----------
    chart : Chart
        The song.
    table : PadTable
        The style's, for pads or for choirs.
    stretches : sequence of Stretch
        When it plays.
    order : int
        How many players of its role come before it; each lies higher than the one before.
    """
    notes: list[Note] = []
    laid = {up: _laid(chart, table, _SECOND_UP * order + up) for up in (0, _CLIMAX_UP)}
    for stretch in stretches:
        by_start = laid[_CLIMAX_UP if stretch.climax else 0]
        end = stretch.start + stretch.bars * chart.bar
        velocity = _SOFT + (_LOUD - _SOFT) * stretch.energy
        held: dict[int, Note] = {}
        for each in chart.chords(stretch.start, end):
            whole = chart.sounding(each.start)
            pitches = set(by_start[each.start if whole is None else whole.start])
            notes += [held.pop(pitch) for pitch in sorted(set(held) - pitches)]
            for pitch in sorted(pitches):
                last = held.get(pitch)
                joins = last is not None and abs(last.start + last.length - each.start) < _EPSILON
                if last is not None and joins and last.length + each.length <= _LONGEST_BARS * chart.bar + _EPSILON:
                    held[pitch] = replace(last, length=last.length + each.length)
                else:
                    notes += [last] if last is not None else []
                    held[pitch] = Note(each.start, each.length, pitch, velocity)
        notes += held.values()
    broken = _pulsed(table.pulse, chart, notes) if table.pulse else notes
    return tuple(sorted(broken, key=lambda note: (note.start, note.pitch)))


def _laid(chart: Chart, table: PadTable, up: int) -> dict[float, tuple[int, ...]]:
    highest = min(table.highest + up, 103)
    lowest = table.lowest + highest - table.highest
    laid = voicings([each.chord for each in chart.harmony], table.spread, lowest, highest, table.voices)
    return {each.start: voicing for each, voicing in zip(chart.harmony, laid, strict=True)}


def _pulsed(pulse: str, chart: Chart, notes: Sequence[Note]) -> list[Note]:
    """Break held notes by a loop of sixteenths that begins with each bar's line of the song."""
    rhythm = loop(pulse, 4)
    broken: list[Note] = []
    for note in notes:
        end = note.start + note.length
        for stroke in rhythm.within(note.start, end):
            length = min(stroke.length, end - stroke.at)
            velocity = min(note.velocity * _PULSES.get(stroke.mark, 1.0), 1.0)
            broken.append(Note(stroke.at, 0.9 * length, note.pitch, velocity))
    return [note for note in broken if note.start < chart.end]
