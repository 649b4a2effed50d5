from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.spectrum import band_centres_hz, band_levels_db
from soundrack.mastering.dynamics import glue
from soundrack.mastering.presets import CHARACTERS, Preset
from soundrack.mastering.tone import correction_db, shape_tone

CENTRES_HZ = band_centres_hz(48_000)


def noise() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.1 * np.random.default_rng(4).standard_normal((10 * 48_000, 2))).astype(np.float32)


@given(st.lists(st.floats(-120.0, 0.0), min_size=len(CENTRES_HZ), max_size=len(CENTRES_HZ)))
@settings(max_examples=50, deadline=None)
def test_a_correction_is_bounded_and_boosts_nothing_at_the_extremes(levels: list[float]) -> None:
    correction = correction_db(np.array(levels), CENTRES_HZ)
    assert (np.abs(correction) <= 2.5).all()
    assert (correction[(CENTRES_HZ < 40.0) | (CENTRES_HZ > 14_000.0)] <= 0.0).all()


@given(shift_db=st.floats(-60.0, 0.0))
@settings(max_examples=20, deadline=None)
def test_a_correction_does_not_depend_on_how_loud_the_song_is(shift_db: float) -> None:
    levels = np.linspace(-20.0, -60.0, len(CENTRES_HZ))
    np.testing.assert_allclose(
        correction_db(levels, CENTRES_HZ), correction_db(levels + shift_db, CENTRES_HZ), atol=1e-9
    )


def test_the_presets_tilt_as_they_are_called() -> None:
    shaped = {}
    for preset in Preset:
        samples = noise()
        shape_tone(samples, 48_000, CHARACTERS[preset])
        shaped[preset] = band_levels_db(samples, 48_000)
    low, high = (CENTRES_HZ > 100) & (CENTRES_HZ < 300), (CENTRES_HZ > 6000) & (CENTRES_HZ < 14_000)
    warm, bright = (shaped[preset] - shaped[Preset.BALANCED] for preset in (Preset.WARM, Preset.BRIGHT))
    assert warm[low].mean() > 0.7
    assert warm[high].mean() < -0.8
    assert bright[low].mean() < -0.3
    assert bright[high].mean() > 1.0


def test_rumble_is_removed() -> None:
    rumble = 0.3 * np.sin(2 * np.pi * 8 * np.arange(480_000) / 48_000)[:, None]
    samples = noise() + rumble.astype(np.float32)
    before = np.abs(np.fft.rfft(samples[:, 0]))[80]
    shape_tone(samples, 48_000, CHARACTERS[Preset.BALANCED])
    assert np.abs(np.fft.rfft(samples[:, 0]))[80] < 0.25 * before


def test_glue_brings_loud_and_soft_parts_closer_and_keeps_the_image() -> None:
    samples = noise()
    samples[:, 1] *= 0.5
    samples[240_000:] *= 2.0
    ratio_before = samples[240_000:].std() / samples[:240_000].std()
    glue(samples, 48_000, CHARACTERS[Preset.LOUD])
    ratio_after = samples[240_000:].std() / samples[:240_000].std()
    assert 1.2 < ratio_after < 0.95 * ratio_before
    assert abs(samples[:, 1].std() / samples[:, 0].std() - 0.5) < 0.01
