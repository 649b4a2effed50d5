"""The bands are those that the beat network was trained with, however they are computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, bands
from soundrack.analysis.features.sound import RATE_HZ

FRAME, HOP, LINES = 1411, 441, 705


def noise(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    return (0.2 * np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ))).astype(np.float32)


def slow_filters() -> list[dict[int, float]]:
    """By band: the weight of each spectral line, from the formula alone."""
    lines_hz = [k * RATE_HZ / (2 * LINES) for k in range(LINES)]
    wanted = [440.0 * 2.0 ** (step / 24) for step in range(-200, 200)]
    wanted = [hz for hz in wanted if 30.0 <= hz <= 17_000.0]
    corners = sorted({min(range(LINES), key=lambda k: (abs(lines_hz[k] - hz), -k)) for hz in wanted})
    filters = []
    for start, centre, stop in zip(corners, corners[1:], corners[2:], strict=False):
        up = {k: (k - start) / (centre - start) for k in range(start, centre)}
        down = {k: (stop - k) / (stop - centre) for k in range(centre, stop)}
        total = sum((up | down).values())
        filters.append({k: weight / total for k, weight in (up | down).items()})
    return filters


def slow_frame(mono: NDArray[np.float32], number: int) -> NDArray[np.float64]:
    """One frame's magnitudes, line by line."""
    padded = np.pad(mono.astype(np.float64), FRAME)
    first = number * HOP - FRAME // 2 + FRAME
    n = np.arange(FRAME)
    windowed = padded[first : first + FRAME] * (0.5 - 0.5 * np.cos(2 * np.pi * n / (FRAME - 1)))
    needed = slow_filters()
    lines = {k: abs(windowed @ np.exp(-2j * np.pi * k * n / FRAME)) for weights in needed for k in weights}
    return np.array([sum(weight * lines[k] for k, weight in weights.items()) for weights in needed])


@pytest.mark.parametrize("number", [0, 1, 50, 99])
def test_a_frame_is_what_the_formula_gives_at_both_ends_and_between(number: int):
    mono = noise(2.0)

    found = bands(mono)

    assert found.magnitude.shape == (100, 136)
    np.testing.assert_allclose(found.magnitude[number], slow_frame(mono, number), rtol=2e-4, atol=2e-4)


def test_level_and_flux_are_compressed_and_half_wave_rectified():
    found = bands(noise(1.0))

    np.testing.assert_allclose(found.level, np.log10(1.0 + found.magnitude.astype(np.float64)), atol=1e-6)
    rise = np.diff(found.level, axis=0)
    np.testing.assert_allclose(found.flux[1:], np.where(rise > 0.0, rise, 0.0), atol=1e-6)
    assert not found.flux[0].any()


def test_a_sine_is_where_its_frequency_is():
    found = bands(np.sin(2 * np.pi * 1000.0 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32))

    assert found.centres_hz[found.magnitude[25].argmax()] == pytest.approx(1000.0, rel=0.03)


def test_a_range_has_the_bands_whose_centres_lie_in_it():
    found = bands(noise(0.1))

    chosen = found.centres_hz[found.between(100.0, 200.0)]

    assert ((chosen >= 100.0) & (chosen < 200.0)).all()
    assert len(chosen) == ((found.centres_hz >= 100.0) & (found.centres_hz < 200.0)).sum() > 0


def test_an_onset_is_in_the_frame_of_its_time():
    mono = np.zeros(2 * RATE_HZ, np.float32)
    mono[RATE_HZ : RATE_HZ + 2000] = noise(1.0)[:2000]

    assert bands(mono).flux.sum(axis=1).argmax() / FPS == pytest.approx(1.0, abs=0.03)


@given(samples=st.integers(0, 3 * RATE_HZ))
@settings(max_examples=20, deadline=None)
def test_there_is_a_frame_for_each_begun_hop(samples: int):
    found = bands(np.zeros(samples, np.float32))

    assert len(found.magnitude) == -(-samples // HOP)
    assert found.duration_s == len(found.magnitude) / FPS


@given(start=st.integers(1, 60))
@settings(max_examples=10, deadline=None)
def test_a_later_start_in_whole_hops_moves_the_frames(start: int):
    mono = noise(2.0)

    late = bands(mono[start * HOP :]).magnitude

    np.testing.assert_allclose(late[2:-2], bands(mono).magnitude[start + 2 : -2], atol=1e-4)


def test_two_channels_are_refused():
    with pytest.raises(ValueError, match="one channel"):
        bands(np.zeros((10, 2), np.float32))
