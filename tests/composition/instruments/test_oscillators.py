"""Oscillators: exact pitch, no aliasing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.instruments.oscillators import (
    HIGHEST_HZ,
    LEVELS,
    TURN,
    cycle,
    harmonics,
    level_of,
    read_wave,
)
from soundrack.composition.instruments.super_saw import unison
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.instruments.wavetable import waves
from soundrack.errors import NotFound

_FRAMES = 1 << 16


def _read(wave: str, hertz: float) -> np.ndarray:
    # A whole number of periods, so that every line of the spectrum is a harmonic or an alias.
    periods = round(hertz * _FRAMES / RATE_HZ) | 1
    step = periods * (TURN // _FRAMES)
    sound = np.zeros(_FRAMES, dtype=np.float32)
    read_wave(sound, _FRAMES, cycle(wave)[0, level_of(hertz)], 0, step)
    spectrum = np.abs(np.fft.rfft(sound))
    spectrum[0] = 0.0
    lines = np.arange(len(spectrum)) % periods == 0
    return np.array([spectrum[periods], spectrum[~lines].max()])


@pytest.mark.parametrize("wave", ["saw", "square", "triangle", "sine"])
@pytest.mark.parametrize("pitch", [24, 33, 48, 60, 72, 84, 96])
def test_no_line_that_is_not_a_harmonic_reaches_70_db_below_the_fundamental_up_to_c7(wave, pitch):
    fundamental, alias = _read(wave, 440.0 * 2.0 ** ((pitch - 69) / 12))
    assert 20.0 * np.log10(alias / fundamental) < -70.0


@settings(deadline=None)
@given(st.floats(15.0, 12_000.0))
def test_a_levels_harmonics_stay_below_the_highest_and_fill_the_range(hertz):
    level = level_of(hertz)
    assert 0 <= level < LEVELS
    assert harmonics(level) * hertz <= HIGHEST_HZ * 1.000001 or harmonics(level) == 1
    if harmonics(level) > 4 and level > 0:
        assert harmonics(level) * hertz > 0.65 * HIGHEST_HZ


@given(st.integers(0, TURN - 1), st.integers(0, TURN // 2), st.integers(1, 64))
@settings(max_examples=50, deadline=None)
def test_a_phase_goes_on_where_it_stopped(phase, step, count):
    table, once, twice = cycle("saw")[0, 10], np.zeros(64, np.float32), np.zeros(64, np.float32)
    end = read_wave(once, count, table, phase, step)
    half = count // 2
    middle = read_wave(twice, half, table, phase, step)
    rest = twice[half:].copy()
    assert read_wave(rest, count - half, table, middle, step) == end
    np.testing.assert_array_equal(once[half:count], rest[: count - half])


@pytest.mark.parametrize("name", ["glass", "pulses", "sync", "vowels", "hollow"])
def test_the_frames_of_a_wavetable_are_equally_loud(name):
    table = waves(name)
    power = np.mean(table[:, 0, :-1].astype(np.float64) ** 2, axis=1)
    np.testing.assert_allclose(power, 0.25, rtol=0.02)
    between = np.mean((0.5 * (table[:-1, 0, :-1] + table[1:, 0, :-1])) ** 2, axis=1)
    assert between.min() > 0.25 * power.mean()


def test_a_wavetable_that_is_not_there_is_told():
    with pytest.raises(NotFound):
        waves("theremin")


def test_seven_saws_are_spaced_as_szabo_measured_them():
    ratios, left, right = unison(7, 100.0, 1.0, 0.75)
    np.testing.assert_allclose((ratios - 1.0) / (ratios[-1] - 1.0), np.array(
        [-1.0239, -0.5854, -0.1817, 0.0, 0.1853, 0.5785, 1.0]), atol=2e-4)  # fmt: skip
    assert 1200.0 * np.log2(ratios[-1]) == pytest.approx(100.0, rel=0.05)
    assert np.sum(left**2) == pytest.approx(1.0)
    assert np.sum(right**2) == pytest.approx(1.0)
