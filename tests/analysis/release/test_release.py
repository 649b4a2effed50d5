"""The release kit: clips on bar lines, captions that fit and say nothing that was not found, hashtags, pictures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from soundrack.analysis.features.bands import bands
from soundrack.analysis.loudness import loudness
from soundrack.analysis.release import Facts, release_kit
from soundrack.analysis.release.captions import NETWORKS, captions
from soundrack.analysis.release.clips import clips
from soundrack.analysis.release.hashtags import MOST, hashtags
from soundrack.analysis.release.pictures import (
    SPECTROGRAM_SIZE,
    WAVEFORM_SIZE,
    draw_spectrogram,
    draw_waveform,
    spectrogram,
)
from soundrack.analysis.structure import Label, Section, Structure
from tests.analysis.songs import as_sound, song

BAR_S = 2.0
DOWNBEATS = np.arange(0.0, 120.0, BAR_S)
WHOLE = Facts(
    title="Night Drive",
    genre="Electronic",
    style="House",
    bpm=124.3,
    key="F# minor",
    camelot="11A",
    moods=("energetic", "uplifting"),
    sung=False,
    instruments=("synthesizer", "drums"),
)
LATIN = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=400)
ANYTHING = st.text(max_size=300)


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def section(start_s: float, end_s: float, label: Label, group: str, energy: int) -> Section:
    return Section(start_s, end_s, round(start_s / BAR_S) + 1, (end_s - start_s) / BAR_S, label, group, 0.8, energy)


def form() -> Structure:
    sections = (
        section(0.0, 16.0, Label.INTRO, "A", 20),
        section(16.0, 48.0, Label.VERSE, "B", 50),
        section(48.0, 80.0, Label.CHORUS, "C", 90),
        section(80.0, 96.0, Label.VERSE, "B", 50),
        section(96.0, 112.0, Label.CHORUS, "C", 90),
        section(112.0, 120.0, Label.OUTRO, "D", 15),
    )
    energy = np.concatenate([np.full(round(2 * (each.end_s - each.start_s)), each.energy) for each in sections])
    return Structure(sections, energy.astype(np.int64))


def test_clips_begin_and_end_on_bar_lines_and_are_no_longer_than_asked() -> None:
    found = clips(form(), duration_s=120.0, downbeats_s=DOWNBEATS)

    assert [clip.length_s for clip in found] == [15, 30, 60]
    for clip in found:
        assert clip.start_s in DOWNBEATS
        assert clip.end_s in DOWNBEATS
        assert clip.length_s - BAR_S <= clip.end_s - clip.start_s <= clip.length_s
        assert clip.start_bar == round(clip.start_s / BAR_S) + 1


def test_the_best_clip_is_the_chorus_and_says_so() -> None:
    clip = clips(form(), duration_s=120.0, downbeats_s=DOWNBEATS)[1]

    assert clip.start_s == 48.0
    assert "chorus" in clip.reason
    assert "energy" in clip.reason
    assert clip.reason.endswith(".")


def test_a_clip_that_is_sung_is_preferred() -> None:
    flat = Structure((), np.full(240, 50, dtype=np.int64))
    voice = np.array([(at_s, 0.9 if 60.0 <= at_s < 90.0 else 0.0) for at_s in np.arange(0.0, 120.0, 3.0)])

    clip = clips(flat, duration_s=120.0, downbeats_s=DOWNBEATS, voice=voice)[1]
    assert clip.start_s == pytest.approx(60.0, abs=BAR_S)
    assert "sung" in clip.reason


def test_there_are_no_clips_that_are_longer_than_the_song() -> None:
    short = Structure((), np.full(80, 50, dtype=np.int64))

    assert [clip.length_s for clip in clips(short, duration_s=40.0, downbeats_s=DOWNBEATS[:20])] == [15, 30]
    assert clips(Structure((), np.zeros(10, dtype=np.int64)), duration_s=5.0, downbeats_s=np.zeros(0)) == ()


@given(
    duration_s=st.floats(15.0, 300.0),
    first_s=st.floats(0.0, 5.0),
    bar_s=st.floats(0.8, 6.0),
    energies=st.integers(0, 9),
)
def test_clips_lie_within_the_song(duration_s: float, first_s: float, bar_s: float, energies: int) -> None:
    energy = np.random.default_rng(energies).integers(0, 101, int(2 * duration_s) + 1)
    lines = np.arange(first_s, duration_s, bar_s)

    for clip in clips(Structure((), energy), duration_s=duration_s, downbeats_s=lines):
        assert 0.0 <= clip.start_s < clip.end_s <= duration_s + 1e-6
        assert clip.end_s - clip.start_s <= clip.length_s + 1e-6


def test_without_bars_clips_have_no_bar() -> None:
    found = clips(form(), duration_s=120.0, downbeats_s=np.zeros(0))

    assert [clip.start_bar for clip in found] == [None, None, None]
    assert all(clip.end_s - clip.start_s == clip.length_s for clip in found)


def test_captions_are_in_two_languages_for_each_network_and_the_same_each_time() -> None:
    written = captions(WHOLE, hashtags(WHOLE))

    assert set(written) == set(NETWORKS)
    assert written == captions(WHOLE, hashtags(WHOLE))
    for each in written.values():
        assert set(each) == {"en", "ko"}
        assert "Night Drive" in each["en"]
        assert re.search("[가-힣]", each["ko"])
    assert "124 BPM" in written["instagram"]["en"]
    assert "F# minor (11A)" in written["spotify"]["en"]
    assert "F# 단조 (11A)" in written["spotify"]["ko"]


def test_captions_claim_nothing_that_was_not_found() -> None:
    for text in [text for each in captions(Facts(title="Untold"), ()).values() for text in each.values()]:
        for claim in ("BPM", "minor", "major", "instrumental", "연주곡", "단조", "장조", "House", "energetic", "with"):
            assert claim not in text


def test_different_songs_are_told_of_in_different_words() -> None:
    openings = {captions(Facts(title=f"Song {n}"), ())["x"]["en"].replace(f"Song {n}", "") for n in range(40)}

    assert len(openings) == 4


@given(title=LATIN, moods=st.lists(st.sampled_from(["calm", "happy", "intense"]), max_size=3, unique=True))
def test_captions_fit_their_networks(title: str, moods: list[str]) -> None:
    facts = Facts(title=title, genre="R&B and Soul", bpm=98.0, key="Bb major", camelot="6B", moods=tuple(moods))
    for name, each in captions(facts, hashtags(facts)).items():
        for text in each.values():
            assert 0 < len(text) <= NETWORKS[name].most_characters
            assert text.count("#") - title.count("#") <= NETWORKS[name].hashtags


@given(ANYTHING)
def test_any_title_can_be_told_of_on_x(title: str) -> None:
    text = captions(Facts(title=title, genre="Pop"), ("#pop",))["x"]["ko"]

    assert sum(1 if ord(letter) < 0x1100 else 2 for letter in text) <= 280


@given(genre=ANYTHING, mood=ANYTHING)
def test_hashtags_have_letters_digits_and_nothing_else(genre: str, mood: str) -> None:
    found = hashtags(Facts(genre=genre, moods=(mood,), bpm=120.0, key="Eb minor"))

    assert len(found) <= MOST
    assert len({tag.lower() for tag in found}) == len(found)
    for tag in found:
        assert re.fullmatch(r"#[0-9A-Za-z_]*[A-Za-z][0-9A-Za-z_]*", tag)


def test_hashtags_spell_keys_in_letters() -> None:
    assert {"#FSharpMinor", "#124bpm", "#House", "#instrumental"} <= set(hashtags(WHOLE))
    assert "#EFlatMajor" in hashtags(Facts(key="Eb major"))
    assert hashtags(Facts()) == ("#newmusic",)
    assert "#RnBAndSoul" in hashtags(Facts(genre="R&B and Soul"))


def test_the_kit_is_published_whole() -> None:
    told = release_kit(WHOLE, form(), duration_s=120.0, downbeats_s=DOWNBEATS, pictures={"waveform": "w.png"}).as_dict()

    assert set(told) == {"clips", "captions", "hashtags", "pictures"}
    assert told["pictures"] == {"waveform": "w.png"}
    assert told["clips"][0]["length_s"] == 15


def test_pictures_are_the_same_bytes_for_the_same_song(tmp_path: Path) -> None:
    sound = as_sound(song(5.0))
    meters, seen = loudness(sound), bands(sound.mono)
    for name in ("one", "two"):
        draw_waveform(tmp_path / f"{name}.wave.png", meters)
        draw_spectrogram(tmp_path / f"{name}.spectrum.png", seen)

    for kind, size in (("wave", WAVEFORM_SIZE), ("spectrum", SPECTROGRAM_SIZE)):
        assert (tmp_path / f"one.{kind}.png").read_bytes() == (tmp_path / f"two.{kind}.png").read_bytes()
        assert pixels(tmp_path / f"one.{kind}.png").shape == size[::-1]


def test_the_waveform_is_high_where_the_song_is_loud(tmp_path: Path) -> None:
    samples = np.concatenate((0.05 * song(3.0), song(3.0)))
    draw_waveform(tmp_path / "wave.png", loudness(as_sound(samples)))
    dark = pixels(tmp_path / "wave.png") < 250

    assert dark[:, 900:1500].sum() > 5 * dark[:, 100:700].sum()


def test_a_tone_is_a_line_at_its_frequency() -> None:
    seconds = np.arange(3 * 22_050) / 22_050
    found = spectrogram(bands((0.5 * np.sin(2.0 * np.pi * 1000.0 * seconds)).astype(np.float32)), 60, 400)
    row = int(np.argmax(found[:, 30]))

    assert 40.0 * (11_000.0 / 40.0) ** ((399 - row) / 399.0) == pytest.approx(1000.0, rel=0.05)


def test_what_is_no_longer_than_a_moment_can_be_drawn(tmp_path: Path) -> None:
    sound = as_sound(np.zeros(10))
    draw_waveform(tmp_path / "wave.png", loudness(sound))
    draw_spectrogram(tmp_path / "spectrum.png", bands(sound.mono))

    assert pixels(tmp_path / "wave.png").shape == WAVEFORM_SIZE[::-1]
