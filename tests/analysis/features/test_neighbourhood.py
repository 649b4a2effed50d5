"""The greatest around each frame, held against looking at each window by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from soundrack.analysis.features.neighbourhood import greatest_nearby

CURVES = arrays.arrays(
    np.float32, arrays.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=40), elements=st.floats(0, 1, width=32)
)


@given(CURVES, st.integers(0, 25).map(lambda reach: 2 * reach + 1))
def test_each_frame_has_the_greatest_of_its_window(curve: np.ndarray, frames: int):
    reach = frames // 2
    expected = [curve[max(0, at - reach) : at + reach + 1].max(axis=0) for at in range(len(curve))]

    assert np.array_equal(greatest_nearby(curve, frames), np.array(expected, dtype=np.float32))


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_of_nothing_there_is_nothing(shape: tuple[int, ...]):
    assert greatest_nearby(np.empty(shape, np.float32), 5).shape == shape
