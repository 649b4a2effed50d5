"""Mood: scores that rise with what raises them, words only where something says so, nothing for what is no music."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.features.bands import bands
from soundrack.analysis.loudness import loudness
from soundrack.analysis.mood import NO_MOOD, MoodFeatures, mood, mood_features
from tests.analysis.songs import as_sound, song

USUAL = MoodFeatures(-12.0, 12.0, 3.5, 600.0, 0.15, 110.0, 1.4, 0.9, 0, 0.5, 0.0)
some_features = st.builds(
    MoodFeatures,
    loudness_lufs=st.floats(-60.0, 0.0),
    density_db=st.floats(0.0, 30.0),
    onsets_hz=st.floats(0.0, 12.0),
    brightness_hz=st.floats(50.0, 8000.0),
    bass_share=st.floats(0.0, 1.0),
    bpm=st.none() | st.floats(30.0, 250.0),
    beat_strength=st.floats(0.5, 5.0),
    stability=st.floats(0.0, 1.0),
    mode=st.sampled_from([-1, 0, 1]),
    key_clarity=st.floats(0.0, 1.0),
    tagged=st.none() | st.floats(-1.0, 1.0),
    drive=st.none() | st.floats(-5.0, 5.0),
    drummed=st.none() | st.floats(-6.0, 0.0),
)
UP = st.floats(0.0, 20.0)


def score(features: MoodFeatures, name: str) -> int:
    value = getattr(mood(features), name)
    assert isinstance(value, int)
    return value


@given(some_features)
def test_scores_are_whole_numbers_from_0_to_100(features: MoodFeatures) -> None:
    for name in ("valence", "energy", "danceability"):
        assert 0 <= score(features, name) <= 100


@pytest.mark.parametrize("raised", ["loudness_lufs", "onsets_hz", "brightness_hz", "bpm"])
@given(features=some_features, by=UP)
def test_louder_denser_brighter_or_faster_never_lowers_energy(raised: str, features: MoodFeatures, by: float) -> None:
    before = replace(features, bpm=features.bpm or 60.0)
    after = replace(before, **{raised: getattr(before, raised) + by})

    assert score(after, "energy") >= score(before, "energy")


@given(features=some_features, one=st.floats(-5.0, 5.0), other=st.floats(-5.0, 5.0))
def test_what_drives_never_lowers_energy_and_drums_never_danceability(
    features: MoodFeatures, one: float, other: float
) -> None:
    low, high = sorted((one, other))

    assert score(replace(features, drive=low), "energy") <= score(replace(features, drive=high), "energy")
    assert score(replace(features, drummed=low), "danceability") <= score(
        replace(features, drummed=high), "danceability"
    )


@given(features=some_features, by=UP)
def test_peaks_that_stand_out_less_never_lower_energy(features: MoodFeatures, by: float) -> None:
    assert score(replace(features, density_db=features.density_db - by), "energy") >= score(features, "energy")


@pytest.mark.parametrize("raised", ["beat_strength", "stability", "bass_share"])
@given(features=some_features, by=st.floats(0.0, 2.0))
def test_stronger_steadier_beats_and_more_bass_never_lower_danceability(
    raised: str, features: MoodFeatures, by: float
) -> None:
    after = replace(features, **{raised: getattr(features, raised) + by})

    assert score(after, "danceability") >= score(features, "danceability")


@given(features=some_features, clarity=st.floats(0.0, 1.0))
def test_major_is_never_sadder_than_minor_and_happy_tags_never_sadder_than_none(
    features: MoodFeatures, clarity: float
) -> None:
    clear = replace(features, key_clarity=clarity)

    assert score(replace(clear, mode=1), "valence") >= score(replace(clear, mode=-1), "valence")
    assert score(replace(clear, tagged=1.0), "valence") >= score(replace(clear, tagged=-1.0), "valence")


def test_without_beats_a_song_is_danced_to_less() -> None:
    assert score(replace(USUAL, bpm=None), "danceability") < score(USUAL, "danceability")


def test_what_is_no_music_has_no_mood() -> None:
    assert mood(None) == NO_MOOD
    assert mood(None).as_dict() == {"valence": None, "energy": None, "danceability": None, "tags": []}
    silent = as_sound(np.zeros(44_100))
    assert (
        mood_features(
            bands(silent.mono),
            loudness(silent),
            bpm=None,
            beats_s=np.zeros(0),
            stability=None,
            mode=None,
            key_confidence=0.0,
        )
        is None
    )


def test_in_the_middle_of_everything_there_is_no_word() -> None:
    middling = replace(USUAL, loudness_lufs=-15.5, density_db=14.0, onsets_hz=3.5, brightness_hz=671.0, mode=0)

    assert mood(replace(middling, tagged=0.0)).tags == ()


def test_words_come_with_the_surest_first_and_from_tags_where_there_are_any() -> None:
    found = mood(replace(USUAL, loudness_lufs=-7.0, onsets_hz=6.0, bpm=150.0, mode=1), {"happy": 0.4, "sad": 0.01})

    labels = [label for label, _ in found.tags]
    assert "energetic" in labels
    assert "happy" in labels
    assert "sad" not in labels
    assert [sure for _, sure in found.tags] == sorted((sure for _, sure in found.tags), reverse=True)


def features_of(samples: np.ndarray, beats_s: np.ndarray) -> MoodFeatures:
    sound = as_sound(samples)
    found = mood_features(
        bands(sound.mono),
        loudness(sound),
        bpm=120.0,
        beats_s=beats_s,
        stability=1.0,
        mode="minor",
        key_confidence=0.8,
        tags={"happy": 0.1},
    )
    assert found is not None
    return found


def test_features_are_what_their_names_say() -> None:
    slow, fast = song(8.0, bpm=60.0), song(8.0, bpm=150.0)
    beats = 0.2 + 0.4 * np.arange(15)
    found = features_of(fast, beats)

    assert found.onsets_hz > features_of(slow, beats).onsets_hz
    assert found.beat_strength > features_of(fast, beats + 0.1).beat_strength
    assert found.mode == -1
    assert found.key_clarity == 0.8
    assert features_of(fast + 0.02 * np.random.default_rng(0).standard_normal(fast.shape), beats).brightness_hz > (
        found.brightness_hz
    )
    assert features_of(0.1 * fast, beats).loudness_lufs == pytest.approx(found.loudness_lufs - 20.0, abs=0.1)
