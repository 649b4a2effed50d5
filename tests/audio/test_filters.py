from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, fftconvolve, freqz, sosfilt

from soundrack.audio import biquads
from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.crossover import (
    CONTROL_FRAMES,
    band_power,
    control_points,
    crossovers,
    mix_bands_in_place,
)
from soundrack.audio.files import Sound
from soundrack.audio.fir import linear_phase_filter, minimum_phase
from soundrack.audio.gain import STEP_FRAMES, points_for, under_gain
from soundrack.audio.resampling import resampled
from soundrack.audio.spectrum import band_centres_hz, band_levels_db
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


def test_a_linear_phase_filter_has_the_gains_it_was_asked_for() -> None:
    asked_hz, asked_db = np.array([100.0, 1000.0, 10_000.0]), np.array([3.0, 0.0, -3.0])
    taps = linear_phase_filter(asked_db, asked_hz, 48_000, 4095)
    response_db = 20.0 * np.log10(np.abs(np.fft.rfft(taps, 48_000)))
    np.testing.assert_allclose(response_db[[50, 1000, 20_000]], [3.0, 0.0, -3.0], atol=0.05)
    np.testing.assert_array_equal(taps, taps[::-1])


@pytest.mark.parametrize("channels", [1, 2])
def test_the_bands_add_up_to_the_whole_in_magnitude(channels: int) -> None:
    impulse = np.zeros((65_536, channels), dtype=np.float32)
    impulse[30_000] = 1.0
    mix_bands_in_place(impulse, crossovers(44_100, 160.0, 3000.0), np.ones((1025, 3), dtype=np.float32))
    np.testing.assert_allclose(np.abs(np.fft.rfft(impulse, axis=0)), 1.0, atol=1e-5)


def test_each_band_is_a_linkwitz_riley_filter_of_fourth_order() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal((50_000, 2))).astype(np.float32)
    sections = (butter(2, 160.0, "low", fs=48_000, output="sos"), butter(2, 3000.0, "high", fs=48_000, output="sos"))
    expected = np.stack([sosfilt(np.tile(s, (2, 1)), noise[:, 0].astype(np.float64)) for s in sections])
    power = band_power(noise[:, [0]].copy(), crossovers(48_000, 160.0, 3000.0))
    whole = len(noise) // CONTROL_FRAMES * CONTROL_FRAMES
    blocks = np.square(expected[:, :whole]).reshape(2, -1, CONTROL_FRAMES).mean(axis=2)
    # the lower band alone has passed the upper crossover's all-pass as well, which shifts power in time a little
    assert power[:, 0].mean() == pytest.approx(blocks[0].mean(), rel=0.01)
    assert power[:, 2].mean() == pytest.approx(blocks[1].mean(), rel=0.01)


def test_a_gain_acts_on_its_band_alone() -> None:
    samples = tone([(1.0, -20.0)], 44_100, frequency_hz=40.0) + tone([(1.0, -20.0)], 44_100, frequency_hz=800.0)
    sections = crossovers(44_100, 160.0, 3000.0)
    gains = np.tile(np.array([0.1, 1.0, 1.0], dtype=np.float32), (control_points(len(samples)) + 1, 1))
    mix_bands_in_place(samples, sections, gains)
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(44_100))) / (44_100 / 4)
    assert spectrum[40] == pytest.approx(0.01, rel=0.05)
    assert spectrum[800] == pytest.approx(0.1, rel=0.05)


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


def test_a_third_octave_holds_the_power_of_a_tone_in_it() -> None:
    levels = band_levels_db(tone([(5.0, -20.0)]), 48_000)
    centres = band_centres_hz(48_000)
    assert levels[np.argmin(np.abs(centres - 1000.0))] == pytest.approx(-23.01, abs=0.1)
    assert np.sort(levels)[-3] < -50.0


def test_music_is_fuller_below_than_above(songs: list[Sound]) -> None:
    for song in songs:
        levels = band_levels_db(song.samples, song.rate_hz)
        centres = band_centres_hz(song.rate_hz)
        assert levels[(centres > 60) & (centres < 1000)].mean() > levels[centres > 8000].mean() + 10.0


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
    with pytest.raises(ValueError, match="points"):
        mix_bands_in_place(silence, crossovers(48_000, 160.0, 3000.0), np.ones((2, 3), dtype=np.float32))


def test_semitones_add_up_to_their_third_octaves() -> None:
    """Pink noise: even in both; four semitones, a quarter of the power each, make a third octave."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(2**20))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0)))
    samples = (0.1 * pink / pink.std()).astype(np.float32)[:, None]
    thirds, fine = band_levels_db(samples, 48_000), band_levels_db(samples, 48_000, 12)
    third_hz, fine_hz = band_centres_hz(48_000), band_centres_hz(48_000, 12)
    for centre, level in zip(third_hz, thirds, strict=True):
        inside = (fine_hz > centre * 10**-0.05) & (fine_hz < centre * 10**0.05)
        if centre > 200.0:
            assert inside.sum() == 4
            assert 10.0 * np.log10((10.0 ** (fine[inside] / 10.0)).sum()) == pytest.approx(level, abs=0.7)


def test_channels_are_averaged_however_many_there_are() -> None:
    one = tone([(3.0, -20.0)], gains=[1.0])
    for channels in (2, 3, 5):
        silent = np.zeros((len(one), channels), dtype=np.float32)
        silent[:, -1] = one[:, 0]
        expected = band_levels_db(one, 48_000).max() - 10.0 * np.log10(channels)
        assert band_levels_db(silent, 48_000).max() == pytest.approx(expected, abs=1e-3)
