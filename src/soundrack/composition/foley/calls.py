"""Calls: a voice whose pitch moves, through a mouth that moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.composition.foley.noise import Sound, wander, white
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import curve, driven, saw, throat


def call(
    take: Take,
    pitch_hz: Sequence[tuple[float, float]],
    level: Sequence[tuple[float, float]],
    vowels: Sequence[tuple[float, Sequence[float]]],
    rough: float = 0.0,
    breath: float = 0.1,
) -> Sound:
    """Return a call: pitch and level as lines through points, formants at places, roughness and breath from 0 to 1."""
    size = take.by("size", 1.25, 0.8)
    hertz = size * curve(take, pitch_hz) * (1.0 + 0.01 * wander(take, 9.0, -1.0, 1.0))
    shake = 1.0 + rough * np.sin(2.0 * np.pi * np.cumsum(31.0 + 14.0 * wander(take, 13.0)) / 44100.0)
    source = saw(take, hertz) * shake + breath * white(take)
    if rough:
        source = driven(source * (1.0 + 2.0 * rough), 1.5 + 2.0 * rough)
    spoken = throat(source, [(place, [size * formant for formant in formants]) for place, formants in vowels])
    return spoken * curve(take, level)
