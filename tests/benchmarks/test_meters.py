"""The meters of the benchmarks: what they say of ours must be right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.meters import strict_true_peak_db
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

_RATE_HZ = 44_100


def burst(frequency_hz: float, phase: float) -> NDArray[np.float32]:
    """Return a tone that swells to full scale and fades, so that neither end rings."""
    n = np.arange(8192)
    tone = np.sin(2.0 * np.pi * frequency_hz * (n - 4096) / _RATE_HZ + phase) * np.hanning(8193)[:-1]
    return tone.astype(np.float32)[:, None]


@given(frequency_hz=st.floats(1000.0, 20_000.0), phase=st.floats(0.0, 2.0 * math.pi))
def test_a_tone_up_to_20_khz_reads_full_scale_wherever_its_samples_fall(frequency_hz: float, phase: float) -> None:
    assert strict_true_peak_db(burst(frequency_hz, phase)) == pytest.approx(0.0, abs=0.05)


def test_the_highest_channel_counts() -> None:
    quiet, loud = 0.25 * burst(997.0, 0.5), 0.5 * burst(997.0, 0.5)
    assert strict_true_peak_db(np.hstack([quiet, loud])) == strict_true_peak_db(np.hstack([loud, quiet]))
    assert strict_true_peak_db(np.hstack([quiet, loud])) == pytest.approx(20.0 * math.log10(0.5), abs=0.05)


def test_a_peak_at_either_end_is_seen() -> None:
    for place in (0, 999):
        click = np.zeros((1000, 1), dtype=np.float32)
        click[place] = 0.5
        assert strict_true_peak_db(click) == pytest.approx(20.0 * math.log10(0.5), abs=1e-3)


def test_silence_has_no_peak() -> None:
    assert strict_true_peak_db(np.zeros((1000, 2), dtype=np.float32)) == -math.inf


def test_two_clicks_of_a_sample_apart_are_found_between_their_samples() -> None:
    pair = np.zeros((1000, 1), dtype=np.float32)
    pair[500:502] = 0.5
    # sinc at half a sample is 2 / pi; both add up in the middle
    assert strict_true_peak_db(pair, 256) == pytest.approx(20.0 * math.log10(2.0 / math.pi), abs=0.05)
