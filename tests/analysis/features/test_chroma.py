from __future__ import annotations

import itertools

import numpy as np
import pytest

from soundrack.analysis.features.chroma import NOTES, between, chroma, notes, semitones
from soundrack.analysis.features.constant_q import FPS, constant_q
from soundrack.analysis.features.sound import RATE_HZ
from tests.analysis.tonality.additive import tone


def test_a_bass_below_a_chord_is_no_tone_of_it() -> None:
    sound = tone(29, 2.0) + sum(tone(note, 2.0) for note in (60, 64, 67))  # C major over a low F
    treble = chroma(constant_q(sound))[FPS]
    assert set(np.argsort(-treble)[:3].tolist()) == {0, 4, 7}
    assert treble.max() == 1.0


def test_overtones_are_no_notes_of_their_own() -> None:
    sound = tone(48, 2.0, partials=10, decay=0.8)
    spectrum = semitones(constant_q(sound))[FPS : FPS + 1]
    found = notes(spectrum)[0]
    assert found.argmax() == 48 - 24
    fifth = 48 + 19 - 24
    assert spectrum[0, fifth] / spectrum[0, 24] > 0.4
    assert found[fifth] / found[24] < 0.2


def test_silence_has_no_chroma() -> None:
    found = constant_q(np.zeros(RATE_HZ, dtype=np.float32))
    assert not chroma(found).any()


def test_explained_spectra_come_close() -> None:
    rng = np.random.default_rng(0)
    spectrum = (rng.random((20, NOTES)) ** 8).astype(np.float32)
    found = notes(spectrum)
    assert (found >= 0.0).all()
    np.testing.assert_allclose(notes(8.0 * spectrum), 8.0 * found, rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize("bounds", [[0, 2, 5, 10], [0, 0, 10], [9, 10, 10]])
def test_means_between_bounds_are_those_of_the_rows_there(bounds: list[int]) -> None:
    rows = np.random.default_rng(1).random((10, 3)).astype(np.float32)
    expected = [
        rows[min(first, 9) : max(last, min(first, 9) + 1)].mean(axis=0) for first, last in itertools.pairwise(bounds)
    ]
    np.testing.assert_allclose(between(rows, np.array(bounds)), expected, rtol=1e-5)
