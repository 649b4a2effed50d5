"""Convolution by spectra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.convolving import convolved


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 1000))
def test_it_is_the_sum_of_all_products(frames: int, taps: int, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    sound, response = rng.standard_normal(frames), rng.standard_normal((taps, 2))
    made = convolved(sound, response)
    assert made.shape == (frames + taps - 1, 2)
    for channel in range(2):
        assert made[:, channel] == pytest.approx(np.convolve(sound, response[:, channel]), abs=1e-9)
    assert convolved(sound, response[:, 0]) == pytest.approx(made[:, 0], abs=1e-12)
