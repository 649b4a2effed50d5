"""Spanish, French, German, Italian, kana, and scripts of which the sounds are not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.lyrics import kana, latin, read
from soundrack.composition.lyrics.sounds import NUCLEI, SOUNDS


def divided(word: str, language: str) -> str:
    return "-".join(each.text.upper() if each.stress else each.text for each in latin.syllables(word, language))


@pytest.mark.parametrize(
    ("language", "word", "truth"),
    [
        ("es", "corazón", "co-ra-ZÓN"),
        ("es", "siempre", "SIEM-pre"),
        ("es", "canción", "can-CIÓN"),
        ("es", "noche", "NO-che"),
        ("es", "guitarra", "gui-TAR-ra"),
        ("es", "quiero", "QUIE-ro"),
        ("es", "día", "DÍ-a"),
        ("it", "amore", "a-MO-re"),
        ("it", "città", "cit-TÀ"),
        ("it", "più", "PIÙ"),
        ("it", "chitarra", "chi-TAR-ra"),
        ("it", "mia", "MI-a"),
        ("de", "liebe", "LIE-be"),
        ("de", "Straße", "STRA-ße"),
        ("de", "gegangen", "ge-GANG-en"),
        ("de", "immer", "IM-mer"),
        ("fr", "chanson", "chan-SON"),
        ("fr", "étoile", "é-TOI-le"),
        ("fr", "amour", "a-MOUR"),
        ("fr", "nuit", "NUIT"),
    ],
)
def test_syllables_and_stress(language: str, word: str, truth: str):
    assert divided(word, language) == truth


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Yo te quiero más que a mi vida", "es"),
        ("Je t'aime dans la nuit, mon amour", "fr"),
        ("Ich liebe dich und du bist schön", "de"),
        ("Ti amo più della mia vita, amore", "it"),
        ("I love you more than my life", "en"),
        ("la la la", "en"),
        ("きょうは いい てんき", "ja"),
        ("사랑해 영원히", "ko"),
        ("你好世界", "und"),
    ],
)
def test_languages_are_told(line: str, language: str):
    assert read(line).language == language


def test_articles_and_their_like_have_no_stress():
    (line,) = read("Yo te quiero más que a mi vida").sections[0].lines

    assert [word.syllables[0].stress for word in line.words] == [1, 0, 1, 1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("word", "morae"),
    [
        ("きょう", ["kjO", "u"]),
        ("しゃしん", ["ʃɑ", "ʃi", "ən"]),
        ("トーキョー", ["tO", "O", "kjO", "O"]),
        ("ずっと", ["zu", "tO"]),
        ("ファン", ["fɑ", "ən"]),
    ],
)
def test_kana_are_counted_by_mora(word: str, morae: list[str]):
    assert ["".join(each.sounds) for each in kana.syllables(word)] == morae


def test_scripts_whose_sounds_are_not_known_are_sung_on_a_neutral_vowel_and_named():
    lyrics = read("Привет мир\nسلام\n你好")

    assert lyrics.approximate == ("ARABIC", "CJK", "CYRILLIC")
    assert {each.sounds for line in lyrics.sections[0].lines for each in line.syllables} == {("ə",)}
    assert [len(line.syllables) for line in lyrics.sections[0].lines] == [3, 2, 2]
    assert read("hello 사랑 きょう").approximate == ()


@given(
    st.sampled_from(latin.LANGUAGES),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzáéíóúñüäößçèêàùìòœ'-", min_size=1, max_size=24),
)
def test_letters_make_up_the_word_and_every_syllable_has_one_nucleus(language: str, word: str):
    found = latin.syllables(word, language)

    assert "".join(each.text for each in found) == word
    for each in found:
        assert sum(sound in NUCLEI for sound in each.sounds) == 1
        assert set(each.sounds) <= SOUNDS


@given(st.text(alphabet=st.characters(min_codepoint=0x3041, max_codepoint=0x30FC), min_size=1, max_size=20))
def test_any_kana_can_be_sung(word: str):
    found = kana.syllables(word)

    assert "".join(each.text for each in found) == word
    assert all(sum(sound in NUCLEI for sound in each.sounds) == 1 for each in found)
