"""From bars to a sound: instruments, desk, rooms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.desk.mixing import Render, mix
from soundrack.composition.desk.table import mix_table
from soundrack.composition.instruments.catalogue import instrument
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.performance import Played
from soundrack.composition.samples.bars import Bars
from soundrack.composition.samples.circle import SEAM_FRAMES, Sound, closed, played

_SETTLING_S = 1.5
"""What is left to echoes and compressors, beside the longest reverberation, until a loop repeats itself."""


def recorded(made: Bars, frames: int, *, loop: bool) -> Sound:
    """Return bars as they are mixed in their style.

    Parameters
    ----------
    made : Bars
        What is played; at least one part.
    frames : int
        How long the sound is; of a loop that of the bars, to the frame.
    loop : bool
        Whether it is repeated: then it goes through the desk often enough to sound as in the midst of its repeats.

    Returns
    -------
    float32 array, shape (frames, 2)
    """
    return _looped(made, frames) if loop else _once(made, frames)


def _once(made: Bars, frames: int) -> Sound:
    def render(part: Played) -> Sound:
        tones = [replace(tone, start_s=max(tone.start_s, 0.0)) for tone in part.tones]
        return instrument(part.instrument).play(tones, frames, _chance(made, part))

    return _mixed(made, frames, render)


def _looped(made: Bars, frames: int) -> Sound:
    loop_s = frames / RATE_HZ
    passes = 1 + math.ceil((mix_table(made.score.plan.style).long_s + _SETTLING_S) / loop_s)
    whole = passes * frames + SEAM_FRAMES

    def render(part: Played) -> Sound:
        tones = part.tones[: len(part.tones) // passes]
        one = played(part.instrument, part.role, tones, frames, _chance(made, part))
        return np.resize(one, (whole, 2))

    return closed(_mixed(made.passed(passes, loop_s), whole, render), frames)


def _chance(made: Bars, part: Played) -> np.random.Generator:
    return chance(made.score.plan.seed, "sample", part.name)


def _mixed(made: Bars, frames: int, render: Render) -> Sound:
    return mix(made.score, made.performance, frames, render, None, lambda _name, _sound: None, lambda _done: None).sound
