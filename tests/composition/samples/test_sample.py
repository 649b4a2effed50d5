"""Loops and single sounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.audio.true_peak import true_peak_db
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.prompt import read
from soundrack.composition.samples import SampleOrder, sample
from soundrack.composition.samples.fitting import fit
from soundrack.composition.samples.kind import Sample, kind_of
from soundrack.composition.theory import Metre
from soundrack.errors import Invalid


@given(
    duration_s=st.floats(1.0, 60.0),
    tempo_bpm=st.floats(60.0, 180.0),
    metre=st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(6, 8)]),
)
def test_whole_bars_last_exactly_as_asked_where_the_tempo_is_open(
    duration_s: float, tempo_bpm: float, metre: Metre
) -> None:
    made = fit(duration_s, metre, tempo_bpm, exact=False)
    assert math.isclose(made.duration_s, duration_s, rel_tol=1e-9)
    assert made.bars >= 1
    if duration_s > 20.0 * metre.bar_quarters * 60.0 / (tempo_bpm * metre.beat_quarters):
        assert abs(made.tempo_bpm / tempo_bpm - 1.0) <= 0.03
        assert not made.said


@given(duration_s=st.floats(1.0, 60.0), tempo_bpm=st.floats(60.0, 180.0))
def test_an_exact_tempo_stays_and_the_length_is_the_nearest_bar(duration_s: float, tempo_bpm: float) -> None:
    made = fit(duration_s, Metre(4, 4), tempo_bpm, exact=True)
    assert made.tempo_bpm == tempo_bpm
    assert made.bars == 1 or abs(made.duration_s - duration_s) <= 120.0 / tempo_bpm + 1e-9
    assert bool(made.said) == (abs(made.duration_s - duration_s) >= 5e-6)


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("house drum loop", Sample.DRUMS),
        ("trap bass line", Sample.BASS),
        ("jazzy chords", Sample.CHORDS),
        ("신스웨이브 멜로디", Sample.MELODY),
        ("ambient texture", Sample.TEXTURE),
        ("kick one shot", Sample.ONE_SHOT),
        ("피아노", Sample.CHORDS),
        ("", Sample.BAND),
        ("drum and bass", Sample.BAND),
        ("drum and bass drum loop", Sample.DRUMS),
    ],
)
def test_words_say_what_kind_of_sample_it_is(prompt: str, kind: Sample) -> None:
    assert kind_of(prompt, read(prompt)) is kind


@pytest.mark.parametrize("seconds", [0.01, 0.99, 60.1, 1e9, float("nan")])
def test_a_duration_out_of_range_is_refused(seconds: float) -> None:
    with pytest.raises(Invalid) as raised:
        SampleOrder("loop", seconds)
    assert raised.value.field == "duration_s"


def test_a_loop_is_exactly_as_long_and_goes_on_over_its_seam() -> None:
    sound = sample(SampleOrder("house drum loop, 120 bpm", 4.0, loopable=True, seed=7))
    made = sound.samples
    assert made.shape == (4 * RATE_HZ, 2)
    assert true_peak_db(made, oversampling=16) <= -1.0
    steps = np.abs(np.diff(np.concatenate([made, made[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= np.percentile(steps, 99.9)
    assert sound.seam_percentile is not None
    assert sound.seam_percentile <= 95.0


def test_an_exact_tempo_makes_the_length_give_way_and_says_so() -> None:
    made = sample(SampleOrder("trap bass line, 160 bpm", 1.6, loopable=True))
    assert len(made.samples) == round(4 * 60.0 / 160.0 * RATE_HZ)
    assert any("the length" in each for each in made.ignored)


def test_the_same_seed_gives_the_same_loop_and_another_seed_another() -> None:
    first, again, other = (
        sample(SampleOrder("bass line", 2.0, loopable=True, seed=seed)).samples for seed in (1, 1, 2)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("prompt", "instrument"), [("electric piano chords", "electric_piano"), ("피아노 멜로디", "grand_piano")]
)
def test_the_instrument_that_is_named_plays(prompt: str, instrument: str) -> None:
    assert sample(SampleOrder(prompt, 1.5)).recipes[0].endswith(instrument)


@pytest.mark.parametrize(
    "prompt", ["kick one shot", "🥁", "one-shot piano", "", "Ωμέγα ツ 雨 \n\t", "loud quiet fast slow"]
)
def test_what_is_not_looped_has_exactly_the_asked_length(prompt: str) -> None:
    made = sample(SampleOrder(prompt, 1.234)).samples
    assert made.shape == (round(1.234 * RATE_HZ), 2)
    assert float(np.abs(made).max()) > 0.5


def test_bars_that_the_prompt_names_bend_the_tempo_of_a_loop() -> None:
    assert fit(8.0, Metre(4, 4), 100.0, exact=False, wished_bars=4).tempo_bpm == 120.0
    assert fit(8.0, Metre(4, 4), 100.0, exact=False, wished_bars=32).bars == 3
