from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from soundrack.composition.performance import Clock
from soundrack.composition.plan import Label, Section
from soundrack.composition.score.score import Score
from soundrack.composition.styles.accompaniment import Subdivision
from soundrack.composition.theory import SCALES
from soundrack.composition.voice import Interval, doubled, harmonise
from tests.composition import songs
from tests.composition.voice.songs import sung


def scored() -> Score:
    plan = songs.plan("pop", 1, form=(Section(Label.VERSE, 8, 0.5, "A"),))
    return Score(
        plan=plan,
        sections=songs.placed(plan),
        harmony=songs.harmony(plan),
        parts=(),
        song=(),
        tempi=((0.0, plan.tempo_bpm),),
        length=plan.bars * plan.metre.bar_quarters,
    )


@pytest.mark.parametrize("interval", list(Interval))
def test_a_second_voice_stays_in_the_scale_or_the_chord_and_on_its_side_of_the_tune(interval: Interval) -> None:
    score = scored()
    tonic = score.plan.key.tonic
    steps = SCALES[score.plan.scale]
    tune = sung(pitches=[60 + tonic + steps[place % len(steps)] for place in range(7)])
    voice = harmonise(tune, score, Clock.of(score, Subdivision.EIGHTHS), interval)
    allowed = {(tonic + step) % 12 for step in steps} | {tone for each in score.harmony for tone in each.chord.tones}

    assert [each.sounds for each in voice] == [each.sounds for each in tune]
    for mine, its in zip(voice, tune, strict=True):
        away = mine.tones[0].pitch - its.tones[0].pitch
        assert mine.tones[0].pitch % 12 in allowed
        assert np.sign(away) == np.sign(interval.value)
        assert 1 <= abs(away) <= 12
        assert (mine.tones[0].start_s, mine.tones[0].length_s) == (its.tones[0].start_s, its.tones[0].length_s)
        assert mine.tones[0].velocity < its.tones[0].velocity


def test_thirds_are_mostly_thirds() -> None:
    score = scored()
    tune = sung(pitches=[60 + score.plan.key.tonic + step for step in SCALES["major"]])
    voice = harmonise(tune, score, Clock.of(score, Subdivision.EIGHTHS), Interval.THIRD_ABOVE)
    away = [mine.tones[0].pitch - its.tones[0].pitch for mine, its in zip(voice, tune, strict=True)]

    assert sum(each in {3, 4} for each in away) >= 0.6 * len(away)


def test_a_double_is_near_but_not_the_same_and_in_order() -> None:
    tune = sung("Morning is over the quiet water and over the river")
    double = doubled(tune, np.random.Generator(np.random.PCG64(1)))
    late = [mine.tones[0].start_s - its.tones[0].start_s for mine, its in zip(double, tune, strict=True)]
    cents = [100 * (mine.tones[0].pitch - its.tones[0].pitch) for mine, its in zip(double, tune, strict=True)]

    assert 0.003 < float(np.std(late)) < 0.04
    assert max(map(abs, late)) < 0.09
    assert 1.0 < float(np.std(cents)) < 15.0
    for before, after in pairwise(double):
        assert after.tones[0].start_s >= before.tones[0].start_s
        assert before.tones[0].length_s >= 0.02
    assert doubled(tune, np.random.Generator(np.random.PCG64(1))) == double


def test_nothing_doubled_is_nothing() -> None:
    assert doubled((), np.random.Generator(np.random.PCG64(1))) == ()
