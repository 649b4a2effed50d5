"""The networks see a song in patches, as the mel spectra that they were trained with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.tags import patches
from soundrack.analysis.tags.patches import PATCH_S, mel_patches, starts
from tests.analysis.tags.hearing import noise

LENGTH = round(PATCH_S * RATE_HZ)


@given(st.integers(0, 40), st.integers(1, 24))
def test_patches_are_spread_evenly_and_lie_within_the_song(seconds: int, most: int):
    mono = np.ones(seconds * RATE_HZ, dtype=np.float32)
    at = starts(mono, most)

    assert at.size == min(most, mono.size // LENGTH)
    if at.size:
        gaps = np.diff(at)
        assert at[0] >= 0
        assert at[-1] + LENGTH <= mono.size
        assert np.ptp(gaps) <= 1 if gaps.size else True
        assert at[0] == pytest.approx(mono.size - LENGTH - at[-1], abs=2)


def test_silent_patches_are_left_out():
    mono = np.concatenate([noise(30.0), np.zeros(30 * RATE_HZ, dtype=np.float32)])
    at = starts(mono, 10)

    assert 0 < at.size < 10
    assert np.all(at < 30 * RATE_HZ)


def test_filters_are_slaneys_triangles():
    # librosa.filters.mel(sr=16000, n_fft=512, n_mels=96) of librosa 0.11
    filters = patches._filters()

    assert filters.shape == (257, 96)
    for band, centre, peak in (
        (0, 1, 0.031999223),
        (10, 11, 0.030413497),
        (50, 59, 0.013077741),
        (95, 248, 0.00398456),
    ):
        assert filters[:, band].argmax() == centre
        assert filters[centre, band] == pytest.approx(peak, rel=1e-5)


def test_a_tone_stands_in_its_band_at_its_power():
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 1000.0 * t).astype(np.float32)
    (mel,) = mel_patches(tone, np.array([1000]))
    power = (10.0 ** mel.astype(np.float64) - 1.0) / 10_000.0

    bins = np.arange(257) * 31.25
    lines = 128.0 * np.array([0.5, 1.0, 0.5])  # of a Hann window over a whole number of periods
    expected = np.square(lines) @ patches._filters()[np.abs(bins - 1000.0) < 32.0]
    assert mel.shape == (187, 96)
    assert power.mean(axis=0) == pytest.approx(expected, abs=1.0)


def test_a_patch_is_the_same_wherever_it_is_cut_from():
    mono = noise(12.0)
    here = mel_patches(mono, np.array([4 * RATE_HZ]))
    cut = mel_patches(mono[4 * RATE_HZ - 882 : 8 * RATE_HZ], np.array([882]))

    assert here == pytest.approx(cut, abs=1e-4)
