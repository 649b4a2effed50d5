from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.interpolation import MARGIN_FRAMES, MOST_LEVELS, cascade, half_taps, reach, refine, surroundings


def interpolated(
    grid: np.ndarray[tuple[int], np.dtype[np.float32]], levels: int
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    filters = cascade(levels).filters
    for level in range(levels):
        out = np.empty(2 * len(grid), dtype=np.float32)
        grid = out[: refine(level, grid, len(grid), filters[level], out)]
    return grid


@given(seed=st.integers(0, 999), levels=st.integers(1, MOST_LEVELS), smooth=st.integers(1, 40))
@settings(max_examples=120, deadline=None)
def test_nothing_is_found_above_the_bounds(seed: int, levels: int, smooth: int) -> None:
    """The gates pass over what cannot matter, by these bounds: they must hold for the rough and the smooth alike."""
    noise = np.random.default_rng(seed).standard_normal(400)
    grid = np.convolve(noise, np.ones(smooth) / smooth)[:192].astype(np.float32)
    found = np.abs(interpolated(grid, levels)).max()
    bounds = cascade(levels)
    assert found <= reach(grid, len(grid), bounds.most_gain[0], bounds.most_bend[0])


def test_the_close_bound_is_close_for_a_low_note() -> None:
    grid = np.sin(2.0 * np.pi * np.arange(192) / 100.0).astype(np.float32)
    bounds = cascade(MOST_LEVELS)
    assert reach(grid, len(grid), bounds.most_gain[0], bounds.most_bend[0]) < 1.005
    assert bounds.most_gain[0] == pytest.approx(2.7, abs=0.05)
    assert bounds.most_bend[0] == pytest.approx(0.52, abs=0.01)


@pytest.mark.parametrize("levels", range(1, MOST_LEVELS + 1))
def test_values_of_the_coarser_grid_are_kept_in_place(levels: int) -> None:
    grid = np.random.default_rng(0).standard_normal(192).astype(np.float32)
    lead = 0
    for level in range(levels):
        lead = 2 * (lead + half_taps(level) - 1)
    fine = interpolated(grid, levels)
    first = -(-lead // 2**levels)
    kept = fine[first * 2**levels - lead :: 2**levels]
    np.testing.assert_array_equal(kept, grid[first : first + len(kept)])
    assert first <= MARGIN_FRAMES
    assert first + len(kept) >= len(grid) - MARGIN_FRAMES


def test_outside_a_song_there_is_silence() -> None:
    samples = np.arange(1.0, 11.0, dtype=np.float32)[:, None]
    out = np.full(100, 7.0, dtype=np.float32)
    assert surroundings(samples, 0, 10, 0, out) == 10 + 2 * MARGIN_FRAMES
    np.testing.assert_array_equal(out[:74], np.pad(samples[:, 0], MARGIN_FRAMES))
