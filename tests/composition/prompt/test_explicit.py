"""What is said in numbers and names of notes is read as such, and wins over every word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.prompt import Tempo, read
from soundrack.composition.prompt.vocabulary import terms
from soundrack.composition.theory import Key, Metre, Mode

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
ANY_TERMS = st.lists(st.sampled_from([form for term in terms() for form in (*term.en, *term.ko)]), max_size=6)


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("120 bpm", 120.0),
        ("house 120bpm dark", 120.0),
        ("♩=96", 96.0),
        ("♩ = 132.5", 132.5),
        ("♪=180", 90.0),
        ("tempo: 84", 84.0),
        ("BPM 174", 174.0),
        ("at a tempo of 90, please", 90.0),
        ("128 beats per minute", 128.0),
        ("템포 100", 100.0),
        ("120비피엠", 120.0),
        ("140bpm의 트랩", 140.0),
        ("300 bpm", 150.0),
        ("25 bpm", 50.0),
    ],
)
def test_tempi(text: str, bpm: float):
    assert read(text).tempo == Tempo(bpm, bpm, exact=True)


def test_a_range_of_tempi_is_a_range():
    assert read("90-95 bpm").tempo == Tempo(90.0, 95.0, exact=True)
    assert read("between 100 to 110 BPM").tempo == Tempo(100.0, 110.0, exact=True)


@pytest.mark.parametrize("text", ["0 bpm", "9999999 bpm", "bpm", "5 bpm", "tempo", "128 kbps", "44100 Hz"])
def test_numbers_that_are_no_tempo_are_none(text: str):
    assert read(text).tempo is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C minor", "C minor"),
        ("Cm", "C minor"),
        ("dark techno Gm", "G minor"),
        ("in F# major", "F# major"),
        ("F sharp minor", "F# minor"),
        ("B-flat major", "Bb major"),
        ("Bbm", "Bb minor"),
        ("C#m 120 bpm", "C# minor"),
        ("E♭ minor", "Eb minor"),
        ("Am", "A minor"),
        ("sad song in Am, slow", "A minor"),
        ("A minor deep house", "A minor"),
        ("key of D", "D major"),
        ("in A", "A major"),
        ("sad, minor, in D", "D minor"),
        ("D dorian", "D minor"),
        ("a-moll", "A minor"),
        ("C-Dur", "C major"),
        ("다단조", "C minor"),
        ("다장조로 만든 왈츠", "C major"),
        ("올림바단조", "F# minor"),
        ("내림마장조", "Eb major"),
        ("가단조", "A minor"),
        ("C 마이너", "C minor"),
        ("F# 메이저", "F# major"),
    ],
)
def test_keys(text: str, key: str):
    assert read(text).key == Key.parse(key)


@pytest.mark.parametrize(
    "text",
    [
        "I am happy",
        "in a dark forest",
        "a major key",
        "in a minor key",
        "FM synth",
        "2 cm of rain",
        "at 3 am",
        "be major",
        "drama minor",
        "사장조차",
        "가장조용한",
        "가장 조용한",
        "a minor chord",
    ],
)
def test_words_that_look_like_keys_are_none(text: str):
    assert read(text).key is None


@pytest.mark.parametrize(
    ("text", "metre"),
    [
        ("3/4", "3/4"),
        ("slow ballad in 6/8", "6/8"),
        ("7/8 time", "7/8"),
        ("waltz", "3/4"),
        ("4분의 3박자", "3/4"),
        ("8분의 6박자 발라드", "6/8"),
        ("3박자", "3/4"),
        ("in five four", "5/4"),
        ("24/7 energy", None),
        ("1/1", None),
        ("99/8", None),
    ],
)
def test_metres(text: str, metre: str | None):
    assert read(text).metre == (None if metre is None else Metre.parse(metre))


@pytest.mark.parametrize(
    ("text", "era"),
    [
        ("80s pop", 1980),
        ("80's", 1980),
        ("the '90s", 1990),
        ("1985", 1980),
        ("music of the 1920s", 1920),
        ("the 20s", 1920),
        ("2000s", 2000),
        ("00s", 2000),
        ("80년대", 1980),
        ("2010년대 감성", 2010),
        ("1800s", None),
        ("60s loop", None),
    ],
)
def test_decades(text: str, era: int | None):
    assert read(text).era == era


@pytest.mark.parametrize(
    ("text", "length_s"),
    [
        ("30 seconds", 30.0),
        ("30s", 30.0),
        ("a 15-second sting", 15.0),
        ("2 minutes", 120.0),
        ("1 minute 30 seconds", 90.0),
        ("1:30", 90.0),
        ("1분 30초", 90.0),
        ("30초짜리", 30.0),
        ("5000 seconds", None),
        ("60s loop", 60.0),
    ],
)
def test_lengths(text: str, length_s: float | None):
    assert read(text).length_s == length_s


def test_bars_and_loops():
    wishes = read("4 bar drum loop, 174 bpm")

    assert (wishes.bars, read("8마디 루프").bars) == (4, 8)
    assert read("seamless loop").loopable is True
    assert read("no loop").loopable is False


def test_of_two_values_the_first_counts_and_the_second_is_told_as_overruled():
    wishes = read("120 bpm, C minor, 3/4, 90 bpm, D major, 6/8")

    assert (wishes.tempo, wishes.key, wishes.metre) == (
        Tempo(120.0, 120.0, exact=True),
        Key(0, Mode.MINOR),
        Metre(3, 4),
    )
    assert [each.overruled for each in wishes.understood] == [False] * 3 + [True] * 3


@given(before=ANY_TERMS, after=ANY_TERMS, bpm=st.integers(40, 220))
def test_a_tempo_always_wins(before: list[str], after: list[str], bpm: int):
    text = ", ".join([*before, f"{bpm} bpm", *after])

    assert read(text).tempo == Tempo(float(bpm), float(bpm), exact=True)


@given(before=ANY_TERMS, after=ANY_TERMS, tonic=st.integers(0, 11), mode=st.sampled_from(Mode))
def test_a_key_always_wins(before: list[str], after: list[str], tonic: int, mode: Mode):
    wishes = read(", ".join([*before, f"{NAMES[tonic]} {mode}", *after]))

    assert (wishes.key, wishes.mode) == (Key(tonic, mode), mode)


@given(before=ANY_TERMS, after=ANY_TERMS, metre=st.sampled_from(["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "12/8"]))
def test_a_metre_always_wins(before: list[str], after: list[str], metre: str):
    assert read(", ".join([*before, metre, *after])).metre == Metre.parse(metre)
