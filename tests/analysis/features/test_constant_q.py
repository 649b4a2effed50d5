from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.analysis.features.constant_q import BINS, FPS, HOP, LOWEST_NOTE, constant_q
from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.features.tuning import LEAST_AGREEMENT, Tuning, tuning
from tests.analysis.tonality.additive import song, tone

EXACT = Tuning(0.0, 1.0)
QUALITY = 2.0 / (2.0 ** (1.0 / 12.0) - 1.0)


def directly(mono: NDArray[np.float32], frame: int, column: int) -> float:
    """The definition: one Hann window at the full rate, as long as the bin's quality asks, correlated with a wave."""
    frequency = 440.0 * 2.0 ** ((LOWEST_NOTE - 69 + column / 3.0) / 12.0) / RATE_HZ
    length = QUALITY / frequency
    time = np.arange(-int(length / 2.0), int(length / 2.0) + 1)
    window = 0.5 + 0.5 * np.cos(2.0 * np.pi * time / length)
    places = frame * HOP + time
    heard = np.where((places >= 0) & (places < len(mono)), mono[np.clip(places, 0, len(mono) - 1)], 0.0)
    return float(2.0 / window.sum() * np.abs((heard * window * np.exp(-2j * np.pi * frequency * time)).sum()))


def test_magnitudes_are_those_of_the_direct_formula() -> None:
    mono = song(times=1, moved=0.2) + 0.01 * np.random.default_rng(0).standard_normal(8 * RATE_HZ).astype(np.float32)
    fast = constant_q(mono, EXACT).magnitude
    for frame in (0, 1, 37, 100, len(fast) - 1):
        slow = np.array([directly(mono, frame, column) for column in range(BINS)])
        np.testing.assert_allclose(fast[frame], slow, atol=0.02 * slow.max())


@pytest.mark.parametrize("note", range(LOWEST_NOTE, LOWEST_NOTE + 84, 7))
def test_a_sine_reads_as_its_amplitude_and_nothing_a_semitone_away(note: int) -> None:
    time = np.arange(3 * RATE_HZ) / RATE_HZ
    sine = (0.3 * np.sin(2.0 * np.pi * 440.0 * 2.0 ** ((note - 69) / 12.0) * time)).astype(np.float32)
    frame, place = constant_q(sine, EXACT).magnitude[FPS + FPS // 2], 3 * (note - LOWEST_NOTE)
    assert frame[place] == pytest.approx(0.3, rel=0.001)
    others = np.delete(frame, range(max(place - 2, 0), min(place + 3, BINS)))
    assert others.max() < 0.012


def test_a_block_ends_where_nobody_hears_it() -> None:
    noise = np.random.default_rng(1).standard_normal(130 * RATE_HZ).astype(np.float32)
    whole = constant_q(noise, EXACT).magnitude
    first = 64 * 42
    part = constant_q(noise[first * HOP :], EXACT).magnitude
    np.testing.assert_allclose(whole[first + 64 :], part[64:], rtol=1e-4, atol=1e-6)


def test_memory_beyond_the_result_does_not_grow_with_the_song() -> None:
    beyond = []
    for seconds in (200, 400):
        mono = np.zeros(seconds * RATE_HZ, dtype=np.float32)
        tracemalloc.start()
        result = constant_q(mono, EXACT).magnitude
        beyond.append(tracemalloc.get_traced_memory()[1] - result.nbytes)
        tracemalloc.stop()
    assert beyond[1] < 1.05 * beyond[0] < 60e6


TUNED = constant_q(song(times=1))


@settings(max_examples=4, deadline=None)
@given(moved_cents=st.floats(-45.0, 45.0))
def test_tuning_is_found_and_applied(moved_cents: float) -> None:
    moved = constant_q(song(times=1, moved=moved_cents / 100.0))
    assert moved.tuning_cents - TUNED.tuning_cents == pytest.approx(moved_cents, abs=2.0)
    assert np.abs(moved.magnitude - TUNED.magnitude).mean() < 0.1 * TUNED.magnitude.mean()


def test_noise_and_silence_have_no_tuning() -> None:
    noise = np.random.default_rng(2).standard_normal(20 * RATE_HZ).astype(np.float32)
    assert tuning(noise).agreement < LEAST_AGREEMENT
    assert tuning(np.cumsum(noise)).agreement < LEAST_AGREEMENT
    assert tuning(np.zeros(RATE_HZ, dtype=np.float32)) == Tuning(0.0, 0.0)


@settings(max_examples=5, deadline=None)
@given(exponent=st.integers(-12, 3))
def test_gain_carries_through(exponent: int) -> None:
    sound = tone(64, 2.0)
    one, other = constant_q(sound), constant_q(np.float32(2.0**exponent) * sound)
    assert one.tuning_cents == pytest.approx(other.tuning_cents, abs=1e-6)
    np.testing.assert_allclose(one.magnitude * 2.0**exponent, other.magnitude, rtol=1e-3, atol=1e-5 * 2.0**exponent)


def test_frames_cover_the_sound() -> None:
    for frames in (1, HOP - 1, HOP, HOP + 1, 40 * HOP):
        found = constant_q(np.ones(frames, dtype=np.float32), EXACT)
        assert found.magnitude.shape == (-(-frames // HOP), BINS)
        assert found.magnitude.dtype == np.float32
