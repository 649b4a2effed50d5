"""The measure by which LAME's quality level was chosen (benchmarks/noise_to_mask.py)."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.noise_to_mask import noise_to_mask

RATE_HZ = 44_100


def noise(seed: int, seconds: int = 2) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.1 * np.random.default_rng(seed).standard_normal((seconds * RATE_HZ, 1))).astype(np.float32)


def test_an_error_weaker_by_some_db_reads_as_many_db_less() -> None:
    sound, error = noise(0), noise(1)
    louder, weaker = (noise_to_mask(sound, sound + gain * error, RATE_HZ) for gain in (0.1, 0.01))
    assert louder.total_db - weaker.total_db == pytest.approx(20.0, abs=0.01)
    assert louder.highest_db - weaker.highest_db == pytest.approx(20.0, abs=0.01)


def test_noise_masks_weaker_noise_less_the_offset_of_the_standard() -> None:
    """The offset is 3 dB up to 12 Bark and 6.75 dB at the top; what spreads from louder bands above takes some back."""
    sound = noise(0, 5)
    assert -38.0 < noise_to_mask(sound, sound + 0.01 * noise(1, 5), RATE_HZ).total_db < -40.0 + 6.75


def test_an_error_far_from_its_masker_is_heard_and_one_beside_it_is_not() -> None:
    phase = 2.0 * np.pi * np.arange(2 * RATE_HZ) / RATE_HZ
    tone, beside, far = (np.sin(frequency * phase).astype(np.float32)[:, None] for frequency in (1000, 1050, 300))
    assert noise_to_mask(0.5 * tone, 0.5 * tone + 0.005 * beside, RATE_HZ).disturbed == 0.0
    assert noise_to_mask(0.5 * tone, 0.5 * tone + 0.005 * far, RATE_HZ).disturbed > 0.9


def test_a_short_window_hears_what_comes_before_an_attack() -> None:
    sound = np.zeros((RATE_HZ, 1), dtype=np.float32)
    sound[RATE_HZ // 2 :] = noise(0, 1)[: RATE_HZ - RATE_HZ // 2]
    sound += 1e-6
    decoded = sound.copy()
    before = slice(RATE_HZ // 2 - 700, RATE_HZ // 2 - 100)
    decoded[before] += 0.02 * noise(1, 1)[before]
    short, long = (noise_to_mask(sound, decoded, RATE_HZ, window).highest_db for window in (512, 2048))
    assert short > max(long, 10.0)
