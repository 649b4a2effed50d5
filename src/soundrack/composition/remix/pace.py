"""The pace: how a remix's beats lie on those of its source."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soundrack.composition.planning.tonality import QUICKEST_BPM, SLOWEST_BPM
from soundrack.composition.prompt.wishes import Tempo

_LEVELS = (1.0, 2.0, 0.5, 4.0, 0.25)
"""Beats of the remix on one of the source."""
_SAME = 0.004
_WIDER = 0.05
"""By which part a style's usual tempi are overstepped rather than the source stretched."""
_OTHER_LEVEL = 0.12
"""What it costs to take another level, an octave, beside a stretch by that logarithm."""


@dataclass(frozen=True)
class Pace:
    """How quick a remix is.

    Parameters
    ----------
    level : float
        Its beats on one of the source's: 1, 2, 4, 0.5 or 0.25.
    tempo_bpm : float
        Its tempo.
    rate : float
        How much faster than the source what is kept of it plays; 1: the band follows the source.
    """

    level: float
    tempo_bpm: float
    rate: float

    @property
    def follows(self) -> bool:
        """Whether what is kept is not stretched."""
        return self.rate == 1.0


def pace(source_bpm: float, asked: Tempo | None, usual_bpm: tuple[float, float]) -> Pace:
    """Return the pace at which a source goes with a style.

    Parameters
    ----------
    source_bpm : float
        The source's tempo.
    asked : Tempo or None
        What was wished, which is kept to.
    usual_bpm : (float, float)
        The style's slowest and quickest tempo.

    Returns
    -------
    Pace
        That at which the source's own tempo, its half or its double is the remix's, if it lies within what is asked or
        usual; otherwise the one with the least stretch, which is never more than by half.
    """
    low, high = (asked.low_bpm, asked.high_bpm) if asked is not None else usual_bpm
    wider = 0.0 if asked is not None else _WIDER
    choices = []
    for level in _LEVELS:
        natural = source_bpm * level
        inside = low * (1.0 - wider) * (1.0 - _SAME) <= natural <= high * (1.0 + wider) * (1.0 + _SAME)
        tempo = natural if inside else min(max(natural, low), high)
        if not SLOWEST_BPM <= tempo <= QUICKEST_BPM:
            continue
        cost = abs(math.log(tempo / natural)) + _OTHER_LEVEL * abs(math.log2(level))
        choices.append((cost, Pace(level, tempo, 1.0 if inside else tempo / natural)))
    return min(choices, key=lambda each: each[0])[1]
