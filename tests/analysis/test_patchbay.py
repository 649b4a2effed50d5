"""What one estimator's findings are to another: nothing unsure is said aloud, and what is no music has no mood."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.features.bands import bands
from soundrack.analysis.genre import GenreReport, Labelled, genres
from soundrack.analysis.genre.styles import Style
from soundrack.analysis.loudness import loudness
from soundrack.analysis.mood import NO_MOOD, Mood
from soundrack.analysis.patchbay import facts, mood_of, records_of, voice_over_time
from soundrack.analysis.release import LEAST_CONFIDENCE
from soundrack.analysis.rhythm import Rhythm
from soundrack.analysis.stems import StemsReport
from soundrack.analysis.tags import Tags, Voice
from soundrack.analysis.tonality import Key, Tonality
from soundrack.audio.tone_curves import COLOURS
from tests.analysis.songs import as_sound

NOTHING_HEARD = Tags(
    np.empty(0), np.empty((0, 50), np.float32), np.empty((0, 50), np.float32), np.zeros(200, np.float32)
)


def tonality(key: Key | None) -> Tonality:
    return Tonality(key, key.confidence if key else 0.0, (), (), (), None, None, (), 0.0)


def test_every_genre_has_its_records_or_none():
    assert {records_of(label) for label in genres()} <= {*COLOURS, None}
    assert records_of("Electronic") == "edm"
    assert records_of("Classical") is None
    assert records_of(None) == "other"


@given(st.floats(0.0, 1.0))
def test_what_is_said_aloud_was_found_surely_enough(confidence: float):
    told = facts(
        "Night Bus",
        GenreReport(Labelled("Electronic", confidence), [], Style("House", confidence, "four on the floor"), []),
        Rhythm(bpm=124.0, confidence=confidence),
        tonality(Key(0, "minor", confidence)),
        Mood(50, 60, 70, (("uplifting", confidence),)),
        StemsReport(False, [], {"synth": confidence}, Voice(True, "female", confidence)),
    )

    said = (told.genre, told.style, told.bpm, told.key, told.camelot, told.sung, told.moods, told.instruments)
    if confidence >= LEAST_CONFIDENCE:
        assert said == ("Electronic", "House", 124.0, "C minor", "5A", True, ("uplifting",), ("synth",))
    else:
        assert said == (None, None, None, None, None, None, (), ())
    assert told.title == "Night Bus"


@pytest.mark.parametrize(
    ("rhythm", "key", "has_mood"),
    [
        (Rhythm(), None, False),
        (Rhythm(bpm=120.0, confidence=0.9), None, True),
        (Rhythm(), Key(0, "major", 0.9), True),
    ],
    ids=["neither", "a beat", "a key"],
)
def test_what_has_neither_beat_nor_key_has_no_mood(rhythm: Rhythm, key: Key | None, has_mood: bool):
    sound = as_sound(0.1 * np.random.default_rng(0).standard_normal(5 * 44_100))

    felt = mood_of(bands(sound.mono), loudness(sound), rhythm, tonality(key), NOTHING_HEARD)

    assert (felt != NO_MOOD) == has_mood


def test_a_voice_is_told_where_each_patch_has_its_middle():
    heard = Tags(
        np.array([0.0, 10.0]),
        np.zeros((2, 50), np.float32),
        np.full((2, 50), 0.25, np.float32),
        np.zeros(200, np.float32),
    )

    assert voice_over_time(heard).tolist() == [[1.5, 0.25], [11.5, 0.25]]
    assert voice_over_time(NOTHING_HEARD).shape == (0, 2)
