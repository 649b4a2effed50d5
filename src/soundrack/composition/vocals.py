"""The singers of a song: the one who has the melody, and doubles and harmonies where choruses are full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.chance import chance
from soundrack.composition.effects.sound import Sound, factor
from soundrack.composition.effects.stereo import sides
from soundrack.composition.performance import Performance, Syllable
from soundrack.composition.plan import Label, Plan, Timbre
from soundrack.composition.score.score import Score
from soundrack.composition.voice import Interval, Takes, doubled, harmonise, sing

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
    takes = Takes(_choruses_s(score, performance))
    dry = _sung(song, plan, frames, chance(plan.seed, "voice"), takes)
    sound = np.zeros((frames, 2), dtype=np.float32)
    _add(sound, dry, sides(0.0))
    if plan.voice in (Timbre.FEMALE, Timbre.MALE):
        for number, backing in enumerate(_backings(score, performance)):
            if backing.song:
                dry = _sung(backing.song, plan, frames, chance(plan.seed, "voice", "backing", number), takes)
                _add(sound, dry, factor(backing.level_db) * sides(backing.pan))
    return sound


def _backings(score: Score, performance: Performance) -> list[_Backing]:
    full = _of_choruses(score, performance)
    rng = chance(score.plan.seed, "voice", "double")
    return [
        _Backing(doubled(full, rng), -7.0, -0.7),
        _Backing(harmonise(full, score, performance.clock, Interval.THIRD_ABOVE), -9.0, 0.7),
    ]


def _choruses_s(score: Score, performance: Performance) -> list[tuple[float, float]]:
    """Return from when to when choruses last, in seconds."""
    bar = score.plan.metre.bar_quarters
    full = [each for each in score.sections if each.section.label in _FULL]
    at = [performance.clock.straight((each.start, each.start + each.section.bars * bar)) for each in full]
    return [(float(begin), float(end)) for begin, end in at]


def _of_choruses(score: Score, performance: Performance) -> tuple[Syllable, ...]:
    """Return what is sung in choruses, by whole words."""
    spans = _choruses_s(score, performance)
    words = {
        syllable.word
        for syllable in performance.song
        if any(begin <= syllable.tones[0].start_s < end for begin, end in spans)
    }
    return tuple(syllable for syllable in performance.song if syllable.word in words)


def _sung(song: Sequence[Syllable], plan: Plan, frames: int, rng: np.random.Generator, takes: Takes) -> Sound:
    return sing(song, timbre=plan.voice or Timbre.FEMALE, language=plan.language, frames=frames, rng=rng, takes=takes)


@kernel
def _add(sound: NDArray[np.float32], dry: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
    """Add a voice of one or two channels to both sides."""
    last = dry.shape[1] - 1
    for n in range(len(dry)):
        sound[n, 0] += gains[0] * dry[n, 0]
        sound[n, 1] += gains[1] * dry[n, last]
