"""Envelopes and low-frequency oscillators."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.instruments.envelopes import ATTACK, DECAY, IDLE, RELEASE, moved
from soundrack.composition.instruments.lfo import SAW, SINE, SQUARE, TRIANGLE, lfo_value

_STEP_S = 0.0005


def test_an_attack_takes_its_time_and_a_release_ends_after_its_own():
    level, stage, steps = 0.0, ATTACK, 0
    while stage == ATTACK:
        level, stage = moved(level, stage, _STEP_S, 0.2, 1.0, 0.5, 0.3)
        steps += 1
    assert steps * _STEP_S == pytest.approx(0.2, abs=0.001)
    assert (level, stage) == (1.0, DECAY)
    stage, steps = RELEASE, 0
    while stage == RELEASE:
        level, stage = moved(level, stage, _STEP_S, 0.2, 1.0, 0.5, 0.3)
        steps += 1
    assert steps * _STEP_S == pytest.approx(0.3, abs=0.001)
    assert (level, stage) == (0.0, IDLE)


def test_a_decay_comes_within_60_db_of_the_sustain_in_its_time():
    level, stage = 1.0, DECAY
    for _ in range(2000):
        level, stage = moved(level, stage, _STEP_S, 0.2, 1.0, 0.5, 0.3)
    assert level == pytest.approx(0.5, abs=0.0006)
    assert stage == DECAY


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.sampled_from([ATTACK, DECAY, RELEASE]), st.floats(1e-5, 10.0), st.floats(0.0, 1.0))
def test_a_level_stays_within_0_and_1(level, stage, seconds, sustain):
    level, stage = moved(level, stage, seconds, 0.01, 0.1, sustain, 0.1)
    assert 0.0 <= level <= 1.0
    assert stage in {IDLE, ATTACK, DECAY, RELEASE}


@settings(deadline=None)
@given(st.sampled_from([SINE, TRIANGLE, SAW, SQUARE]), st.floats(0.0, 1000.0))
def test_a_low_frequency_oscillator_stays_within_bounds_and_does_not_jump(shape, turns):
    value = lfo_value(shape, turns)
    assert -1.0 - 1e-9 <= value <= 1.0 + 1e-9
    assert abs(lfo_value(shape, turns + 1e-4) - value) < 0.01
