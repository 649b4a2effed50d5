"""Hi-hat rolls: half a bar in which the closed hi-hat changes its subdivision, loudness and pitch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.composition.score.drums.fills import Hit
from soundrack.composition.score.drums.kit import Drum
from soundrack.composition.theory import Metre

_DIVISIONS = (3, 6, 8, 12)
"""Strokes in a beat: triplets of eighths and sixteenths, thirty-seconds, their triplets."""
_SHAPES = (("", "higher"), ("", "lower"), ("higher", "lower"), ("", ""))
"""How a roll's first and second half are tuned."""


def rolled(hits: Sequence[Hit], start: float, metre: Metre, rng: np.random.Generator) -> list[Hit]:
    """Replace the closed hi-hat of one or two beats of a bar by a roll.

    Parameters
    ----------
    hits : sequence of Hit
        Of the bar.
    start : float
        Bar line.
    metre : Metre
        Of the song.
    rng : numpy.random.Generator
        For what is drawn: where, how long, into how many, whether it grows or fades and how it is tuned (the
        articulations ``higher`` and ``lower``).
    """
    beats = max(round(metre.bar_quarters / metre.beat_quarters), 1)
    beat = int(rng.integers(1, beats)) if beats > 1 else 0
    length = metre.beat_quarters * (0.5 if rng.random() < 0.5 else 1.0)
    first = start + beat * metre.beat_quarters + (metre.beat_quarters - length)
    division = int(rng.choice(_DIVISIONS, p=(0.25, 0.35, 0.3, 0.1)))
    count = max(round(division * length / metre.beat_quarters), 2)
    grows = bool(rng.random() < 0.6)
    shape = _SHAPES[int(rng.integers(len(_SHAPES)))]
    kept = [hit for hit in hits if hit.drum is not Drum.CLOSED or not first - 1e-6 <= hit.at < first + length - 1e-6]
    for each in range(count):
        part = each / max(count - 1, 1)
        velocity = 0.45 + 0.4 * (part if grows else 1.0 - part)
        kept.append(Hit(first + length * each / count, Drum.CLOSED, velocity, shape[2 * each // count] or "roll"))
    return kept
