"""The analysis on one page: the same bytes for the same song, and nothing that cannot be drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from soundrack.analysis.features.bands import bands
from soundrack.analysis.loudness import loudness
from soundrack.analysis.mix import mix_report
from soundrack.analysis.mood import NO_MOOD, Mood
from soundrack.analysis.picture import HEIGHT, WIDTH, Page, draw
from soundrack.analysis.rhythm.result import Rhythm, TempoPoint
from soundrack.analysis.structure import Label, Section, Structure
from soundrack.analysis.tonality.result import Chord, Key, KeySegment, Tonality
from tests.analysis.songs import as_sound, song

NO_TONALITY = Tonality(
    key=None,
    confidence=0.0,
    alternatives=(),
    segments=(),
    chords=(),
    progression=None,
    scale=None,
    melody=(),
    tuning_cents=None,
)


def page(samples: np.ndarray, *, found: bool) -> Page:
    sound = as_sound(samples)
    meters = loudness(sound)
    beats = np.arange(0.2, sound.duration_s, 0.5)
    rhythm, tonality, mood = Rhythm(), NO_TONALITY, NO_MOOD
    structure = Structure((), np.zeros(0, dtype=np.int64))
    if found:
        positions = np.arange(len(beats), dtype=np.int64) % 4 + 1
        rhythm = Rhythm(120.0, 0.9, "4/4", 0.9, beats, positions, (TempoPoint(0.2, 120.0), TempoPoint(2.0, 131.0)))
        key = Key(9, "minor", 0.8)
        tonality = Tonality(
            key=key,
            confidence=0.8,
            alternatives=(),
            segments=(KeySegment(0.0, sound.duration_s, key),),
            chords=(Chord(0.2, 2.2, "Am", "i", 0.9, 9, "min", 9), Chord(2.2, 4.0, "N", None, 0.9, None, None, None)),
            progression=None,
            scale=None,
            melody=(),
            tuning_cents=0.0,
        )
        energy = np.full(round(2 * sound.duration_s), 70, dtype=np.int64)
        structure = Structure((Section(0.0, sound.duration_s, 1, 2.0, Label.VERSE, "A", 0.7, 70),), energy)
        mood = Mood(40, 60, 80, (("energetic", 0.7),))
    mix = mix_report(sound, meters)
    return Page("A song", "Pop", sound.duration_s, bands(sound.mono), meters, rhythm, tonality, structure, mood, mix)


def test_the_page_is_the_same_bytes_for_the_same_analysis(tmp_path: Path) -> None:
    drawn = page(song(5.0), found=True)
    for name in ("one.png", "two.png"):
        draw(tmp_path / name, drawn)

    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as image:
        assert image.size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    "samples", [np.zeros((44_100, 2)), np.zeros(10), song(1.6)], ids=["silence", "a moment", "short"]
)
def test_what_has_neither_beat_nor_key_nor_form_is_drawn_all_the_same(tmp_path: Path, samples: np.ndarray) -> None:
    draw(tmp_path / "page.png", page(samples, found=False))

    assert (tmp_path / "page.png").stat().st_size > 5000
