"""Seams: what lies beside itself is moved there, levels hold, what rang rings on."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.cutting.seams import Seam, faded, joined, release, seam, stroke

RATE_HZ = 44_100


def strokes(period: int, count: int) -> np.ndarray:
    """Return strokes of a noise, the same each time, every so many frames."""
    one = np.random.default_rng(1).standard_normal(period) * np.exp(-np.arange(period) / 3000.0)
    return np.repeat(np.tile(0.2 * one, count).astype(np.float32)[:, None], 2, axis=1)


def test_a_stroke_is_found_though_its_beat_was_told_late() -> None:
    sound = strokes(22_050, 4).mean(axis=1)
    for late in (-900, 0, 900):
        assert abs(stroke(sound, 2 * 22_050 + late) - 2 * 22_050) <= 192


def test_a_seam_between_the_same_strokes_is_moved_until_nothing_is_heard_of_it() -> None:
    period = 22_050
    sound = strokes(period, 8)
    found = seam(sound, (2 * period + 300) / RATE_HZ, (5 * period - 200) / RATE_HZ, on_beats=True)
    assert found.entered - found.left == 3 * period
    assert found.correlation > 0.99
    whole, (place,) = joined(sound, 0, len(sound), [found])
    assert np.abs(whole - strokes(period, 5)).max() < 1e-3
    assert place == found.left


@pytest.mark.parametrize(("correlation", "alike"), [(1.0, True), (0.0, False)])
def test_the_level_holds_through_a_fade(correlation: float, alike: bool) -> None:
    rng = np.random.default_rng(2)
    one, other = rng.standard_normal((2, 50_000, 2)).astype(np.float32)
    mixed = faded(one, one if alike else other, correlation)
    for third in np.array_split(np.square(mixed).mean(axis=1), 3):
        assert third.mean() == pytest.approx(1.0, abs=0.06)


def test_what_rang_before_a_seam_dies_away_where_silence_follows() -> None:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    tone = np.where(t < 1.5, 0.3 * np.sin(2.0 * np.pi * 500.0 * t), 0.0)
    sound = np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)
    ring = release(sound, Seam(RATE_HZ, 2 * RATE_HZ, 0, 400, 0.0))
    levels = [20.0 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9) for part in np.array_split(ring[2048:-2048], 8)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > -24.0
    assert levels[-1] < -50.0
    spectrum = np.abs(np.fft.rfft(ring[:22_050, 0]))
    assert abs(np.argmax(spectrum) * 2.0 - 500.0) < 12.0


def test_nothing_is_added_where_what_follows_is_as_loud() -> None:
    rng = np.random.default_rng(3)
    sound = rng.standard_normal((2 * RATE_HZ, 2)).astype(np.float32)
    sound[RATE_HZ:] *= 4.0
    ring = release(sound, Seam(RATE_HZ // 2, RATE_HZ + 9000, 0, 400, 0.0))
    assert np.mean(ring**2) < 0.01 * np.mean(sound**2)
