from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES, under_gain
from soundrack.audio.true_peak import peak_curve, true_peak_db
from soundrack.mastering.plan import LimiterStep
from soundrack.mastering.rendering.limiter import gain_reduction, limiting_curve, masked_frames
from tests.audio.signals import tone

STEPS = st.builds(
    LimiterStep,
    look_ahead_ms=st.floats(0.5, 20.0),
    hold_ms=st.floats(0.0, 100.0),
    quick_release_ms=st.floats(1.0, 5000.0),
    sustained_fall_ms=st.floats(1.0, 5000.0),
    sustained_rise_ms=st.floats(1.0, 5000.0),
)


@given(
    peaks=st.lists(st.floats(0.0, 4.0, width=32), min_size=1, max_size=400),
    ceiling=st.floats(0.1, 1.0),
    rate_hz=st.sampled_from([8000, 44_100, 192_000]),
    step=STEPS,
)
@settings(max_examples=150, deadline=None)
def test_the_gain_is_never_above_what_a_peak_needs(
    peaks: list[float], ceiling: float, rate_hz: int, step: LimiterStep
) -> None:
    peak = np.array(peaks, dtype=np.float32)
    curve = limiting_curve(peak, ceiling, rate_hz, step)
    allowed = ceiling * (1.0 + 1e-5)
    assert curve.shape == (len(peaks) + 1,)
    assert (curve[:-1] * peak <= allowed).all()
    assert (curve[1:] * peak <= allowed).all()
    assert (curve > 0.0).all()
    assert (curve <= 1.0).all()


@given(seed=st.integers(0, 999), smooth=st.integers(1, 60), step=STEPS, rate_hz=st.sampled_from([8000, 44_100, 96_000]))
@settings(max_examples=40, deadline=None)
def test_peaks_that_others_mask_change_nothing(seed: int, smooth: int, step: LimiterStep, rate_hz: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(30_000) * np.abs(np.sin(np.arange(30_000) / 3000.0))
    samples = np.convolve(noise, np.ones(smooth) / smooth, "same").astype(np.float32)[:, None]
    ceiling = 0.2 * float(np.abs(samples).max())
    apart = masked_frames(rate_hz, step)
    all_of_them, unmasked = peak_curve(samples, ceiling), peak_curve(samples, ceiling, masked_frames=apart)
    np.testing.assert_array_equal(
        limiting_curve(unmasked, ceiling, rate_hz, step), limiting_curve(all_of_them, ceiling, rate_hz, step)
    )


def test_what_stays_below_the_ceiling_is_not_touched() -> None:
    assert (limiting_curve(np.full(1000, 0.5, dtype=np.float32), 0.5, 44_100) == 1.0).all()


def test_the_gain_returns_after_a_lone_peak_and_not_before() -> None:
    peaks = np.zeros(5 * 44_100 // STEP_FRAMES, dtype=np.float32)
    peaks[2000] = 2.0
    curve = limiting_curve(peaks, 1.0, 44_100)
    assert curve[2000] == pytest.approx(0.5, abs=1e-3)
    assert curve[1980] == 1.0  # 3.6 ms before
    assert curve[2000 + 44_100 // STEP_FRAMES // 4] > 0.97  # a quarter of a second later
    assert (curve[2000 + 4 * 44_100 // STEP_FRAMES :] == 1.0).all()  # four seconds later: untouched, to the bit
    assert gain_reduction(curve).most_db == pytest.approx(6.02, abs=0.02)


@given(
    seed=st.integers(0, 9999),
    channels=st.integers(1, 2),
    rate_hz=st.sampled_from([8000, 44_100, 96_000, 192_000]),
    gain_db=st.floats(-6.0, 24.0),
    smooth=st.integers(1, 40),
)
@settings(max_examples=40, deadline=None)
def test_a_limited_sound_stays_below_the_ceiling_between_its_samples(
    seed: int, channels: int, rate_hz: int, gain_db: float, smooth: int
) -> None:
    """Read at sixteen times the rate, it is never more than 0.1 dB above what was limited to.

    That is for noise as loud at half the sample rate as anywhere; delivery measures the rest and takes it back.
    """
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((12_000, channels)) * (rng.random((12_000, 1)) ** 4)
    shaped = np.stack([np.convolve(column, np.ones(smooth) / smooth, "same") for column in noise.T], axis=1)
    samples = (shaped / np.abs(shaped).max() * 10.0 ** (gain_db / 20.0)).astype(np.float32)
    step = LimiterStep(oversampling=16)
    peaks = peak_curve(samples, 0.5, oversampling=16, masked_frames=masked_frames(rate_hz, step))
    limited = under_gain(samples, 0, limiting_curve(peaks, 0.5, rate_hz, step))
    assert true_peak_db(limited, oversampling=16) <= 20.0 * np.log10(0.5) + 0.1


def rest_db(samples: NDArray[np.float32], frequency_hz: int) -> float:
    """Return all that is not the tone, relative to it, over one second at 48 kHz."""
    spectrum = np.abs(np.fft.rfft(samples[2 * 48_000 : 3 * 48_000, 0].astype(np.float64)))
    rest = np.delete(spectrum, frequency_hz)
    return float(20.0 * np.log10(np.sqrt(np.square(rest).sum()) / spectrum[frequency_hz]))


@pytest.mark.parametrize("reduction_db", [3.0, 6.0])
@pytest.mark.parametrize("frequency_hz", [40, 50, 60, 80, 100, 997])
def test_a_steady_note_is_turned_down_and_not_distorted(frequency_hz: int, reduction_db: float) -> None:
    samples = tone([(4.0, 0.0)], 48_000, frequency_hz=float(frequency_hz), gains=[1.0, 1.0])
    ceiling = 10.0 ** (-reduction_db / 20.0)
    limited = under_gain(samples, 0, limiting_curve(peak_curve(samples, 0.4), ceiling, 48_000))
    assert rest_db(limited, frequency_hz) < -100.0
    assert np.abs(limited[2 * 48_000 :]).max() == pytest.approx(ceiling, rel=0.01)


def test_a_high_tone_on_a_low_one_is_not_modulated() -> None:
    """60 Hz and 7 kHz at 4:1 (SMPTE), limited by 6 dB: the side bands lie 90 dB below the high tone."""
    high = tone([(4.0, 0.0)], 48_000, frequency_hz=7000.0, gains=[0.2, 0.2])
    samples = high + tone([(4.0, 0.0)], 48_000, frequency_hz=60.0, gains=[0.8, 0.8])
    limited = under_gain(samples, 0, limiting_curve(peak_curve(samples, 0.4), 0.5, 48_000))
    spectrum = np.abs(np.fft.rfft(limited[2 * 48_000 : 3 * 48_000, 0].astype(np.float64)))
    side = np.sqrt(sum(spectrum[7000 + sign * 60 * order] ** 2 for sign in (-1, 1) for order in (1, 2, 3, 4)))
    assert 20.0 * np.log10(side / spectrum[7000]) < -90.0


def test_the_reduction_is_counted_over_the_whole_song() -> None:
    curve = np.ones(160_000, dtype=np.float32)
    curve[:16_000] = 10.0 ** (-2.0 / 20.0)
    curve[:3200] = 10.0 ** (-4.0 / 20.0)
    reduction = gain_reduction(curve)
    assert reduction.most_db == pytest.approx(4.0, abs=1e-3)
    assert reduction.busy_db == pytest.approx(2.0, abs=1e-3)
    assert reduction.p99_db == pytest.approx(4.0, abs=1e-3)
    assert reduction.mean_db == pytest.approx(0.24, abs=1e-3)
    assert reduction.over_1_db == pytest.approx(0.1, abs=1e-3)
    assert reduction.over_3_db == pytest.approx(0.02, abs=1e-3)
    assert reduction.beyond_db(LimiterStep(most_busy_db=6.0, most_depth_db=3.5)) == pytest.approx(0.5, abs=1e-3)
    assert gain_reduction(np.ones(10, dtype=np.float32)).most_db == 0.0
