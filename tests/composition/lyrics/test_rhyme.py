"""Rhymes and schemes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.lyrics import Word, read, rhymes, scheme


def word(text: str) -> Word:
    return read(text).sections[0].lines[0].words[0]


@pytest.mark.parametrize(
    ("a", "b", "strength"),
    [
        ("river", "shiver", 1.0),
        ("night", "light", 1.0),
        ("believe", "leave", 1.0),
        ("fire", "desire", 1.0),
        ("love", "above", 1.0),
        ("time", "line", 0.5),
        ("singing", "morning", 0.5),
        ("love", "move", 0.0),
        ("river", "night", 0.0),
        ("사랑", "바람", 0.5),
        ("사랑", "하늘", 0.0),
        ("사랑", "희망", 1.0),
        ("하늘", "오늘", 1.0),
        ("꽃", "옷", 1.0),
    ],
)
def test_how_well_words_rhyme(a: str, b: str, strength: float):
    assert rhymes(word(a), word(b)) == strength
    assert rhymes(word(b), word(a)) == strength


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("the night\nthe day\nthe light\naway", "ABAB"),
        ("the night\nthe light\nthe day\naway", "AABB"),
        ("one river\none mountain\none window\none shiver", "ABCA"),
        ("night", "A"),
    ],
)
def test_schemes(text: str, letters: str):
    assert scheme(read(text).sections[0]) == letters


def test_a_section_without_lines_has_no_scheme():
    assert scheme(read("[Intro]").sections[0]) == ""


@given(st.lists(st.sampled_from(["night", "river", "time", "사랑", "夜", "la"]), min_size=1, max_size=70))
def test_a_scheme_has_a_letter_for_each_line(ends: list[str]):
    lyrics = read("[Verse]\n" + "\n".join(f"oh {end}" for end in ends))

    assert len(scheme(lyrics.sections[0])) == len(ends)
