"""Who plays when: entries and exits on the lines of four bars, by the sections' energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from soundrack.composition.plan import Label, Role
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.score import Placed
from soundrack.composition.styles.accompaniment import Accompaniment

_APART = 0.12
"""By how much more energy a section must have for each further player of a role."""
_SOON = 0.1
"""Who would play at this much more energy comes in halfway through a long section."""
_LONG_BARS = 8
_LINE_BARS = 4
_LIFT = 0.1
_GROWING = (Label.VERSE, Label.CHORUS, Label.DROP, Label.INSTRUMENTAL)
_HARMONIC = (Role.CHORDS, Role.PAD, Role.ARPEGGIO, Role.CHOIR, Role.BASS)
OTHERS = (Role.LEAD, Role.VOICE)
"""Whose notes are written with the melody."""


@dataclass(frozen=True)
class Stretch:
    """Bars of a section through which a player plays.

    Parameters
    ----------
    placed : Placed
        The section.
    number : int
        Which section of the song it is, from 0.
    start : float
        Quarter note on which it begins: a bar line.
    bars : int
        At least 1.
    energy : float
        0 to 1; that of the section, rising through builds and raised at the climax.
    climax : bool
        Whether it is the last of several choruses or drops.
    """

    placed: Placed
    number: int
    start: float
    bars: int
    energy: float
    climax: bool

    @property
    def label(self) -> Label:
        """What the section is."""
        return self.placed.section.label


class _Played(Protocol):
    """A table of a role that is played from some energy on, and not everywhere."""

    @property
    def from_energy(self) -> float: ...

    @property
    def rests(self) -> tuple[Label, ...]: ...


@dataclass(frozen=True)
class _Threshold:
    """From which energy a player plays, and where never."""

    energy: float
    rests: tuple[Label, ...]

    def plays(self, placed: Placed, more: float = 0.0) -> bool:
        section = placed.section
        return section.energy + more >= self.energy - 1e-9 and section.label not in self.rests


def activity(chart: Chart) -> tuple[tuple[Stretch, ...], ...]:
    """Return the stretches of each player of the band, in the band's order.

    Whoever is in the band plays at least once, and in no section is the harmony left to nobody, unless nobody could
    play it. Players of the tune (`OTHERS`) have no stretches.
    """
    thresholds = _thresholds(chart)
    rosters = [_roster(chart, placed, thresholds) for placed in chart.sections]
    for player in thresholds:
        if not any(player in roster for roster in rosters):
            rosters[_best(chart, thresholds[player])].append(player)
    stretches: list[list[Stretch]] = [[] for _ in chart.plan.band]
    for number, (placed, roster) in enumerate(zip(chart.sections, rosters, strict=True)):
        spans = _spans(chart, placed, roster, thresholds)
        for player, (first, last) in sorted(spans.items()):
            stretches[player] += _cut(chart, number, first, last)
    return tuple(tuple(each) for each in stretches)


def _thresholds(chart: Chart) -> dict[int, _Threshold]:
    found: dict[int, _Threshold] = {}
    counted: dict[Role, int] = {}
    for number, player in enumerate(chart.plan.band):
        if player.role not in OTHERS:
            energy, rests = _wanted(chart.tables, player.role)
            found[number] = _Threshold(energy + _APART * counted.get(player.role, 0), rests)
            counted[player.role] = counted.get(player.role, 0) + 1
    return found


def _wanted(tables: Accompaniment, role: Role) -> tuple[float, tuple[Label, ...]]:
    if role is Role.TRANSITION:
        return 0.0, ()
    if role is Role.TEXTURE:
        return tables.texture, ()
    table: dict[Role, _Played] = {
        Role.DRUMS: tables.drums,
        Role.PERCUSSION: tables.percussion,
        Role.BASS: tables.bass,
        Role.CHORDS: tables.chords,
        Role.PAD: tables.pad,
        Role.ARPEGGIO: tables.arpeggio,
        Role.COUNTER: tables.counter,
        Role.CHOIR: tables.choir,
    }
    return table[role].from_energy, table[role].rests


def _roster(chart: Chart, placed: Placed, thresholds: Mapping[int, _Threshold]) -> list[int]:
    roster = [player for player, threshold in thresholds.items() if threshold.plays(placed)]
    harmonic = [player for player in thresholds if chart.plan.band[player].role in _HARMONIC]
    if harmonic and not set(roster) & set(harmonic):
        roster.append(min(harmonic, key=lambda player: (thresholds[player].energy, player)))
    return roster


def _best(chart: Chart, threshold: _Threshold) -> int:
    """Return the section that comes nearest to what a player waits for."""
    sections = chart.sections
    allowed = [number for number, each in enumerate(sections) if each.section.label not in threshold.rests]
    return max(allowed or range(len(sections)), key=lambda number: (sections[number].section.energy, number))


def _spans(
    chart: Chart, placed: Placed, roster: list[int], thresholds: Mapping[int, _Threshold]
) -> dict[int, tuple[int, int]]:
    """Return from which bar of a section to which each of its players plays."""
    bars, label = placed.section.bars, placed.section.label
    spans = dict.fromkeys(roster, (0, bars))
    line = chart.tables.arrangement.intro_bars
    groups = max(bars // line, 1)
    if label in {Label.INTRO, Label.OUTRO} and groups > 1:
        order = sorted(roster, key=lambda player: _rank(chart, player))
        for rank, player in enumerate(order):
            group = rank * groups // len(order)
            spans[player] = (line * group, bars) if label is Label.INTRO else (0, bars - line * group)
    elif label in _GROWING and bars >= _LONG_BARS:
        half = _LINE_BARS * round(bars / 2 / _LINE_BARS)
        for player, threshold in thresholds.items():
            if player not in spans and threshold.plays(placed, _SOON):
                spans[player] = (half, bars)
    return spans


def _rank(chart: Chart, player: int) -> tuple[int, int]:
    enters, role = chart.tables.arrangement.enters, chart.plan.band[player].role
    return (enters.index(role) if role in enters else len(enters)), player


def _cut(chart: Chart, number: int, first: int, last: int) -> list[Stretch]:
    placed = chart.sections[number]
    section, climax = placed.section, number == chart.climax
    if section.label is not Label.BUILD:
        energy = min(section.energy + _LIFT * climax, 1.0)
        return [Stretch(placed, number, placed.start + first * chart.bar, last - first, energy, climax)]
    middle = (first + last + 1) // 2
    halves = [(first, middle, section.energy - _LIFT), (middle, last, section.energy + _LIFT)]
    return [
        Stretch(placed, number, placed.start + start * chart.bar, end - start, min(max(energy, 0.0), 1.0), climax)
        for start, end, energy in halves
        if end > start
    ]
