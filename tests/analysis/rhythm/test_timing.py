"""Beats between frames, and the tempo that they make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.features.bands import FPS
from soundrack.analysis.rhythm import timing


@given(bpm=st.floats(40.0, 240.0), seed=st.integers(0, 99))
def test_the_tempo_of_even_beats_is_exact_though_each_is_only_nearly_in_place(bpm: float, seed: int):
    jitter = np.random.default_rng(seed).uniform(-0.01, 0.01, 100)

    assert timing.tempo_bpm(np.arange(100) * 60.0 / bpm + 1.0 + jitter) == pytest.approx(bpm, rel=0.002)


def test_the_tempo_of_uneven_beats_is_that_of_the_median_one():
    beats_s = np.cumsum([0.5] * 40 + [0.7] * 20)

    assert timing.tempo_bpm(beats_s) == pytest.approx(120.0, rel=0.01)
    assert timing.stability(beats_s, 120.0) == pytest.approx(40 / 60, abs=0.07)


def test_even_beats_are_stable_and_their_curve_is_a_point():
    beats_s = 0.4 + 0.5 * np.arange(50.0)

    assert timing.stability(beats_s, 120.0) == 1.0
    ((at_s, bpm),) = timing.tempo_curve(beats_s)
    assert (at_s, bpm) == pytest.approx((0.4, 120.0))


def test_a_curve_has_a_point_where_the_tempo_changes():
    beats_s = np.cumsum([0.5] * 40 + [0.6] * 40)

    curve = timing.tempo_curve(beats_s)

    assert curve[0][1] == pytest.approx(120.0)
    assert curve[-1][1] == pytest.approx(100.0, rel=0.03)
    assert curve[-1][0] == pytest.approx(20.0, abs=2.5)


def test_periods_are_one_less_than_beats():
    for count in range(2, 9):
        assert timing.periods_s(0.5 * np.arange(float(count))) == pytest.approx(np.full(count - 1, 0.5))


@given(part=st.floats(-0.5, 0.5))
def test_a_beat_between_two_frames_is_found_there(part: float):
    frames = np.arange(200)
    salience = np.exp(-0.5 * ((frames - 100.0 - part) / 0.8) ** 2).astype(np.float32)

    (found,) = timing.refined(salience, np.array([100.0 / FPS]))

    assert found == pytest.approx((100.0 + part) / FPS + 0.02, abs=0.004)


def test_a_beat_that_nothing_marks_stays_where_the_tracker_put_it():
    found = timing.refined(np.zeros(200, np.float32), np.array([1.0, 1.53]))

    assert found == pytest.approx([1.02, 1.55])
