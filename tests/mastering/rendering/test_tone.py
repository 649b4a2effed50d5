from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.mastering.plan import Curve, Phase, ToneStep, WidthStep
from soundrack.mastering.rendering.tone import shape_tone

RATE_HZ = 48_000
MIDDLE = 24_000

curves = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=5).map(
    lambda gains: tuple((200.0 * 4.0**number, gain) for number, gain in enumerate(gains))
)


def impulse(left: float, right: float) -> NDArray[np.float32]:
    samples = np.zeros((RATE_HZ, 2), dtype=np.float32)
    samples[MIDDLE] = left, right
    return samples


def gains_db(samples: NDArray[np.float32], at_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return np.asarray(20.0 * np.log10(spectrum[np.round(at_hz * len(samples) / RATE_HZ).astype(int)]))


def asked_db(curve: Curve, at_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    hz, db = np.array(curve).T
    return np.asarray(np.interp(np.log(at_hz), np.log(hz), db))


PROBED_HZ = np.array([100.0, 400.0, 1500.0, 6000.0, 20_000.0])
"""Away from the curves' corners, which a filter of this length rounds a little."""


@given(mid=curves, side=curves, width=curves, phase=st.sampled_from(Phase))
@settings(max_examples=20, deadline=None)
def test_middle_and_side_get_the_curves_they_were_asked_for(
    mid: Curve, side: Curve, width: Curve, phase: Phase
) -> None:
    samples = impulse(1.0, 0.5)
    shape_tone(samples, RATE_HZ, ToneStep(mid=mid, side=side, phase=phase), WidthStep(side=width))
    middle, difference = (samples[:, 0] + samples[:, 1]) / 2.0, (samples[:, 0] - samples[:, 1]) / 2.0
    np.testing.assert_allclose(gains_db(middle / 0.75, PROBED_HZ), asked_db(mid, PROBED_HZ), atol=0.15)
    expected = asked_db(side, PROBED_HZ) + asked_db(width, PROBED_HZ)
    np.testing.assert_allclose(gains_db(difference / 0.25, PROBED_HZ), expected, atol=0.15)


@given(mid=curves, phase=st.sampled_from(Phase))
@settings(max_examples=10, deadline=None)
def test_a_side_without_a_curve_of_its_own_goes_with_the_middle(mid: Curve, phase: Phase) -> None:
    samples, told = impulse(0.0, 1.0), impulse(0.0, 1.0)
    shape_tone(samples, RATE_HZ, ToneStep(mid=mid, phase=phase), None)
    shape_tone(told, RATE_HZ, ToneStep(mid=mid, side=mid, phase=phase), WidthStep(side=((1000.0, 0.0),)))
    assert np.abs(samples[:, 0]).max() < 1e-6
    np.testing.assert_allclose(samples, told, atol=1e-6)


def test_width_alone_leaves_the_middle_as_it_is() -> None:
    samples = impulse(1.0, 0.0)
    shape_tone(samples, RATE_HZ, None, WidthStep(side=((300.0, -24.0), (600.0, 3.0))))
    expected = np.zeros(RATE_HZ)
    expected[MIDDLE] = 0.5
    np.testing.assert_allclose((samples[:, 0] + samples[:, 1]) / 2.0, expected, atol=1e-6)
    side = samples[:, 0] - samples[:, 1]
    np.testing.assert_allclose(gains_db(side, np.array([100.0, 3000.0])), [-24.0, 3.0], atol=0.1)


@pytest.mark.parametrize("channels", [1, 2])
def test_nothing_asked_for_is_nothing_done(channels: int) -> None:
    samples = np.random.default_rng(0).standard_normal((5000, channels)).astype(np.float32)
    before = samples.copy()
    shape_tone(samples, RATE_HZ, None, None)
    np.testing.assert_array_equal(samples, before)


def test_a_mono_song_has_no_side_and_no_width() -> None:
    samples = np.random.default_rng(0).standard_normal((5000, 1)).astype(np.float32)
    alone, before = samples.copy(), samples.copy()
    shape_tone(samples, RATE_HZ, None, WidthStep(side=((1000.0, 6.0),)))
    np.testing.assert_array_equal(samples, before)
    mid = ((100.0, 3.0), (1000.0, -2.0))
    shape_tone(samples, RATE_HZ, ToneStep(mid=mid, side=((1000.0, 6.0),)), WidthStep(side=((1000.0, 6.0),)))
    shape_tone(alone, RATE_HZ, ToneStep(mid=mid), None)
    np.testing.assert_array_equal(samples, alone)


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 96_000])
def test_linear_phase_moves_nothing_in_time_and_minimum_phase_rings_only_after(rate_hz: int) -> None:
    step = {"mid": ((60.0, 6.0), (500.0, -6.0), (3000.0, 6.0)), "side": ((100.0, -3.0), (3000.0, 5.0))}
    energies = {}
    for phase in Phase:
        samples = np.zeros((2 * rate_hz, 2), dtype=np.float32)
        samples[rate_hz] = 1.0, 0.3
        shape_tone(samples, rate_hz, ToneStep(phase=phase, **step), None)
        assert np.abs(samples).max(axis=1).argmax() == rate_hz
        energies[phase] = np.square(samples[:rate_hz]).sum() / np.square(samples).sum()
        if phase is Phase.LINEAR:
            np.testing.assert_allclose(samples[rate_hz + 1 :], samples[rate_hz - 1 : 0 : -1], atol=1e-6)
    assert energies[Phase.MINIMUM] < 1e-10
    assert energies[Phase.LINEAR] > 1e-3


def test_rumble_goes_where_the_curve_says_so() -> None:
    rumble = 0.3 * np.sin(2 * np.pi * 8 * np.arange(480_000) / RATE_HZ)[:, None]
    samples = np.repeat(rumble, 2, axis=1).astype(np.float32)
    shape_tone(samples, RATE_HZ, ToneStep(mid=((5.0, -24.0), (12.0, -18.0), (22.0, 0.0))), None)
    assert np.abs(samples[RATE_HZ:-RATE_HZ]).max() < 0.25 * 0.3
