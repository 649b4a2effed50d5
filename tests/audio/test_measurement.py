from __future__ import annotations

import json
import math

import numpy as np
import pytest

from soundrack.audio.files import Sound
from soundrack.audio.measurement import measure


def test_all_meters_agree_with_one_another_on_music(songs: list[Sound]) -> None:
    for song in songs:
        measured = measure(song.samples, song.rate_hz, oversampling=16)
        assert measured.max_momentary_lufs >= measured.max_short_term_lufs >= measured.integrated_lufs - 1.0
        assert measured.true_peak_db >= measured.sample_peak_db
        assert measured.sample_peak_db == pytest.approx(20.0 * math.log10(float(np.abs(song.samples).max())))
        assert measured.plr_db == measured.true_peak_db - measured.integrated_lufs
        assert measured.duration_s == song.info.duration_s


def test_silence_becomes_null_in_json() -> None:
    told = measure(np.zeros((48_000, 2), dtype=np.float32), 48_000).as_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["integrated_lufs"] is None
    assert told["true_peak_db"] is None
    assert told["duration_s"] == 1.0
