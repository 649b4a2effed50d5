from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import fftconvolve, freqz, sosfilt

from soundrack.audio import biquads
from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.fir import linear_phase_filter, minimum_phase
from soundrack.audio.gain import STEP_FRAMES, points_for, under_gain
from soundrack.audio.resampling import resampled
from tests.audio.signals import tone


@given(frames=st.integers(1, 40_000), channels=st.integers(1, 2), half=st.integers(1, 700), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_fast_convolution_equals_the_slow_one(frames: int, channels: int, half: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((frames, channels)).astype(np.float32)
    taps = (rng.standard_normal(2 * half + 1) / half).astype(np.float32)
    full = fftconvolve(samples.astype(np.float64), taps[:, None].astype(np.float64), axes=0)
    convolve_in_place(samples, taps)
    np.testing.assert_allclose(samples, full[half : half + frames], atol=2e-5)


@given(
    frames=st.integers(1, 40_000),
    taps=st.integers(1, 1500),
    zero=st.none() | st.integers(0, 1499),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_middle_and_side_in_one_transform_equal_two_convolutions(
    frames: int, taps: int, zero: int | None, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((frames, 2)).astype(np.float32)
    mid_taps, side_taps = (rng.standard_normal((2, taps)) / np.sqrt(taps)).astype(np.float32)
    first = taps // 2 if zero is None else min(zero, taps - 1)
    left, right = samples.T.astype(np.float64)
    middle, side = (
        fftconvolve(part, response.astype(np.float64))[first : first + frames]
        for part, response in (((left + right) / 2.0, mid_taps), ((left - right) / 2.0, side_taps))
    )
    convolve_in_place(samples, mid_taps, zero=first if zero is not None else None, side=side_taps)
    np.testing.assert_allclose(samples, np.stack((middle + side, middle - side), axis=1), atol=2e-5)


def test_the_same_filter_for_middle_and_side_is_that_filter_and_mono_has_no_side() -> None:
    rng = np.random.default_rng(0)
    taps, other = (rng.standard_normal((2, 301)) / 20.0).astype(np.float32)
    for channels in (1, 2):
        plain = rng.standard_normal((9000, channels)).astype(np.float32)
        given_side = plain.copy()
        convolve_in_place(plain, taps)
        convolve_in_place(given_side, taps, side=taps if channels == 2 else other)
        np.testing.assert_allclose(given_side, plain, atol=2e-6)


def test_filters_of_middle_and_side_must_be_of_one_length() -> None:
    with pytest.raises(ValueError, match="3 and 5 taps"):
        convolve_in_place(
            np.zeros((10, 2), dtype=np.float32), np.ones(3, dtype=np.float32), side=np.ones(5, dtype=np.float32)
        )


def test_a_linear_phase_filter_has_the_gains_it_was_asked_for() -> None:
    asked_hz, asked_db = np.array([100.0, 1000.0, 10_000.0]), np.array([3.0, 0.0, -3.0])
    taps = linear_phase_filter(asked_db, asked_hz, 48_000, 4095)
    response_db = 20.0 * np.log10(np.abs(np.fft.rfft(taps, 48_000)))
    np.testing.assert_allclose(response_db[[50, 1000, 20_000]], [3.0, 0.0, -3.0], atol=0.05)
    np.testing.assert_array_equal(taps, taps[::-1])


@given(frames=st.integers(1, 200), cut=st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_a_gain_curve_is_straight_between_its_points_however_it_is_cut(frames: int, cut: int) -> None:
    curve = np.random.default_rng(frames).uniform(0.0, 1.0, points_for(frames)).astype(np.float32)
    expected = np.interp(np.arange(frames) / STEP_FRAMES, np.arange(len(curve)), curve)
    ones, cut = np.ones((frames, 2), dtype=np.float32), min(cut, frames)
    pieces = np.concatenate((under_gain(ones[:cut], 0, curve), under_gain(ones[cut:], cut, curve)))
    np.testing.assert_allclose(pieces, np.stack((expected, expected), axis=1), atol=1e-6)


@pytest.mark.parametrize(("before_hz", "after_hz"), [(44_100, 48_000), (192_000, 44_100), (8000, 48_000)])
def test_resampling_keeps_a_tone_and_the_duration(before_hz: int, after_hz: int) -> None:
    out = resampled(tone([(1.0, -6.0)], before_hz), before_hz, after_hz)
    assert out.shape == (after_hz, 2)
    expected = tone([(1.0, -6.0)], after_hz)
    np.testing.assert_allclose(out[after_hz // 4 : -after_hz // 4], expected[after_hz // 4 : -after_hz // 4], atol=1e-4)


def test_a_minimum_phase_filter_keeps_the_magnitude_and_rings_only_after() -> None:
    asked_hz, asked_db = np.array([60.0, 500.0, 4000.0, 12_000.0]), np.array([6.0, -5.0, 4.0, -6.0])
    linear = linear_phase_filter(asked_db, asked_hz, 48_000, 4095)
    early = minimum_phase(linear)
    before, after = (20.0 * np.log10(np.abs(np.fft.rfft(taps, 65_536))) for taps in (linear, early))
    np.testing.assert_allclose(after, before, atol=0.01)
    energy = np.cumsum(np.square(early)) / np.square(early).sum()
    assert energy[48] > 0.99  # within a millisecond; the linear one waits 43
    impulse = np.zeros((20_000, 2), dtype=np.float32)
    impulse[10_000] = 1.0
    convolve_in_place(impulse, early, zero=0)
    assert np.abs(impulse[:10_000]).max() < 1e-6
    np.testing.assert_allclose(impulse[10_000:14_095, 1], early, atol=1e-6)


def test_a_filter_has_no_tap_beyond_its_ends() -> None:
    with pytest.raises(ValueError, match="no tap 3"):
        convolve_in_place(np.zeros((10, 1), dtype=np.float32), np.ones(3, dtype=np.float32), zero=3)


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
@pytest.mark.parametrize("frames", [1, 63, 64, 1000, 40_000])
def test_biquads_side_by_side_equal_one_run_through(frames: int, channels: int) -> None:
    samples = (0.3 * np.random.default_rng(7).standard_normal((frames, channels))).astype(np.float32)
    sections = np.array(
        [
            biquads.high_pass(30.0, 48_000),
            biquads.peaking(120.0, 48_000, 4.0, 3.0),
            biquads.low_shelf(200.0, 48_000, -3.0),
            biquads.high_shelf(6000.0, 48_000, 5.0),
            biquads.low_pass(18_000.0, 48_000),
        ]
    )
    sos = np.column_stack((sections[:, :3], np.ones(5), sections[:, 3:]))
    expected = sosfilt(sos, samples.astype(np.float64), axis=0)
    biquads.filter_in_place(samples, sections)
    np.testing.assert_allclose(samples, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("section", "gains_db"),
    [
        (biquads.low_pass(1000.0, 48_000), {20.0: 0.0, 1000.0: -3.01, 100.0: 0.0}),
        (biquads.high_pass(1000.0, 48_000), {100.0: -40.0, 1000.0: -3.01, 20_000.0: 0.0}),
        (biquads.peaking(1000.0, 48_000, 6.0, 1.0), {20.0: 0.0, 1000.0: 6.0, 23_000.0: 0.0}),
        (biquads.low_shelf(1000.0, 48_000, 6.0), {20.0: 6.0, 1000.0: 3.0, 20_000.0: 0.0}),
        (biquads.high_shelf(1000.0, 48_000, -6.0), {20.0: 0.0, 1000.0: -3.0, 20_000.0: -6.0}),
    ],
    ids=["low pass", "high pass", "peaking", "low shelf", "high shelf"],
)
def test_each_section_has_the_gains_of_its_kind(
    section: np.ndarray[tuple[int], np.dtype[np.float64]], gains_db: dict[float, float]
) -> None:
    _, response = freqz(section[:3], [1.0, *section[3:]], worN=list(gains_db), fs=48_000)
    np.testing.assert_allclose(20.0 * np.log10(np.abs(response)), list(gains_db.values()), atol=0.6)


def test_filters_that_cannot_be_are_refused() -> None:
    silence = np.zeros((100, 1), dtype=np.float32)
    with pytest.raises(ValueError, match="stable"):
        biquads.filter_in_place(silence, np.array([[1.0, 0.0, 0.0, -2.0, 1.1]]))
    with pytest.raises(ValueError, match="b0"):
        biquads.filter_in_place(silence, np.zeros((1, 6)))
    with pytest.raises(ValueError, match="channels"):
        biquads.filter_in_place(np.zeros((100, 9), dtype=np.float32), np.zeros((1, 5)))
    with pytest.raises(ValueError, match="24000"):
        biquads.low_pass(24_000.0, 48_000)
