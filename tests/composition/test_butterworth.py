"""Butterworth filters, beside the formula of their gain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.composition.butterworth import band_pass, high_pass, low_pass, passed, passed_both_ways
from soundrack.composition.instruments.tone import RATE_HZ

_HZ = np.array([30.0, 100.0, 400.0, 1000.0, 3000.0, 9000.0, 16_000.0])
_ORDERS = st.integers(1, 6)
_EDGES = st.floats(40.0, 15_000.0)


def _gains(sections: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = np.exp(-2j * np.pi * _HZ / RATE_HZ)
    gains = np.ones(len(_HZ))
    for b0, b1, b2, a1, a2 in sections:
        gains *= np.abs((b0 + b1 * turn + b2 * turn**2) / (1.0 + a1 * turn + a2 * turn**2))
    return gains


def _warped(hz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.tan(np.pi * np.asarray(hz) / RATE_HZ))


@given(_ORDERS, _EDGES)
def test_low_and_high_passes_have_the_gains_of_the_formula(order: int, hz: float) -> None:
    ratio = _warped(_HZ) / _warped(hz)
    assert _gains(low_pass(order, hz)) == pytest.approx(1.0 / np.sqrt(1.0 + ratio ** (2 * order)), rel=1e-6)
    assert _gains(high_pass(order, hz)) == pytest.approx(1.0 / np.sqrt(1.0 + ratio ** (-2.0 * order)), rel=1e-6)


@given(_ORDERS, _EDGES, st.floats(1.1, 20.0))
def test_band_passes_have_the_gains_of_the_formula(order: int, low_hz: float, ratio: float) -> None:
    high_hz = min(low_hz * ratio, 19_000.0)
    low, high, at = _warped(low_hz), _warped(high_hz), _warped(_HZ)
    place = (at**2 - low * high) / (at * (high - low))
    expected = 1.0 / np.sqrt(1.0 + place ** (2 * order))
    assert _gains(band_pass(order, low_hz, high_hz)) == pytest.approx(expected, rel=1e-4, abs=1e-12)


def test_a_sound_passes_as_its_gain_says_and_both_ways_without_delay() -> None:
    sine = np.sin(2.0 * np.pi * 1000.0 / RATE_HZ * np.arange(RATE_HZ // 2))
    middle = slice(RATE_HZ // 8, RATE_HZ // 4)
    sections = high_pass(3, 700.0)
    gain = _gains(sections)[3]
    assert np.abs(passed(sine, sections)[middle]).max() == pytest.approx(gain, rel=1e-3)
    assert passed_both_ways(sine, sections)[middle] == pytest.approx(gain**2 * sine[middle], abs=1e-3)


@pytest.mark.parametrize("hz", [0.0, -5.0, RATE_HZ / 2])
def test_there_is_no_filter_outside_the_range(hz: float) -> None:
    with pytest.raises(ValueError, match="no filter"):
        low_pass(2, hz)
