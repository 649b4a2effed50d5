"""Doubles and harmonies: further voices for a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from itertools import pairwise

import numpy as np

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.performance import Clock, Syllable
from soundrack.composition.score.score import Score, Sounding
from soundrack.composition.theory import SCALES

_LATE_S, _OUT_CENTS = 0.018, 7.0
_SOFTER = 0.12


class Interval(Enum):
    """Where a harmony lies; the steps of the scale that it is away."""

    THIRD_ABOVE = 2
    THIRD_BELOW = -2
    SIXTH_ABOVE = 5
    SIXTH_BELOW = -5


def doubled(song: Sequence[Syllable], rng: np.random.Generator) -> tuple[Syllable, ...]:
    """Return a song as the same singer sings it once more: a little off in time and pitch, and softer.

    Parameters
    ----------
    song : sequence of Syllable
        As it is sung.
    rng : numpy.random.Generator
        For how far off.
    """
    if not song:
        return ()
    made = []
    starts = [tone.start_s for syllable in song for tone in syllable.tones]
    late = np.clip(_LATE_S * rng.standard_normal(len(starts)), -2 * _LATE_S, 2 * _LATE_S)
    # as slow as attention wanders: neighbours are off alike
    late = np.convolve(np.pad(late, 2, mode="edge"), np.full(5, 1.0 / np.sqrt(5.0)), "valid")
    place = 0
    for syllable in song:
        tones = []
        for tone in syllable.tones:
            cents = _OUT_CENTS * float(np.clip(rng.standard_normal(), -2.0, 2.0))
            at = max(tone.start_s + float(late[place]), 0.0)
            tones.append(replace(tone, start_s=at, pitch=tone.pitch + 0.01 * cents, velocity=_softer(tone.velocity)))
            place += 1
        made.append(replace(syllable, tones=tuple(tones)))
    return _in_order(made)


def harmonise(song: Sequence[Syllable], score: Score, clock: Clock, interval: Interval) -> tuple[Syllable, ...]:
    """Return a second voice in thirds or sixths, from the song's scale and chords.

    A note is the scale's at the interval; where it clashes with the chord that sounds (a semitone from one of its
    tones, on a note of a quarter or longer), it is the chord's tone that is nearest.

    Parameters
    ----------
    song : sequence of Syllable
        The melody, as it is sung.
    score : Score
        Its scale and its harmony.
    clock : Clock
        Of the performance.
    interval : Interval
        Where the voice lies.

    Returns
    -------
    tuple of Syllable
        The same syllables on other notes, softer.
    """
    tonic = score.plan.key.tonic
    scale = sorted({(tonic + step) % 12 for step in _seven(score.plan.scale)})
    made = []
    for syllable in song:
        tones = []
        for tone in syllable.tones:
            quarter = float(clock.quarter(tone.start_s + 0.03))
            length = float(clock.quarter(tone.start_s + tone.length_s)) - quarter
            chord = _sounding(score.harmony, quarter)
            classes = chord.chord.tones if chord is not None and length >= 0.9 else ()
            pitch = _moved(tone.pitch, scale, classes, interval)
            tones.append(replace(tone, pitch=pitch, velocity=_softer(tone.velocity)))
        made.append(replace(syllable, tones=tuple(tones)))
    return tuple(made)


def _seven(name: str) -> tuple[int, ...]:
    """Return a scale of seven steps: pentatonics and blues are sung over have the third that chords have."""
    scale = SCALES[name]
    if len(scale) == 7:
        return scale
    return SCALES["natural minor"] if 3 in scale else SCALES["major"]


def _moved(pitch: float, scale: Sequence[int], classes: Sequence[int], interval: Interval) -> float:
    ladder = [octave + step for octave in range(0, 132, 12) for step in scale]
    place = min(range(len(ladder)), key=lambda each: abs(ladder[each] - pitch))
    target = ladder[min(max(place + interval.value, 0), len(ladder) - 1)]
    clashes = [each for each in classes if (target - each) % 12 in {1, 11}]
    if clashes and target % 12 not in classes:
        near = [each for each in range(target - 3, target + 4) if each % 12 in classes and each != round(pitch)]
        target = min(near, key=lambda each: (abs(each - target), each), default=target)
    return float(target)


def _sounding(harmony: Sequence[Sounding], quarter: float) -> Sounding | None:
    return next((each for each in harmony if each.start <= quarter < each.start + each.length), None)


def _softer(velocity: float) -> float:
    return max(velocity - _SOFTER, 0.05)


def _in_order(song: Sequence[Syllable]) -> tuple[Syllable, ...]:
    """Keep notes in order and no longer than until the next."""
    tones = [tone for syllable in song for tone in syllable.tones]
    starts = np.maximum.accumulate([tone.start_s for tone in tones])
    ends = [tone.start_s + tone.length_s for tone in tones]
    lengths = [max(end - start, 0.02) for end, start in zip(ends, starts, strict=True)]
    for place, (before, after) in enumerate(pairwise(starts)):
        lengths[place] = max(min(lengths[place], float(after - before)), 0.02)
    made, place = [], 0
    for syllable in song:
        mine: list[Tone] = []
        for tone in syllable.tones:
            mine.append(replace(tone, start_s=float(starts[place]), length_s=lengths[place]))
            place += 1
        made.append(replace(syllable, tones=tuple(mine)))
    return tuple(made)
