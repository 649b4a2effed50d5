"""Arpeggios: the chord's tones one after another, as a sequencer or a player of plucked strings has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.grid import Figure, loop
from soundrack.composition.score.score import Note
from soundrack.composition.score.voicing import voicings
from soundrack.composition.styles.layers import ArpeggioOrder, ArpeggioTable

_VELOCITIES = {"X": 0.84, "x": 0.66, "8": 0.76}
_SECOND_UP = 12
_HIGHEST = 103
_THIN, _DENSE = 0.4, 0.75
"""Energies below and above which the rhythm is another than usual."""


def arpeggios(chart: Chart, stretches: Sequence[Stretch], order: int, name: str) -> tuple[Note, ...]:
    """Return an arpeggio.

    Parameters
    ----------
    chart : Chart
        The song.
    stretches : sequence of Stretch
        When it plays; the higher their energy, the denser its rhythm, and in the highest it reaches an octave higher.
    order : int
        How many arpeggios come before it; it lies an octave above each.
    name : str
        Of the player, for chance.
    """
    table = chart.tables.arpeggio
    up = min(_SECOND_UP * order, _HIGHEST - table.highest)
    laid = voicings(
        [each.chord for each in chart.harmony], table.spread, table.lowest + up, table.highest + up, table.voices
    )
    by_start = {each.start: voicing for each, voicing in zip(chart.harmony, laid, strict=True)}
    rng = chart.chance(name, "order")
    kind = table.order[int(rng.integers(len(table.order)))]
    rhythms = sorted((loop(steps, table.grid) for steps in table.steps), key=_density)
    usual = int(rng.integers(len(rhythms)))
    shuffled = [int(each) for each in rng.permutation(8)]
    notes: list[Note] = []
    for stretch in stretches:
        end = stretch.start + stretch.bars * chart.bar
        ladder: tuple[int, ...] = ()
        current, place = None, 0
        denser = (stretch.energy > _DENSE) - (stretch.energy < _THIN)
        rhythm = rhythms[min(max(usual + denser, 0), len(rhythms) - 1)]
        for stroke in rhythm.within(stretch.start, end, stretch.placed.start):
            sounding = chart.sounding(stroke.at)
            if sounding is None:
                continue
            if sounding is not current:
                current, place = sounding, 0
                ladder = _ladder(table, by_start[sounding.start], kind, shuffled, wide=stretch.energy > 0.7)
            pitch = ladder[place % len(ladder)] + (12 if stroke.mark == "8" else 0)
            length = table.gate * min(stroke.length, end - stroke.at)
            notes.append(Note(stroke.at, length, min(pitch, _HIGHEST), _VELOCITIES[stroke.mark]))
            place += 1
    return tuple(notes)


def _density(rhythm: Figure) -> float:
    return len(rhythm.strokes) / rhythm.length


def _ladder(
    table: ArpeggioTable, voicing: Sequence[int], kind: ArpeggioOrder, shuffled: Sequence[int], *, wide: bool
) -> tuple[int, ...]:
    """Return the order in which a chord's tones come."""
    tones = np.unique([*voicing, *(pitch + 12 for pitch in voicing if wide and pitch + 12 <= table.highest + 12)])
    up = [int(each) for each in tones]
    if kind is ArpeggioOrder.UP:
        return tuple(up)
    if kind is ArpeggioOrder.DOWN:
        return tuple(up[::-1])
    if kind is ArpeggioOrder.UP_DOWN:
        return tuple(up + up[-2:0:-1])
    if kind is ArpeggioOrder.CONVERGE:
        return tuple(up[step // 2] if step % 2 == 0 else up[-1 - step // 2] for step in range(len(up)))
    return tuple(up[each % len(up)] for each in shuffled)
