"""A drummer or percussionist at work: a groove for each section, varied, with fills, crashes and builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from soundrack.composition.plan import Label
from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.choosing import drawn, written_for
from soundrack.composition.score.drums.comping import comments
from soundrack.composition.score.drums.fills import Hit, build, fill
from soundrack.composition.score.drums.kit import HANDS, KEYS, TIMEKEEPERS, Drum
from soundrack.composition.score.drums.rolls import rolled
from soundrack.composition.score.grid import Figure, Stroke, figure, loop
from soundrack.composition.score.score import Note
from soundrack.composition.styles.drums import DrumTable, FillKind, Groove, Line
from soundrack.composition.theory import Metre

VELOCITIES = {"X": 0.95, "x": 0.78, "o": 0.56, "g": 0.32, "F": 0.95, "?": 0.5}
_ROLLED = 0.6
_CRASH_ENERGY = 0.45
_AGAIN_ENERGY = 0.75
"""From which a crash also opens the second half of a section."""
_CRASH_BARS = 8
_SHORT, _RINGS = 0.25, 4.0
_HATS = (KEYS[Drum.CLOSED], KEYS[Drum.PEDAL], KEYS[Drum.OPEN])
_OPEN = KEYS[Drum.OPEN]
_LONG = {KEYS[drum] for drum in (Drum.CRASH, Drum.CHINA, Drum.SPLASH, Drum.RIDE, Drum.TRIANGLE)}
_EPSILON = 1e-6


@dataclass(frozen=True)
class _Set:
    """A groove set in a metre: what each line plays, and which lines go in which bars."""

    lines: tuple[tuple[Line, Figure], ...]

    @classmethod
    def of(cls, groove: Groove, metre: Metre, energy: float) -> _Set:
        return cls(
            tuple(
                (line, _figure(groove, line, metre)) for line in groove.lines if line.from_energy <= energy + _EPSILON
            )
        )

    def bar(self, number: int) -> list[tuple[Line, Figure]]:
        """Return the lines of a bar, counted from the section's first; those of every so many bars replace others."""
        due = [line for line, _ in self.lines if line.every and (number + 1) % line.every == 0]
        longest = {line.drum: max(each.every for each in due if each.drum is line.drum) for line in due}
        return [(line, each) for line, each in self.lines if line.every == longest.get(line.drum, 0)]


def drums(chart: Chart, table: DrumTable, stretches: Sequence[Stretch], kit: str, name: str) -> tuple[Note, ...]:
    """Return what a drummer plays.

    Parameters
    ----------
    chart : Chart
        The song.
    table : DrumTable
        The style's, for drums or for percussion.
    stretches : sequence of Stretch
        When he or she plays.
    kit : str
        Which some grooves are written for.
    name : str
        Of the player, for chance.
    """
    kinds, weights = tuple(table.fills), np.array(list(table.fills.values()))
    hits: list[Hit] = []
    for place, stretch in enumerate(stretches):
        following = stretches[place + 1] if place + 1 < len(stretches) else None
        rng = chart.chance(name, "section", stretch.number, stretch.start == stretch.placed.start)
        end = stretch.start + stretch.bars * chart.bar
        played = _played(chart, table, stretch, kit, name)
        if table.build and stretch.label is Label.BUILD:
            played = build(stretch.placed, stretch.start, end, chart.plan.metre)
        elif kinds:
            kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
            played = _filled(chart, table, played, stretch, following, kind, rng)
        hits += played
        if table.crash:
            hits += _crashes(chart, stretch, opening=place == 0 or _leads_in(stretches[place - 1], stretch, chart))
    return choked(hits)


def _leads_in(before: Stretch, stretch: Stretch, chart: Chart) -> bool:
    return stretch.start == stretch.placed.start or before.start + before.bars * chart.bar < stretch.start - _EPSILON


def _figure(groove: Groove, line: Line, metre: Metre) -> Figure:
    if line.loop:
        return loop(line.steps, groove.grid)
    return figure(
        line.steps,
        groove.grid,
        metre,
        written=groove.metre if groove.metre == metre.name else "4/4",
        half_time=groove.half_time,
        keeps_time=line.drum in TIMEKEEPERS,
    )


def _groove(chart: Chart, table: DrumTable, stretch: Stretch, kit: str, name: str) -> Groove:
    """Return the groove of a section; sections of one letter and energy have the same."""
    found = written_for(table.grooves, chart.plan, stretch.energy, stretch.label, kit)
    return drawn(found, chart.chance(name, "groove", stretch.placed.section.group, stretch.label))


def _played(chart: Chart, table: DrumTable, stretch: Stretch, kit: str, name: str) -> list[Hit]:
    groove = _groove(chart, table, stretch, kit, name)
    plays = _Set.of(groove, chart.plan.metre, stretch.energy)
    first = round((stretch.start - stretch.placed.start) / chart.bar)
    hits: list[Hit] = []
    for bar in range(stretch.bars):
        start = stretch.start + bar * chart.bar
        rng = chart.chance(name, "bar", round(start / chart.bar))
        inside = _clave(chart, start, stretch) if groove.clave else []
        for line, each in plays.bar(first + bar):
            shift = stretch.placed.start + (chart.clave_shift if groove.clave and not line.loop else 0.0)
            for stroke in each.within(start, start + chart.bar, shift):
                inside += _struck(line.drum, stroke, rng)
        if table.rolls and rng.random() < table.rolls:
            inside = rolled(inside, start, chart.plan.metre, rng)
        if table.comping:
            inside += comments(chart, start, table.comping, rng)
        hits += inside
    return hits


def _clave(chart: Chart, start: float, stretch: Stretch) -> list[Hit]:
    if chart.clave is None:
        return []
    beaten = figure(chart.clave.steps, 4, chart.plan.metre)
    strokes = beaten.within(start, start + chart.bar, stretch.placed.start + chart.clave_shift)
    return [Hit(stroke.at, Drum.CLAVES, 0.8) for stroke in strokes]


def _struck(drum: Drum, stroke: Stroke, rng: np.random.Generator) -> list[Hit]:
    if stroke.mark.isdigit():
        count = int(stroke.mark)
        step = stroke.length / count
        return [Hit(stroke.at + step * each, drum, _ROLLED + 0.2 * each / count, "roll") for each in range(count)]
    if stroke.mark == "?" and rng.random() < 0.5:
        return []
    articulation = {"g": "ghost", "F": "flam"}.get(stroke.mark, "")
    return [Hit(stroke.at, drum, VELOCITIES[stroke.mark], articulation)]


def _filled(
    chart: Chart,
    table: DrumTable,
    played: list[Hit],
    stretch: Stretch,
    following: Stretch | None,
    kind: FillKind,
    rng: np.random.Generator,
) -> list[Hit]:
    """Put fills at the end of a section and, short ones, within it."""
    end = stretch.start + stretch.bars * chart.bar
    rise = 0.0 if following is None else following.energy - stretch.energy
    last = following is None or abs(following.start - end) > _EPSILON
    fills: list[tuple[float, float]] = []
    if not last and stretch.energy > 0.2:
        beats = _fill_beats(chart, end, rise, stretch.energy)
        stop = next((each for each in chart.stops if abs(each.end - end) < _EPSILON), None)
        until = stop.start if stop else end
        fills.append((max(until - beats * chart.beat, stretch.start), until))
    if table.fill_every:
        for bar in range(table.fill_every, stretch.bars, table.fill_every):
            if rng.random() < 0.4 + 0.5 * stretch.energy:
                until = stretch.start + bar * chart.bar
                fills.append((until - (1.0 if rng.random() < 0.7 else 2.0) * chart.beat, until))
    for start, until in fills:
        if until - start > _EPSILON:
            kept = [hit for hit in played if not start - _EPSILON <= hit.at < until - _EPSILON]
            within = [hit for hit in played if start - _EPSILON <= hit.at < until - _EPSILON]
            played = kept + fill(kind, start, until, chart.plan.metre, stretch.energy, within, rng)
    return played


def _fill_beats(chart: Chart, end: float, rise: float, energy: float) -> float:
    """Return how many beats a fill lasts: longer where the song rises and where the tune rests, never over a bar."""
    in_bar = round(chart.bar / chart.beat)
    beats = 1 + (rise > 0.05) + (rise > 0.2) * 2 - (energy < 0.35)
    if chart.sings(end - 2 * chart.beat, end):
        beats = min(beats, 2)
    return float(min(max(beats, 1), max(in_bar, 1)))


def _crashes(chart: Chart, stretch: Stretch, *, opening: bool) -> list[Hit]:
    if stretch.energy < _CRASH_ENERGY or stretch.label is Label.BUILD:
        return []
    bars = [0] if opening else []
    if stretch.energy >= _AGAIN_ENERGY:
        bars += range(_CRASH_BARS, stretch.bars, _CRASH_BARS)
    places = [stretch.start + bar * chart.bar for bar in bars]
    return [Hit(at, drum, 0.7 + 0.25 * stretch.energy) for at in places for drum in (Drum.CRASH, Drum.KICK)]


def choked(hits: Sequence[Hit]) -> tuple[Note, ...]:
    """Make notes of strokes: one of two on one drum at one time, and open hi-hats until the hi-hat is next struck.

    Where the hi-hat is struck open and closed at once, it is open; the closed one is left out.
    """
    loudest: dict[tuple[float, int], Hit] = {}
    for hit in hits:
        place = (round(hit.at, 6), KEYS[hit.drum])
        if place not in loudest or hit.velocity > loudest[place].velocity:
            loudest[place] = hit
    opened = {at for at, key in loudest if key == _OPEN}
    crashed = {at for at, key in loudest if key == KEYS[Drum.CRASH]}
    hats = sorted({at for at, key in loudest if key in _HATS})
    following = dict(pairwise(hats))
    notes = []
    for (at, key), hit in sorted(loudest.items(), key=lambda item: item[0]):
        hidden = (key in _HATS and key != _OPEN and at in opened) or (key == KEYS[Drum.RIDE] and at in crashed)
        if not hidden:
            choked_after = min(following.get(at, at + 1.0) - at, 1.0)
            length = choked_after if key == _OPEN else _RINGS if key in _LONG else _SHORT
            notes.append(Note(hit.at, length, key, min(hit.velocity, 1.0), hit.articulation))
    return tuple(notes)


def kicks(notes: Sequence[Note]) -> tuple[float, ...]:
    """Return when the bass drum is struck."""
    return tuple(note.start for note in notes if note.pitch == KEYS[Drum.KICK])


def backbeats(notes: Sequence[Note]) -> tuple[float, ...]:
    """Return when the hands stress a beat: snare, side stick or clap, louder than soft strokes."""
    hands = {KEYS[drum] for drum in HANDS}
    return tuple(note.start for note in notes if note.pitch in hands and note.velocity > 0.7)
