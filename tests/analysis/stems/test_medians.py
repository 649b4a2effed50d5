"""The running median is the one of scipy, and shorter at the ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import median_filter

from soundrack.analysis.stems.medians import running_median


@settings(deadline=None)  # the first call may compile
@given(arrays(np.float32, (2, 30), elements=st.floats(0, 100, width=32)), st.integers(1, 20))
def test_every_value_is_the_median_of_those_around_it(values, half: int):
    out = np.empty_like(values)
    running_median(values, half, out)

    for row, found in zip(values, out, strict=True):
        for at, median in enumerate(found):
            assert median == np.float32(np.median(row[max(0, at - half) : at + half + 1]))


def test_long_rows_are_as_scipy_has_them():
    values = np.random.default_rng(1).random((4, 1000), dtype=np.float32)
    out = np.empty_like(values)
    running_median(values, 8, out)

    assert np.array_equal(out[:, 8:-8], median_filter(values, (1, 17))[:, 8:-8])
