"""The jazz drummer's left hand and right foot: answers to the tune (Riley, The Art of Bop Drumming, 1994)."""

from __future__ import annotations

import numpy as np

from soundrack.composition.score.chart import Chart
from soundrack.composition.score.drums.fills import Hit
from soundrack.composition.score.drums.kit import Drum

_IDEAS: tuple[tuple[tuple[float, Drum], ...], ...] = (
    ((1.5, Drum.SNARE),),
    ((3.5, Drum.SNARE),),
    ((0.5, Drum.SNARE), (1.5, Drum.SNARE)),
    ((2.5, Drum.SNARE), (3.5, Drum.KICK)),
    ((1.0, Drum.SNARE), (2.5, Drum.SNARE)),
    ((0.5, Drum.KICK), (2.5, Drum.SNARE)),
    ((1.5, Drum.KICK), (3.0, Drum.SNARE)),
    ((0.5, Drum.SNARE), (1.0, Drum.SNARE), (2.5, Drum.KICK)),
    ((1.5, Drum.SNARE), (2.0, Drum.SNARE), (3.5, Drum.KICK)),
)
"""Beats of a bar of four and what is struck on them, nearly all of it between the beats."""


def comments(chart: Chart, start: float, often: float, rng: np.random.Generator) -> list[Hit]:
    """Return soft strokes of snare and bass drum in a bar: where the tune rests, or nothing.

    Parameters
    ----------
    chart : Chart
        The song.
    start : float
        Bar line.
    often : float
        How often, 0 to 1, a bar has any.
    rng : numpy.random.Generator
        For what is drawn.
    """
    idea = _IDEAS[int(rng.integers(len(_IDEAS)))]
    strength = float(rng.uniform(0.3, 0.5))
    if rng.random() >= often:
        return []
    beats = chart.bar / chart.beat
    return [
        Hit(start + beat * chart.beat, drum, strength + 0.08 * (drum is Drum.SNARE), "ghost" if strength < 0.35 else "")
        for beat, drum in idea
        if beat < beats and not chart.sings(start + beat * chart.beat - 0.1, start + beat * chart.beat + 0.1)
    ]
