"""English words: syllables and stress as a dictionary divides them, whatever stands in a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.lyrics.english import rules, syllables
from soundrack.composition.lyrics.english.conversion import entries, sounds
from soundrack.composition.lyrics.english.dictionary import pronunciation
from soundrack.composition.lyrics.english.numbers import cardinal, words
from soundrack.composition.lyrics.sounds import NUCLEI, SOUNDS

TRUTH = {
    # divided by hand; the syllable with the main stress in capitals
    "hello": "hel-LO",
    "morning": "MOR-ning",
    "river": "RI-ver",
    "open": "O-pen",
    "forever": "fo-RE-ver",
    "tonight": "to-NIGHT",
    "together": "to-GE-ther",
    "remember": "re-MEM-ber",
    "beautiful": "BEAU-ti-ful",
    "little": "LIT-tle",
    "apple": "AP-ple",
    "people": "PEO-ple",
    "butter": "BUT-ter",
    "happy": "HAP-py",
    "happiness": "HAP-pi-ness",
    "running": "RUN-ning",
    "walking": "WAL-king",
    "dancing": "DAN-cing",
    "listen": "LI-sten",
    "castle": "CA-stle",
    "island": "I-sland",
    "answer": "AN-swer",
    "women": "WO-men",
    "business": "BUSI-ness",
    "rhythm": "RHY-thm",
    "music": "MU-sic",
    "guitar": "gui-TAR",
    "piano": "pi-A-no",
    "tomorrow": "to-MOR-row",
    "yesterday": "YE-ster-day",
    "everything": "E-very-thing",
    "another": "a-NO-ther",
    "believe": "be-LIEVE",
    "about": "a-BOUT",
    "away": "a-WAY",
    "again": "a-GAIN",
    "never": "NE-ver",
    "over": "O-ver",
    "under": "UN-der",
    "city": "CI-ty",
    "summer": "SUM-mer",
    "winter": "WIN-ter",
    "heaven": "HEA-ven",
    "feeling": "FEE-ling",
    "window": "WIN-dow",
    "shadow": "SHA-dow",
    "golden": "GOL-den",
    "silence": "SI-lence",
    "ocean": "O-cean",
    "daughter": "DAUGH-ter",
    "wonderful": "WON-der-ful",
    "imagine": "i-MA-gine",
    "electric": "e-LEC-tric",
    "memory": "ME-mo-ry",
    "example": "ex-AM-ple",
    "emotion": "e-MO-tion",
    "generation": "ge-ne-RA-tion",
    "universe": "U-ni-verse",
    "celebrate": "CE-le-brate",
    "understand": "un-der-STAND",
    "unbelievable": "un-be-LIE-va-ble",
    "photography": "pho-TO-gra-phy",
}
TEXTS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'", min_size=1, max_size=40)


def divided(word: str) -> str:
    return "-".join(each.text.upper() if each.stress == 1 else each.text for each in syllables(word))


@pytest.mark.parametrize(("word", "truth"), TRUTH.items())
def test_syllables_and_stress_are_those_of_a_hand(word: str, truth: str):
    assert divided(word) == truth


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hello", "hə lO"),
        ("butter", "bʌ ɾəɹ"),
        ("fire", "fI əɹ"),
        ("through", "θɹu"),
        ("queue", "kju"),
        ("music", "mju zɪk"),
        ("example", "ɪɡ zæm pəl"),
        ("runnin'", "ɹʌ nɪn"),
        ("walked", "wɔkt"),
        ("wanted", "wɔn tɪd"),
        ("sooooo", "sO"),
        ("nooo", "nO"),
        ("shh", "ʃə"),
        ("hmm", "həm"),
        ("ain't", "Ant"),
        ("dreamin'", "dɹi mɪn"),
        ("moonfire", "mun fI əɹ"),
        ("café", "kə fA"),
        ("la-la-la", "lɑ lɑ lɑ"),
    ],
)
def test_sounds(word: str, said: str):
    assert " ".join("".join(each.sounds) for each in syllables(word)) == said


def test_function_words_of_one_syllable_have_no_stress_and_others_do():
    assert [syllables(word)[0].stress for word in ("the", "of", "my", "and", "I'm", "love", "night", "no")] == [
        *(0, 0, 0, 0, 0),
        *(1, 1, 1),
    ]


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("24/7", "twenty four seven"),
        ("1999", "nineteen ninety nine"),
        ("2000", "two thousand"),
        ("2024", "twenty twenty four"),
        ("1905", "nineteen oh five"),
        ("80s", "eighties"),
        ("$5", "five dollars"),
        ("100%", "one hundred percent"),
        ("3.5", "three point five"),
        ("21st", "twenty first"),
        ("3am", "three ay em"),
        ("TV", "tee vee"),
        ("U.S.A.", "you ess ay"),
        ("u", "you"),
        ("gr8", "great"),
        ("4ever", "four ever"),
        ("007", "zero zero seven"),
        ("1,000,000", "one million"),
        ("love", "love"),
        ("NASA", "NASA"),
    ],
)
def test_numbers_and_abbreviations_are_said(token: str, said: str):
    assert " ".join(words(token)) == said


@given(st.integers(0, 10**15 - 1))
def test_every_number_can_be_said(number: int):
    assert all(syllables(word) for word in cardinal(number))


@given(TEXTS)
def test_letters_make_up_the_word_and_every_syllable_has_one_nucleus(word: str):
    found = syllables(word)

    for each in found:
        assert sum(sound in NUCLEI for sound in each.sounds) == 1
        assert set(each.sounds) <= SOUNDS
    if words(word) == (word,):
        assert "".join(each.text for each in found) == word
        assert len(found) == 1 or 1 in {each.stress for each in found}


@given(TEXTS)
def test_rules_say_any_letters(word: str):
    units, stresses = rules.spoken(word)

    assert "".join(unit.letters for unit in units) == word
    assert len(stresses) == sum(sound in NUCLEI for unit in units for sound in unit.sounds)
    assert sum(stresses) == (1 if stresses else 0)


@pytest.mark.parametrize(
    ("word", "said"),
    [("blick", "blɪk"), ("shate", "ʃAt"), ("drooning", "dɹunɪŋ"), ("flation", "flAʃən"), ("knight", "nIt")],
)
def test_rules_say_words_that_nobody_listed(word: str, said: str):
    heard = "".join(sound for unit in rules.spoken(word)[0] for sound in unit.sounds)

    assert heard == said


def test_a_word_that_is_not_listed_is_none_and_every_other_is_found():
    assert pronunciation("zzyzx") is None
    assert pronunciation("") is None
    assert pronunciation("a") == "ə"
    assert pronunciation("hello") == "həlˈO"
    assert pronunciation("zwilling") is not None


def test_the_conversion_reads_both_forms_of_the_file():
    plain = "hello HH AH0 L OW1\nhello(2) HH EH0 L OW1\nbutter B AH1 T ER0 # comment\n'bout B AW1 T\n3d TH R IY1\n"
    script = (
        "  hello: 'HH AH0 L OW1',\n  'hello(2)': 'HH EH0 L OW1',\n  butter: 'B AH1 T ER0',\n  \"'bout\": 'B AW1 T',\n"
    )

    assert dict(entries(plain)) == dict(entries(script))
    assert sounds("B AH1 T ER0") == "bˈʌɾəɹ"
    assert sounds("AH0 T AE1 K") == "ətˈæk"
