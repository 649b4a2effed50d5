"""Textures: what lies under everything, one long tone a section."""

from __future__ import annotations

from collections.abc import Sequence

from soundrack.composition.score.activity import Stretch
from soundrack.composition.score.chart import Chart
from soundrack.composition.score.score import Note

_LOWEST = 36


def textures(chart: Chart, stretches: Sequence[Stretch]) -> tuple[Note, ...]:
    """Return the tones of a texture: the tonic, low, as long as the stretch; the calmer the section, the louder."""
    pitch = _LOWEST + (chart.plan.key.tonic - _LOWEST) % 12
    return tuple(Note(each.start, each.bars * chart.bar, pitch, 0.75 - 0.3 * each.energy) for each in stretches)
