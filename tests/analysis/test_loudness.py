"""The loudness part of a report."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.analysis.loudness import loudness
from soundrack.audio.measurement import measure
from tests.analysis.songs import as_sound, song


def test_it_tells_what_the_meters_say() -> None:
    samples = song(6.0)
    told, measured = loudness(as_sound(samples)).as_dict(), measure(samples, 44_100)

    assert set(told) == {
        *("integrated_lufs", "true_peak_db", "sample_peak_db", "loudness_range_lu"),
        *("max_short_term_lufs", "max_momentary_lufs", "plr_db"),
    }
    for name, value in told.items():
        assert value == pytest.approx(getattr(measured, name), abs=0.006)


def test_silence_is_null() -> None:
    silent = loudness(as_sound(np.zeros((44_100, 2))))

    assert silent.silent
    assert silent.as_dict()["integrated_lufs"] is None


def test_loudspeakers_are_weighed_as_the_file_names_them() -> None:
    samples = np.zeros((44_100, 4))
    samples[:, 3] = 0.5 * np.sin(2.0 * np.pi * 997.0 / 44_100 * np.arange(44_100))

    surround = loudness(as_sound(samples)).as_dict()["integrated_lufs"]
    back_centre = loudness(as_sound(samples, mask=0x107)).as_dict()["integrated_lufs"]
    assert surround is not None
    assert back_centre == pytest.approx(surround - 1.49, abs=0.02)
