"""Genres are told where both networks speak for them, and never where nothing does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.features.bands import Bands, bands
from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.genre import genre, genres, group
from soundrack.analysis.genre.groups import groups
from soundrack.analysis.genre.telling import confidences
from soundrack.analysis.rhythm import Rhythm
from soundrack.analysis.tags import tags
from soundrack.analysis.tags.labels import MSD, MTT
from tests.analysis.tags.hearing import heard, noise, nothing, song

STYLES = (
    *("house", "techno", "trance", "drum and bass", "dubstep", "synthwave", "lo-fi", "hip hop", "trap", "pop", "rock"),
    *("disco/funk", "jazz", "classical/cinematic", "ambient/new age", "folk/acoustic", "reggae", "latin"),
)
"""What music is composed in."""
QUIET = Bands(np.zeros((100, 136), dtype=np.float32), np.geomspace(47.0, 11_000.0, 136))
ELECTRONIC = heard({"electronic": 0.5, "chillout": 0.2}, {"techno": 0.6, "electronic": 0.5})


def test_every_genre_stands_on_tags_that_the_networks_know():
    for each in genres().values():
        assert set(each.msd) <= set(MSD)
        assert set(each.mtt) <= set(MTT)
        assert each.msd or each.mtt
        assert 0.0 < each.most < 1.0
        assert all(0.0 < full < 1.0 for full in (*each.msd.values(), *each.mtt.values()))


def test_what_no_tag_speaks_for_is_no_genre():
    assert not set(genres()) & {"Reggae", "Latin", "Trap", "Cinematic", "Lo-Fi"}


def test_a_genre_that_both_networks_hear_is_the_songs():
    found = genre(ELECTRONIC, QUIET, Rhythm())

    assert found.primary is not None
    assert found.primary.label == "Electronic"
    assert found.primary.confidence == genres()["Electronic"].most
    assert [each.label for each in found.tags] == ["techno", "electronic", "chillout"]
    assert found.style is None


def test_a_genre_that_one_network_alone_hears_is_not():
    found = genre(heard({"electronic": 0.5}, {}), QUIET, Rhythm())

    assert found.primary is None


def test_in_silence_there_is_no_genre():
    assert genre(nothing(), QUIET, Rhythm()).as_dict() == {"primary": None, "top5": [], "style": None, "tags": []}


def clicks() -> np.ndarray:
    t = np.arange(20 * RATE_HZ)
    return np.where(t % (RATE_HZ // 2) < 60, noise(20.0, 0.5), np.float32(0.0))


def tones(*frequencies_hz: float) -> np.ndarray:
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    return sum((0.1 * np.sin(2 * np.pi * hz * t) for hz in frequencies_hz), np.zeros(t.size))


@pytest.mark.parametrize(
    "sound",
    [noise(20.0), np.cumsum(noise(20.0, 0.001)), clicks(), tones(440.0), tones(220.0, 277.2, 329.6)],
    ids=["white noise", "brown noise", "a metronome", "one note", "one chord"],
)
def test_what_is_no_music_has_no_genre(sound: np.ndarray):
    assert genre(tags(song(sound)), QUIET, Rhythm()).primary is None


@given(st.dictionaries(st.sampled_from(MSD), st.floats(0, 1)), st.dictionaries(st.sampled_from(MTT), st.floats(0, 1)))
def test_confidences_are_in_order_and_never_above_what_was_measured(msd, mtt):
    found = genre(heard(msd, mtt), QUIET, Rhythm())
    sure = [each.confidence for each in found.top5]

    assert sure == sorted(sure, reverse=True)
    assert len(sure) <= 5
    assert all(0.05 <= each.confidence <= genres()[each.label].most for each in found.top5)
    assert found.primary is None or (found.primary == found.top5[0] and sure[0] >= 0.5)


@given(st.sampled_from(sorted(genres())), st.floats(0, 1), st.floats(0, 1))
def test_more_evidence_never_makes_a_genre_less_sure(label: str, one: float, other: float):
    evidence = dict.fromkeys(genres(), 0.2)
    low, high = sorted((one, other))

    assert confidences(evidence | {label: low})[label] <= confidences(evidence | {label: high})[label]


def test_a_style_is_told_from_tempo_and_drums_with_its_reason():
    beats = np.arange(3.84, 57.0, 0.48, dtype=np.float64)
    rhythm = Rhythm(bpm=125.0, confidence=0.9, beats_s=beats, positions=np.arange(beats.size) % 4 + 1)
    drummed = bands(thuds(beats, 60.0))

    found = genre(ELECTRONIC, drummed, rhythm).style
    assert found is not None
    assert found.label == "House"
    assert found.reason == "Electronic at 125 bpm with a low stroke on every beat."
    assert 0.3 < found.confidence <= 0.6
    assert genre(ELECTRONIC, drummed, replace(rhythm, bpm=None)).style is None
    assert genre(heard({"folk": 0.4}, {"guitar": 0.8}), drummed, rhythm).style is None


def thuds(at_s: np.ndarray, seconds: float) -> np.ndarray:
    """Low strokes of a tenth of a second."""
    out = noise(seconds, 0.0005)
    t = np.arange(RATE_HZ // 10) / RATE_HZ
    stroke = 0.5 * np.sin(2 * np.pi * 60.0 * t) * np.exp(-t * 30.0)
    for at in at_s:
        start = round(at * RATE_HZ)
        out[start : start + t.size] += stroke[: out.size - start].astype(np.float32)
    return out


def test_what_speaks_against_a_genre_makes_it_less_sure():
    acoustic = {"folk": 0.3, "acoustic": 0.3}
    calm, driven = (heard(acoustic, {"guitar": 0.8, "rock": rock}) for rock in (0.02, 0.3))

    assert genres()["Folk"].evidence(driven) < 0.5 * genres()["Folk"].evidence(calm)
    assert genre(driven, QUIET, Rhythm()).primary is None


@given(st.sampled_from(sorted(genres())), st.floats(0, 1))
def test_a_genre_is_never_surer_than_what_was_measured_of_it(label: str, evidence: float):
    one = genres()[label]

    assert 0.0 <= one.confidence(evidence) <= one.most
    assert one.confidence(1.0) == one.most
    assert one.confidence(0.0) == 0.0


def test_every_genre_and_style_that_is_told_has_a_group():
    assert {group(label) for label in genres()} <= set(groups().values())
    assert group("Metal") == group("rock") == "rock"
    assert group("House") == group("TECHNO") == group("Electronic") == "electronic"
    assert group("Drum and Bass") == group("synthwave") == "electronic"
    assert group("lo-fi") == group("Hip Hop") != group("reggae")
    for style in STYLES:
        assert group(style)


def test_what_is_in_no_group_is_said_to_be_so():
    with pytest.raises(ValueError, match="no group"):
        group("Speech")


def test_no_genre_that_is_told_is_in_a_group_that_no_tag_speaks_for():
    assert not {group(label) for label in genres()} & {"reggae", "latin"}
