"""The singers of a song: the one who has the melody, and doubles and harmonies where choruses are full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.effects.sound import Sound
from soundrack.composition.effects.stereo import placed
from soundrack.composition.performance import Performance, Syllable
from soundrack.composition.plan import Label, Timbre
from soundrack.composition.score.score import Score
from soundrack.composition.voice import Interval, doubled, harmonise, sing

_FULL = (Label.CHORUS, Label.DROP)


@dataclass(frozen=True)
class _Backing:
    """A further voice: what it sings, beside the first voice how loud, and where."""

    song: Sequence[Syllable]
    level_db: float
    pan: float


def vocals(score: Score, performance: Performance, frames: int) -> Sound | None:
    """Return all voices together, dry.

    Parameters
    ----------
    score, performance : Score, Performance
        What is sung, and how.
    frames : int
        How long the song is.

    Returns
    -------
    float32 array, shape (frames, 2), or None
        The first voice in the middle; in choruses a double on the left and a third on the right, both softer. None
        if nobody sings.
    """
    plan, song = score.plan, performance.song
    if plan.voice is None or not song:
        return None
    sound = _sung(song, plan.voice, plan.language, frames, chance(plan.seed, "voice"))
    if plan.voice in (Timbre.FEMALE, Timbre.MALE):
        for number, backing in enumerate(_backings(score, performance)):
            if backing.song:
                rng = chance(plan.seed, "voice", "backing", number)
                other = _sung(backing.song, plan.voice, plan.language, frames, rng)
                other *= np.float32(10.0 ** (backing.level_db / 20.0))
                sound += placed(other, backing.pan)
    return sound


def _backings(score: Score, performance: Performance) -> list[_Backing]:
    full = _of_choruses(score, performance)
    rng = chance(score.plan.seed, "voice", "double")
    return [
        _Backing(doubled(full, rng), -7.0, -0.7),
        _Backing(harmonise(full, score, performance.clock, Interval.THIRD_ABOVE), -9.0, 0.7),
    ]


def _of_choruses(score: Score, performance: Performance) -> tuple[Syllable, ...]:
    """Return what is sung in choruses, by whole words."""
    bar = score.plan.metre.bar_quarters
    spans = [
        performance.clock.straight((each.start, each.start + each.section.bars * bar)).tolist()
        for each in score.sections
        if each.section.label in _FULL
    ]
    words = {
        syllable.word
        for syllable in performance.song
        if any(begin <= syllable.tones[0].start_s < end for begin, end in spans)
    }
    return tuple(syllable for syllable in performance.song if syllable.word in words)


def _sung(song: Sequence[Syllable], timbre: Timbre, language: str, frames: int, rng: np.random.Generator) -> Sound:
    dry = sing(song, timbre=timbre, language=language, frames=frames, rng=rng)
    return np.ascontiguousarray(np.broadcast_to(dry, (frames, 2)), dtype=np.float32).copy()
