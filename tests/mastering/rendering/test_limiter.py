from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.gain import under_gain
from soundrack.audio.true_peak import peak_curve, true_peak_db
from soundrack.mastering.limiter import depth, limiting_curve
from tests.audio.signals import tone


@given(
    peaks=st.lists(st.floats(0.0, 4.0, width=32), min_size=1, max_size=400),
    ceiling=st.floats(0.1, 1.0),
    rate_hz=st.sampled_from([8000, 44_100, 192_000]),
)
@settings(max_examples=150, deadline=None)
def test_the_gain_is_never_above_what_a_peak_needs(peaks: list[float], ceiling: float, rate_hz: int) -> None:
    peak = np.array(peaks, dtype=np.float32)
    curve = limiting_curve(peak, ceiling, rate_hz)
    allowed = ceiling * (1.0 + 1e-5)
    assert curve.shape == (len(peaks) + 1,)
    assert (curve[:-1] * peak <= allowed).all()
    assert (curve[1:] * peak <= allowed).all()
    assert (curve > 0.0).all()
    assert (curve <= 1.0).all()


def test_what_stays_below_the_ceiling_is_not_touched() -> None:
    assert (limiting_curve(np.full(1000, 0.5, dtype=np.float32), 0.5, 44_100) == 1.0).all()


def test_the_gain_returns_after_a_lone_peak_and_not_before() -> None:
    peaks = np.zeros(44_100 // 8, dtype=np.float32)
    peaks[2000] = 2.0
    curve = limiting_curve(peaks, 1.0, 44_100)
    assert curve[2000] == pytest.approx(0.5, abs=1e-3)
    assert curve[1980] == 1.0  # 3.6 ms before
    assert curve[2000 + 44_100 // 8 // 4] > 0.97  # a quarter of a second later
    assert depth(curve).most_db == pytest.approx(6.02, abs=0.02)


def test_a_limited_sound_stays_below_the_ceiling_between_its_samples() -> None:
    rng = np.random.default_rng(2)
    samples = (0.3 * rng.standard_normal((88_200, 2))).astype(np.float32)
    limited = under_gain(samples, 0, limiting_curve(peak_curve(samples, 0.5), 0.5, 44_100))
    assert true_peak_db(samples, oversampling=16) > 0.0
    assert true_peak_db(limited, oversampling=16) <= 20.0 * np.log10(0.5) + 0.1


def test_a_steady_bass_note_is_turned_down_and_not_distorted() -> None:
    """100 Hz limited by 3 dB: all that is not the tone lies 70 dB below it."""
    samples = tone([(3.0, 0.0)], 48_000, frequency_hz=100.0, gains=[1.0])
    limited = under_gain(samples, 0, limiting_curve(peak_curve(samples, 0.5), 10.0 ** (-3.0 / 20.0), 48_000))
    spectrum = np.abs(np.fft.rfft(limited[48_000:96_000, 0].astype(np.float64)))
    rest = np.delete(spectrum, 100)
    assert 20.0 * np.log10(np.sqrt(np.square(rest).sum()) / spectrum[100]) < -70.0
    assert spectrum[100] / 24_000 == pytest.approx(10.0 ** (-3.0 / 20.0), rel=0.01)
