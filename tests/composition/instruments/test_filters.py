"""Filters: where they should be, and stable however they are moved."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.instruments.filters import (
    BAND_PASS,
    HIGH_PASS,
    LOW_PASS_12,
    formants,
    ladder,
    low_pass_24,
    slope_of,
    soft,
    state_variable,
)
from soundrack.composition.instruments.tone import RATE_HZ

_FRAMES = 1 << 14


def _impulse() -> np.ndarray:
    pair = np.zeros((2, _FRAMES), dtype=np.float32)
    pair[:, 0] = 1.0
    return pair


def _db(response: np.ndarray, hertz: float) -> float:
    spectrum = np.abs(np.fft.rfft(response.astype(np.float64)))
    return 20.0 * float(np.log10(spectrum[round(hertz * _FRAMES / RATE_HZ)] + 1e-12))


def test_a_butterworth_low_pass_of_12_db_is_3_db_down_at_its_cutoff():
    pair, g = _impulse(), slope_of(1000.0, RATE_HZ)
    state_variable(pair[0], pair[1], _FRAMES, np.zeros((2, 2)), g, g, np.sqrt(2.0), LOW_PASS_12)
    assert _db(pair[0], 50.0) == pytest.approx(0.0, abs=0.05)
    assert _db(pair[0], 1000.0) == pytest.approx(-3.01, abs=0.1)
    assert _db(pair[0], 4000.0) == pytest.approx(-24.2, abs=0.8)
    np.testing.assert_array_equal(pair[0], pair[1])


def test_a_low_pass_of_24_db_without_resonance_is_nearly_a_butterworth():
    pair, g = _impulse(), slope_of(1000.0, RATE_HZ)
    low_pass_24(pair[0], pair[1], _FRAMES, np.zeros((2, 4)), g, g, 0.0)
    assert _db(pair[0], 1000.0) == pytest.approx(-3.1, abs=0.3)
    assert _db(pair[0], 2000.0) == pytest.approx(-24.3, abs=0.8)


def test_a_band_pass_is_0_db_at_its_top_and_a_high_pass_above():
    g = slope_of(1000.0, RATE_HZ)
    band, high = _impulse(), _impulse()
    state_variable(band[0], band[1], _FRAMES, np.zeros((2, 2)), g, g, 0.5, BAND_PASS)
    state_variable(high[0], high[1], _FRAMES, np.zeros((2, 2)), g, g, np.sqrt(2.0), HIGH_PASS)
    assert _db(band[0], 1000.0) == pytest.approx(0.0, abs=0.1)
    assert _db(band[0], 100.0) < -20.0
    assert _db(high[0], 10_000.0) == pytest.approx(0.0, abs=0.1)
    assert _db(high[0], 100.0) < -38.0


def test_a_ladder_falls_by_24_db_an_octave_and_rings_at_its_cutoff():
    pair, g = 1e-3 * _impulse(), slope_of(1000.0, RATE_HZ)
    ladder(pair[0], _FRAMES, np.zeros(4), g, g, 3.8, 1.0)
    ladder(pair[1], _FRAMES, np.zeros(4), g, g, 0.0, 1.0)
    assert _db(pair[0], 1000.0) - _db(pair[0], 100.0) > 20.0
    assert _db(pair[1], 8000.0) - _db(pair[1], 4000.0) == pytest.approx(-24.0, abs=2.5)


def test_formants_of_an_a_stand_where_peterson_and_barney_measured_them():
    pair = _impulse()
    formants(pair[0], pair[1], np.zeros((4, _FRAMES), np.float32), _FRAMES, np.zeros((2, 8)), 0.0, 1.0, RATE_HZ)
    assert _db(pair[0], 730.0) > _db(pair[0], 400.0) + 6.0
    assert _db(pair[0], 1090.0) > _db(pair[0], 1700.0) + 6.0


@given(
    st.lists(st.floats(1.0, 40_000.0), min_size=2, max_size=24),
    st.floats(0.0, 0.99),
    st.sampled_from([LOW_PASS_12, BAND_PASS, HIGH_PASS]),
)
@settings(max_examples=60, deadline=None)
def test_filters_stay_finite_and_forget_however_their_cutoff_jumps(cutoffs, resonance, kind):
    noise = np.random.Generator(np.random.PCG64(0)).uniform(-1.0, 1.0, (2, 32)).astype(np.float32)
    one, two, four = np.zeros((2, 2)), np.zeros((2, 4)), np.zeros(4)
    loudest = 0.0
    for before, after in pairwise(cutoffs):
        a, b = slope_of(before, RATE_HZ), slope_of(after, RATE_HZ)
        first, second, third = noise.copy(), noise.copy(), noise[0].copy()
        state_variable(first[0], first[1], 32, one, a, b, 1.414 * (1.0 - resonance) + 0.02, kind)
        low_pass_24(second[0], second[1], 32, two, a, b, resonance)
        ladder(third, 32, four, a, b, 4.0 * resonance, 1.0)
        loudest = max(loudest, *(float(np.abs(each).max()) for each in (first, second, third)))
    assert np.isfinite(loudest)
    assert loudest < 400.0
    g = slope_of(1000.0, RATE_HZ)
    for _ in range(80):
        rest = np.zeros((2, 1024), np.float32)
        low_pass_24(rest[0], rest[1], 1024, two, g, g, resonance)
    assert np.abs(rest).max() < 1e-6


def test_a_filters_state_never_holds_numbers_below_the_normal_ones():
    pair, state, g = _impulse(), np.zeros((2, 4)), slope_of(1000.0, RATE_HZ)
    for _ in range(40):
        low_pass_24(pair[0], pair[1], 256, state, g, g, 0.0)
        pair[:] = 0.0
    assert np.all(state == 0.0)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6))
def test_the_limiting_curve_is_odd_bounded_and_level_near_nothing(x):
    assert abs(soft(x)) <= 1.0
    assert soft(-x) == pytest.approx(-soft(x))
    assert soft(1e-4) == pytest.approx(1e-4, rel=1e-6)
