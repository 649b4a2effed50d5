"""Beats stay on the level and the phase that a song has for most of its time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.analysis.features.bands import bands
from soundrack.analysis.rhythm import rhythm
from soundrack.analysis.rhythm.beats import prevailing_s
from tests.analysis.rhythm.drums import band


def around(middle: NDArray[np.float32]) -> NDArray[np.float64]:
    """The beats that are found where 16 s of rock at 120 come before and behind something else, in seconds."""
    rock = band(120.0, 16.0, start_s=0.0)
    return rhythm(bands(np.concatenate((rock, middle, rock)))).beats_s


def test_a_part_at_half_the_pace_keeps_the_tempo():
    beats_s = around(band(120.0, 16.0, start_s=0.0, kick=(0.0,), snare=(2.0,), hat=(0.0, 2.0)))

    assert np.diff(beats_s) == pytest.approx(0.5, abs=0.08)


def test_two_bars_with_nothing_on_the_beat_keep_the_phase():
    offbeats = (0.5, 1.5, 2.5, 3.5)
    beats_s = around(band(120.0, 4.0, start_s=0.0, kick=(), snare=offbeats, hat=offbeats, chords=False))

    assert np.abs((beats_s + 0.25) % 0.5 - 0.25).max() < 0.08


@given(
    length_s=st.floats(0.3, 1.0),
    others=st.lists(st.floats(0.2, 2.0), max_size=10),
    seed=st.integers(0, 1000),
)
def test_the_length_that_most_of_the_time_has_prevails(length_s: float, others: list[float], seed: int):
    rng = np.random.default_rng(seed)
    count = 2 + int(2.0 * sum(others) / length_s)
    lengths = rng.permutation(np.concatenate((np.full(count, length_s), others)))

    assert prevailing_s(np.cumsum(np.append(0.0, lengths))) == pytest.approx(length_s, rel=0.15)
