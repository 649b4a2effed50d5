"""Transitions: risers, sweeps, reversed cymbals, impacts and downlifters where sections meet."""

from __future__ import annotations

from itertools import pairwise

from soundrack.composition.plan import Label
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.score import Note, Placed

_UP, _DOWN = 0.08, -0.15
"""By how much the energy must change."""
_RISER_BARS = {Label.BUILD: 8, Label.PRE_CHORUS: 4, Label.BREAK: 8}
_USUAL_RISER_BARS = 2
_SWEEP_BARS = 2
_DOWNLIFTER_BARS = 4
_IMPACT_BARS = 1
_MIDDLE = 60


def transitions(chart: Chart, instrument: str, name: str) -> tuple[Note, ...]:
    """Return what one device of transition plays; its pitch is the tonic, its length how long it moves.

    ``riser`` and ``sweep`` end where the next section, or the stop before it, begins; ``reverse_cymbal`` lasts the last
    half bar; ``impact`` and ``downlifter`` begin with the section.

    Parameters
    ----------
    chart : Chart
        The song.
    instrument : str
        Which; any other than these is played as an impact.
    name : str
        Of the player, for chance.
    """
    notes = []
    for number, (before, after) in enumerate(pairwise(chart.sections)):
        rng = chart.chance(name, number)
        if rng.random() < chart.tables.transition.rise:
            note = _note(chart, instrument, before, after)
            notes += [note] if note is not None else []
    return tuple(notes)


def _note(chart: Chart, instrument: str, before: Placed, after: Placed) -> Note | None:
    change = after.section.energy - before.section.energy
    rises = change > _UP or before.section.label is Label.BUILD
    stop = next((each for each in chart.stops if abs(each.end - after.start) < 1e-6), None)
    until = after.start if stop is None else stop.start
    pitch = _MIDDLE + (chart.plan.key.tonic + 6) % 12 - 6
    velocity = 0.5 + 0.4 * max(before.section.energy, after.section.energy)
    if instrument == "riser":
        bars = min(_RISER_BARS.get(before.section.label, _USUAL_RISER_BARS), before.section.bars)
        return (
            Note(after.start - bars * chart.bar, until - after.start + bars * chart.bar, pitch, velocity)
            if rises
            else None
        )
    if instrument == "sweep":
        bars = min(_SWEEP_BARS, before.section.bars)
        start = after.start - bars * chart.bar
        return Note(start, until - start, pitch, 0.8 * velocity) if abs(change) > _UP / 2 else None
    if instrument == "reverse_cymbal":
        length = min(chart.bar / 2 if change < 2 * _UP else chart.bar, until - before.start)
        return Note(until - length, length, pitch, velocity) if change > _DOWN else None
    if instrument == "downlifter":
        bars = min(_DOWNLIFTER_BARS, after.section.bars)
        falls = change < _DOWN or after.section.label is Label.DROP
        return Note(after.start, bars * chart.bar, pitch, velocity) if falls else None
    return Note(after.start, min(_IMPACT_BARS, after.section.bars) * chart.bar, pitch, velocity) if rises else None
