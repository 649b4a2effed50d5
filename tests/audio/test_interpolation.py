from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.interpolation import (
    MOST_LEVELS,
    PIECE_FRAMES,
    Cascade,
    bend_around,
    cascade,
    highest_bend,
    reach,
    refine,
    surroundings,
)


def interpolated(
    grid: np.ndarray[tuple[int], np.dtype[np.float32]], through: Cascade
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    for half, taps in zip(through.halves, through.filters, strict=True):
        out = np.empty(2 * len(grid), dtype=np.float32)
        grid = out[: refine(int(half), grid, len(grid), taps, out)]
    return grid


@given(seed=st.integers(0, 999), levels=st.integers(1, MOST_LEVELS), smooth=st.integers(1, 40), strict=st.booleans())
@settings(max_examples=120, deadline=None)
def test_nothing_is_found_above_the_bounds(seed: int, levels: int, smooth: int, strict: bool) -> None:
    """The gates pass over what cannot matter, by these bounds: they must hold for the rough and the smooth alike."""
    noise = np.random.default_rng(seed).standard_normal(1000)
    grid = np.convolve(noise, np.ones(smooth) / smooth)[:400].astype(np.float32)
    bounds = cascade(levels, strict=strict)
    found = np.abs(interpolated(grid, bounds)).max()
    highest = np.abs(grid).max()
    assert found <= highest * bounds.most_gain[0]
    assert found <= reach(grid, len(grid), highest, bounds.most_bend[0])


@pytest.mark.parametrize("level", range(MOST_LEVELS))
@pytest.mark.parametrize("strict", [False, True])
def test_the_bound_on_gain_is_reached_by_the_worst_signal(level: int, strict: bool) -> None:
    """A signal with the signs of a response makes all of the largest one: no lower bound would hold."""
    bounds = cascade(MOST_LEVELS, strict=strict)
    rest = Cascade(
        bounds.filters[level:],
        bounds.halves[level:],
        bounds.margin_frames,
        bounds.most_gain,
        bounds.most_bend,
        bounds.first_bend,
    )
    impulse = np.zeros(800, dtype=np.float32)
    impulse[400] = 1.0
    response, step = interpolated(impulse, rest), 2 ** len(rest.halves)
    sums = [np.abs(response[phase::step]).sum() for phase in range(step)]
    assert max(sums) == pytest.approx(bounds.most_gain[level], rel=1e-3)


def test_the_close_bound_is_close_for_a_low_note() -> None:
    grid = np.sin(2.0 * np.pi * np.arange(192) / 100.0).astype(np.float32)
    for strict, gain, bend in ((False, 2.70, 0.517), (True, 3.74, 0.796)):
        bounds = cascade(MOST_LEVELS, strict=strict)
        assert reach(grid, len(grid), np.float32(1.0), bounds.most_bend[0]) < 1.005
        assert bounds.most_gain[0] == pytest.approx(gain, abs=0.01)
        assert bounds.most_bend[0] == pytest.approx(bend, abs=0.001)
        assert bounds.first_bend.sum() == pytest.approx(bounds.most_bend[0])
        assert bounds.first_bend[1] == pytest.approx(0.1215 if strict else 0.0, abs=0.001)


def test_pieces_known_already_bound_as_those_looked_at() -> None:
    samples = np.random.default_rng(3).standard_normal((1000, 2)).astype(np.float32)
    bends = np.full(1000 // PIECE_FRAMES + 1, -1.0, dtype=np.float32)
    first = bend_around(samples, 256, 128, 128, bends)
    assert (bends >= 0.0).sum() == (128 + 2 * 128) // PIECE_FRAMES
    assert bend_around(samples, 256, 128, 128, bends) == first
    assert first == highest_bend(samples[127:513].reshape(-1), 2)


@pytest.mark.parametrize("levels", range(1, MOST_LEVELS + 1))
@pytest.mark.parametrize("strict", [False, True])
def test_values_of_the_coarser_grid_are_kept_in_place(levels: int, strict: bool) -> None:
    grid = np.random.default_rng(0).standard_normal(400).astype(np.float32)
    through, lead = cascade(levels, strict=strict), 0
    for half in through.halves.tolist():
        lead = 2 * (lead + half - 1)
    fine = interpolated(grid, through)
    first = -(-lead // 2**levels)
    kept = fine[first * 2**levels - lead :: 2**levels]
    np.testing.assert_array_equal(kept, grid[first : first + len(kept)])
    assert first <= through.margin_frames
    assert first + len(kept) >= len(grid) - through.margin_frames


def test_the_strict_cascade_lets_pass_what_lies_below_its_band_edge() -> None:
    """Within 0.013 dB up to 0.97 of half the rate; its images lie 66 dB below."""
    impulse = np.zeros(2048, dtype=np.float32)
    impulse[1024] = 1.0
    spectrum = np.abs(np.fft.rfft(interpolated(impulse, cascade(MOST_LEVELS, strict=True)).astype(np.float64), 1 << 17))
    of_half_the_rate = np.arange(len(spectrum)) / len(spectrum) * 2**MOST_LEVELS
    passed = spectrum[of_half_the_rate < 0.97] / 2**MOST_LEVELS
    assert np.abs(20.0 * np.log10(passed)).max() < 0.013
    assert spectrum[of_half_the_rate > 1.03].max() / 2**MOST_LEVELS < 0.5e-3


def test_outside_a_song_there_is_silence() -> None:
    samples = np.arange(1.0, 11.0, dtype=np.float32)[:, None]
    out = np.full(100, 7.0, dtype=np.float32)
    assert surroundings(samples, 0, 10, 0, 32, out) == 10 + 2 * 32
    np.testing.assert_array_equal(out[:74], np.pad(samples[:, 0], 32))
