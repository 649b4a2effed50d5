from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.tonality.grid import grid

NONE = np.zeros(0)
NOWHERE = np.zeros(0, dtype=np.int64)


def test_without_beats_it_is_half_seconds() -> None:
    laid = grid(NONE, NOWHERE, 1.8, 0.45)
    np.testing.assert_allclose(laid.times_s, [0.0, 0.5, 1.0, 1.5, 1.8])
    assert not laid.strong.any()


def test_beats_are_continued_to_both_ends_and_over_gaps() -> None:
    laid = grid(np.array([1.0, 1.5, 2.0, 3.5, 4.0]), np.array([1, 2, 1, 1, 2]), 5.2, 0.95)
    np.testing.assert_allclose(laid.times_s, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.2])
    assert laid.times_s[:-1][laid.strong].tolist() == [1.0, 2.0, 3.5]


def test_long_beats_are_halved() -> None:
    laid = grid(np.array([0.0, 1.2, 2.4]), np.array([1, 2, 1]), 3.6, 0.95)
    np.testing.assert_allclose(laid.times_s, 0.6 * np.arange(7))
    assert laid.strong.tolist() == [True, False, False, False, True, False]


@given(
    st.lists(st.floats(0.2, 3.0), min_size=0, max_size=30),
    st.floats(0.0, 20.0),
    st.floats(0.04, 40.0),
    st.sampled_from((0.45, 0.95)),
)
def test_spans_follow_each_other_from_start_to_end(
    steps: list[float], first_s: float, duration_s: float, longest_s: float
) -> None:
    beats_s = first_s + np.cumsum(steps)
    beats_s = beats_s[beats_s < duration_s]
    laid = grid(beats_s, np.ones(len(beats_s), dtype=np.int64), duration_s, longest_s)
    assert len(laid) >= 1
    assert laid.times_s[0] == 0.0
    assert laid.times_s[-1] == pytest.approx(duration_s)
    assert (np.diff(laid.times_s) > 0.0).all()
    assert len(laid.times_s) == len(laid) + 1
