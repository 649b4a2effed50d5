from __future__ import annotations

import math

import numpy as np
import pyebur128
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample

from soundrack.audio.files import Sound
from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.interpolation import cascade, refine
from soundrack.audio.survey import survey
from soundrack.audio.true_peak import peak_curve, true_peak_db


@pytest.mark.parametrize("frequency_hz", [997.0, 10_000.0, 15_000.0, 19_997.0, 21_003.0, 21_397.0])
def test_the_strict_meter_reads_a_tone_within_a_hundredth_of_a_decibel(frequency_hz: float) -> None:
    n = np.arange(44_100)
    fades = np.clip(np.minimum(n, n[::-1]) / 4410.0, 0.0, 1.0)
    samples = (0.5 * fades * np.sin(2.0 * np.pi * frequency_hz * n / 44_100)).astype(np.float32)[:, None]
    assert true_peak_db(samples, oversampling=16) == pytest.approx(20.0 * math.log10(0.5), abs=0.01)


@given(seed=st.integers(0, 1000), channels=st.integers(1, 3), frames=st.integers(1, 700))
@settings(max_examples=50, deadline=None)
def test_passing_blocks_over_changes_nothing(seed: int, channels: int, frames: int) -> None:
    """A channel's peak found alone, with a gate of its own, is found among others too, and amid silence."""
    samples = np.random.default_rng(seed).standard_normal((frames, channels)).astype(np.float32)
    alone = max(true_peak_db(np.ascontiguousarray(samples[:, [channel]])) for channel in range(channels))
    padded = np.concatenate((np.zeros((1000, channels), np.float32), samples, np.zeros((1000, channels), np.float32)))
    assert true_peak_db(samples) == alone
    assert true_peak_db(padded) == pytest.approx(alone, abs=1e-4)


def test_the_strict_meter_reads_noise_up_to_21_khz_as_fourier_interpolation_does() -> None:
    """Much above 20 kHz, as in dense music: shorter filters miss peaks there."""
    rng = np.random.default_rng(8)
    spectrum = np.zeros(8193, dtype=np.complex128)
    band = (np.arange(8193) / 8192 * 22_050 > 15_000) & (np.arange(8193) / 8192 * 22_050 < 21_300)
    spectrum[band] = rng.standard_normal(band.sum()) + 1j * rng.standard_normal(band.sum())
    noise = np.fft.irfft(spectrum) * np.hanning(16_384)
    padded = np.pad(noise / np.abs(noise).max(), 4096).astype(np.float32)
    expected = 20.0 * math.log10(np.abs(resample(padded.astype(np.float64), 16 * len(padded))).max())
    assert true_peak_db(padded[:, None], oversampling=16) == pytest.approx(expected, abs=0.01)


def test_both_ends_are_interpolated() -> None:
    """A file cut at full swing rings beyond its last sample; the Fourier interpolation of the padded file shows it."""
    samples = np.zeros((64, 1), dtype=np.float32)
    samples[:2] = samples[-2:] = 1.0
    padded = np.pad(samples[:, 0].astype(np.float64), 480)
    expected = 20.0 * math.log10(np.abs(resample(padded, 16 * len(padded))).max())
    assert true_peak_db(samples, oversampling=16) == pytest.approx(expected, abs=0.1)
    assert expected > 1.0


def test_real_music_reads_higher_the_finer_the_grid(songs: list[Sound]) -> None:
    for sound in songs[:3]:
        readings = [true_peak_db(sound.samples, oversampling=rate) for rate in (2, 4, 8, 16)]
        assert readings[:3] == sorted(readings[:3])
        assert readings[3] >= readings[2] - 0.005  # another filter, which may read a hair lower as well
        assert readings[0] >= 20.0 * math.log10(float(np.abs(sound.samples).max()))
        assert readings[3] - readings[1] < 0.2


def test_the_curve_holds_the_peaks_where_they_are(songs: list[Sound]) -> None:
    samples = songs[1].samples
    curve = peak_curve(samples, 0.0)
    steps = np.abs(samples[: len(samples) // STEP_FRAMES * STEP_FRAMES]).reshape(-1, STEP_FRAMES * samples.shape[1])
    assert (curve[: len(steps)] >= steps.max(axis=1)).all()
    assert 20.0 * math.log10(float(curve.max())) == pytest.approx(true_peak_db(samples, oversampling=8), abs=1e-4)


@given(floor=st.floats(0.01, 1.2))
@settings(max_examples=15, deadline=None)
def test_the_curve_is_exact_above_its_floor(floor: float) -> None:
    rng = np.random.default_rng(5)
    samples = (rng.standard_normal((5000, 2)) * np.linspace(0.0, 0.4, 5000)[:, None]).astype(np.float32)
    full, gated = peak_curve(samples, 0.0), peak_curve(samples, floor)
    matters = full > np.float32(floor)
    assert (gated[matters] == full[matters]).all()
    assert (gated[~matters] <= np.float32(floor)).all()


def test_silence_has_no_peak() -> None:
    assert true_peak_db(np.zeros((1000, 2), dtype=np.float32)) == -math.inf
    assert true_peak_db(np.zeros((0, 2), dtype=np.float32)) == -math.inf


def test_other_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="channels"):
        true_peak_db(np.zeros(100, dtype=np.float32))
    with pytest.raises(ValueError, match="oversampling"):
        true_peak_db(np.zeros((100, 1), dtype=np.float32), oversampling=5)


@given(seed=st.integers(0, 1000), smooth=st.integers(1, 30), levels=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_the_gated_peak_is_that_of_everything_interpolated(seed: int, smooth: int, levels: int) -> None:
    """From white noise to a rumble: what the gates pass over never holds the maximum."""
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.standard_normal(3000), np.ones(smooth) / smooth, "same")
    samples = (noise * rng.uniform(0.2, 1.0, 3000)).astype(np.float32)
    grid, through = np.pad(samples, 256), cascade(levels, strict=levels == 4)
    best = np.abs(grid).max()
    for half, taps in zip(through.halves, through.filters, strict=True):
        out = np.empty(2 * len(grid), dtype=np.float32)
        grid = out[: refine(int(half), grid, len(grid), taps, out)]
        best = max(best, np.abs(grid).max())
    assert true_peak_db(samples[:, None], oversampling=2**levels) == 20.0 * math.log10(float(best))


def test_a_survey_taken_before_is_as_good(songs: list[Sound]) -> None:
    samples = songs[0].samples
    assert true_peak_db(samples, seen=survey(samples)) == true_peak_db(samples)


def test_real_music_reads_as_in_libebur128(songs: list[Sound]) -> None:
    for sound in songs:
        meter = pyebur128.R128State(sound.samples.shape[1], sound.rate_hz, pyebur128.MeasurementMode.MODE_TRUE_PEAK)
        meter.add_frames(sound.samples.reshape(-1), len(sound.samples))
        peak = max(pyebur128.get_true_peak(meter, channel) for channel in range(sound.samples.shape[1]))
        assert true_peak_db(sound.samples) == pytest.approx(20.0 * math.log10(peak), abs=0.05)
