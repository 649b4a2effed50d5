"""Lyrics as sections and lines, with whatever people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.lyrics import Lyrics, phrase_lengths, read
from soundrack.composition.lyrics.sounds import NUCLEI, SOUNDS
from soundrack.composition.plan import Label

SONG = """[Intro]
[Verse 1]
Morning comes over the open river
Walking slow, I begin to shiver

[Pre-Chorus]
Hold on

[CHORUS x2]
We are the light

[Guitar Solo]
[Outro: fade]
"""


def words(line: str) -> list[str]:
    return [word.text for section in read(line).sections for each in section.lines for word in each.words]


def test_markers_make_sections_and_other_lines_are_sung():
    lyrics = read(SONG)

    assert [section.label for section in lyrics.sections] == [
        *(Label.INTRO, Label.VERSE, Label.PRE_CHORUS, Label.CHORUS, Label.INSTRUMENTAL, Label.OUTRO),
    ]
    assert [section.name for section in lyrics.sections][1:4] == ["Verse 1", "Pre-Chorus", "CHORUS x2"]
    assert phrase_lengths(lyrics.sections[1].lines) == (10, 9)
    assert not lyrics.is_instrumental


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("[verse]", Label.VERSE),
        ("[VERSE 2: softly]", Label.VERSE),
        ("  [ Bridge ]  ", Label.BRIDGE),
        ("[Hook]", Label.CHORUS),
        ("[Final Chorus]", Label.CHORUS),
        ("[Drop]", Label.DROP),
        ("[Build-Up]", Label.BUILD),
        ("[Break]", Label.BREAK),
        ("[Instrumental]", Label.INSTRUMENTAL),
        ("[후렴]", Label.CHORUS),
        ("[후렴 2]", Label.CHORUS),
        ("[1절]", Label.VERSE),
        ("[브릿지]", Label.BRIDGE),
        ("[간주]", Label.INSTRUMENTAL),
        ("[인트로]", Label.INTRO),
        ("[프리코러스]", Label.PRE_CHORUS),
        ("【サビ】", Label.CHORUS),
        ("[Something Else]", None),
        ("[Inverse]", None),
    ],
)
def test_markers(line: str, label: Label | None):
    (section,) = read(line).sections

    assert (section.label, section.lines) == (label, ())


def test_lines_before_a_marker_are_a_verse_and_words_behind_one_are_sung():
    lyrics = read("one line\n\nand another\n[Chorus] here we go\n[softly] not a marker")

    assert [section.label for section in lyrics.sections] == [Label.VERSE, Label.CHORUS]
    assert [len(section.lines) for section in lyrics.sections] == [2, 2]
    assert [word.text for word in lyrics.sections[1].lines[1].words] == ["not", "a", "marker"]


def test_without_markers_stanzas_are_verses_and_what_comes_again_is_the_chorus():
    lyrics = read("Here I go\n\nSing with me\n\nThere I go\n\nsing with me!")

    assert [section.label for section in lyrics.sections] == [Label.VERSE, Label.CHORUS, Label.VERSE, Label.CHORUS]


def test_markers_only_are_an_instrumental_form():
    lyrics = read("[Intro]\n[Verse]\n[Chorus]")

    assert lyrics.is_instrumental
    assert [section.label for section in lyrics.sections] == [Label.INTRO, Label.VERSE, Label.CHORUS]


@pytest.mark.parametrize("text", ["", " \n ", "🎉🎉\n✨", "\u200b\u200d\n\ufeff", "...!?", "ㅋㅋㅋ ㅠㅠ", "***\n---"])
def test_nothing_to_sing_is_no_section(text: str):
    assert read(text) == Lyrics(())


def test_punctuation_and_what_is_not_seen_belong_to_no_word():
    assert words('"Hello," she said -- (ooh) yeah!!') == ["Hello", "she", "said", "ooh", "yeah"]
    assert words("hel\u200blo wor\u00adld \u202eabc") == ["hello", "world", "abc"]
    assert words("'til the mornin' don't") == ["'til", "the", "mornin'", "don't"]
    assert words("love🎉 you ❤️") == ["love", "you"]


def test_the_before_a_vowel():
    first, second = (read(f"the {word}").sections[0].lines[0].words[0] for word in ("open", "river"))

    assert (first.syllables[0].sounds, second.syllables[0].sounds) == (("ð", "i"), ("ð", "ə"))


def test_languages_may_be_mixed_in_a_line():
    (line,) = read("I love 너를 24/7 다시 3번").sections[0].lines

    assert [word.text for word in line.words] == ["I", "love", "너를", "24/7", "다시", "3번"]
    assert [syllable.text for syllable in line.words[-1].syllables] == ["삼", "번"]


def test_three_thousand_characters_without_a_space_are_one_line():
    assert len(read("a" * 3000).sections[0].lines) == 1
    assert len(read("가" * 3000).sections[0].lines[0].syllables) == 3000
    assert read("x" * 3000).sections[0].lines[0].syllables


def test_right_to_left_lines_keep_their_words_in_order():
    assert words("שלום עולם") == ["שלום", "עולם"]


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str):
    for section in read(text).sections:
        for line in section.lines:
            assert line.words
            for syllable in line.syllables:
                assert sum(sound in NUCLEI for sound in syllable.sounds) == 1
                assert set(syllable.sounds) <= SOUNDS
                assert syllable.stress in {0, 1, 2}


@given(st.text(alphabet="[]VersChou 가나\n'-12$é夜あ", max_size=200))
def test_brackets_and_scripts_in_any_order_can_be_read(text: str):
    assert read(text) == read(text)
