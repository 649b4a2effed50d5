from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.survey import BLOCK_FRAMES, CLIPPED, block_peaks, survey


@given(frames=st.integers(1, 700), channels=st.integers(1, 26), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_one_look_sees_what_numpy_sees(frames: int, channels: int, seed: int) -> None:
    samples = np.random.default_rng(seed).standard_normal((frames, channels)).astype(np.float32)
    exact = samples.astype(np.float64)
    seen = survey(samples)
    np.testing.assert_allclose(seen.means, exact.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(seen.powers, np.square(exact).mean(axis=0), rtol=1e-12)
    if channels > 1:
        assert seen.product == pytest.approx((exact[:, 0] * exact[:, 1]).mean(), abs=1e-12)
    assert seen.clipped == (np.abs(exact) >= CLIPPED).sum()
    blocks = [np.abs(samples[start : start + BLOCK_FRAMES]).max() for start in range(0, frames, BLOCK_FRAMES)]
    np.testing.assert_array_equal(seen.peaks, blocks)
    np.testing.assert_array_equal(block_peaks(samples), blocks)


def test_nothing_to_look_at_is_silence() -> None:
    seen = survey(np.zeros((0, 2), dtype=np.float32))
    assert (seen.sample_peak, seen.powers.tolist(), seen.product, seen.clipped) == (0.0, [0.0, 0.0], 0.0, 0)


def test_one_channel_has_no_product() -> None:
    assert survey(np.ones((100, 1), dtype=np.float32)).product == 0.0


@pytest.mark.parametrize("shape", [(100,), (100, 0)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="channels"):
        survey(np.zeros(shape, dtype=np.float32))
