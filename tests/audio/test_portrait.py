from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from soundrack.audio.drawing import MOST_ROWS, ROW_HEIGHT, WIDTH, draw_portraits
from soundrack.audio.files import Sound
from soundrack.audio.measurement import measure
from soundrack.audio.portrait import portrait
from tests.audio.signals import tone


def test_a_portrait_holds_the_meters_and_ten_values_a_second(songs: list[Sound]) -> None:
    song = songs[0]
    seen = portrait(song.samples, song.rate_hz, oversampling=16)
    assert seen.measurement == measure(song.samples, song.rate_hz, oversampling=16)
    seconds = len(song.samples) / song.rate_hz
    assert len(seen.momentary_lufs) == pytest.approx(10 * (seconds - 0.4), abs=1.1)
    assert len(seen.short_term_lufs) == pytest.approx(10 * (seconds - 3.0), abs=1.1)
    assert seen.short_term_lufs.max() <= seen.measurement.max_short_term_lufs


def test_true_peaks_are_marked_where_they_are() -> None:
    samples = tone([(5.0, -20.0)])
    samples[2 * 48_000 + 100] = 1.2
    samples[4 * 48_000 + 30_000] = -0.95
    assert portrait(samples, 48_000).over_s.tolist() == [2.0, 4.6]
    assert portrait(samples, 48_000, over_db=1.0).over_s.tolist() == [2.0]
    assert portrait(samples, 48_000, over_db=6.0).over_s.tolist() == []


def test_silence_and_a_moment_have_a_portrait_too() -> None:
    for frames in (1, 48_000):
        told = portrait(np.zeros((frames, 2), dtype=np.float32), 48_000).as_dict()
        assert json.loads(json.dumps(told, allow_nan=False))["integrated_lufs"] is None


def test_a_picture_has_a_row_for_each_song(songs: list[Sound], tmp_path: Path) -> None:
    seen = [(f"song {n}", portrait(song.samples, song.rate_hz)) for n, song in enumerate(songs[:2])]
    silent = portrait(np.zeros((100, 1), dtype=np.float32), 8000)
    draw_portraits(tmp_path / "out.png", [*seen, ("silence", silent)])
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == (WIDTH, 3 * ROW_HEIGHT)
        rows = [np.asarray(picture)[row * ROW_HEIGHT : (row + 1) * ROW_HEIGHT] for row in range(3)]
    strong = [(row[:, :820].astype(int) @ [-1, 0, 1] > 100).sum() for row in rows]  # the blue of the curves
    assert strong[0] > 300
    assert strong[1] > 300
    assert strong[2] == 0


def test_a_picture_of_none_or_too_many_is_refused(tmp_path: Path) -> None:
    one = ("moment", portrait(np.zeros((1, 1), dtype=np.float32), 48_000))
    for portraits in ([], [one] * (MOST_ROWS + 1)):
        with pytest.raises(ValueError, match="portraits"):
            draw_portraits(tmp_path / "out.png", portraits)
    assert not list(tmp_path.iterdir())
