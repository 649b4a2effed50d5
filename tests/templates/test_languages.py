"""Both languages say the same: one structure, every word translated, both guides alike."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from templates.source.files import files
from templates.source.words import LANGUAGES, WORDS, Words

from tests.templates.text import strings

FLOWS = {name: json.loads(text) for name, text in files().items()}
DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"en": (DOCS / "masterify-templates.md").read_text(), "ko": (DOCS / "masterify-templates-ko.md").read_text()}
HANGUL = re.compile(r"[가-힣]")
NAMES = {"Google Drive", "Airtable", "Slack"}
"""What is called the same everywhere."""
LATIN = frozenset(
    re.findall(
        r"\w+",
        "Masterify Soundrack Google Drive Slack Airtable API ID URL Bearer Auth SMTP Production MP WAV FLAC MB ZIP n "
        "base_url masterify",
    )
)
"""Words that stand in Korean as they are, besides what is quoted as code."""


@pytest.mark.parametrize("key", WORDS)
def test_a_word_is_in_both_languages_and_puts_in_the_same(key: str):
    english, korean = WORDS[key]

    assert not HANGUL.search(english)
    assert HANGUL.search(korean) or english == korean in NAMES
    assert set(re.findall(r"\{\w*\}", english)) == set(re.findall(r"\{\w*\}", korean))
    assert english.strip() == english or korean[-1] == english[-1]


@pytest.mark.parametrize("key", WORDS)
def test_korean_has_no_english_left(key: str):
    korean = re.sub(r"`[^`]*`|\{\w+\}|\b(?:app|tbl)…", "", WORDS[key][1])
    known = LATIN | {"status", "ready_to_master", "processing", "done", "failed"}

    assert set(re.findall(r"[A-Za-z_]+", korean)) <= known


@pytest.mark.parametrize("key", [key for key in WORDS if key.endswith(".steps")])
def test_the_steps_on_a_flow_are_as_many_and_quote_the_same_code(key: str):
    english, korean = WORDS[key]
    columns = {WORDS[name][language]: name for name in WORDS if "column_" in name for language in (0, 1)}

    def told(text: str) -> tuple[list[str], Counter[str]]:
        return re.findall(r"^\d\.", text, re.MULTILINE), Counter(
            columns.get(code, code) for code in re.findall(r"`([^`]+)`", text)
        )

    assert told(english) == told(korean)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steps_on_a_flow_name_nodes_and_credentials_as_they_are_named(language: str):
    say = Words(language)
    known = {say(key) for key in WORDS if not key.endswith((".note", ".steps"))}

    for key in WORDS:
        if key.endswith(".steps"):
            assert set(re.findall(r"\*\*([^*]+)\*\*", say(key))) <= known, key


def test_every_word_is_used():
    asked: set[str] = set()

    class Listening(Words):
        def __call__(self, key: str, **put_in: str) -> str:
            asked.add(key)
            return super().__call__(key, **put_in)

    from templates.source import make, n8n  # noqa: PLC0415

    n8n.flows(Listening("en"))
    make.flows(Listening("en"))

    assert asked == set(WORDS)


# The files


def side_by_side(english: Any, korean: Any, where: str = "") -> Iterator[tuple[str, object, object]]:
    """Give each pair of values. Keys may be translated (columns of a table), but not reordered."""
    if isinstance(english, dict) and isinstance(korean, dict):
        assert len(english) == len(korean), where
        for one, other in zip(english, korean, strict=True):
            yield f"{where}.key", one, other
            yield from side_by_side(english[one], korean[other], f"{where}.{one}")
    elif isinstance(english, list) and isinstance(korean, list):
        assert len(english) == len(korean), where
        for number, (one, other) in enumerate(zip(english, korean, strict=True)):
            yield from side_by_side(one, other, f"{where}[{number}]")
    else:
        yield where, english, korean


@pytest.mark.parametrize("name", [name for name in FLOWS if ".en." in name])
def test_two_languages_of_a_flow_differ_in_words_alone(name: str):
    english, korean = FLOWS[name], FLOWS[name.replace(".en.", ".ko.")]

    for where, one, other in side_by_side(english, korean):
        if one != other:
            assert isinstance(one, str), where
            assert isinstance(other, str), where
            assert translated(one, other), f"{where}: {one} | {other}"


def translated(english: str, korean: str) -> bool:
    if re.fullmatch(r"[0-9a-f-]{36}", english):
        return re.fullmatch(r"[0-9a-f-]{36}", korean) is not None
    is_said = bool(HANGUL.search(korean)) and not HANGUL.search(english)
    return is_said or re.sub(r"\ben\b", "ko", english) == korean


@pytest.mark.parametrize("name", [name for name in FLOWS if ".ko." in name])
def test_a_korean_flow_has_none_of_the_english_words(name: str):
    """Words of one word are left out: *Done* is found in what is no word for people."""
    texts = list(strings(FLOWS[name]))

    for english, korean in WORDS.values():
        if english != korean and " " in english and "{" not in english:
            assert not [text for text in texts if english in text], english


# The guides


def test_the_guides_have_the_same_outline():
    def outline(text: str) -> list[tuple[str, ...]]:
        return [
            tuple(re.findall(pattern, part, re.MULTILINE))
            for part in re.split(r"^#+ ", text, flags=re.MULTILINE)
            for pattern in (r"^- (?:\[ \])?", r"^\d\.", r"^\|", r"^```\w*")
        ]

    assert outline(GUIDES["en"]) == outline(GUIDES["ko"])


def test_the_guides_have_the_same_samples_but_for_the_language():
    samples = {language: re.findall(r"```\w+\n(.*?)```", text, re.DOTALL) for language, text in GUIDES.items()}

    assert [sample.replace("Accept-Language: en", "Accept-Language: ko") for sample in samples["en"]] == samples["ko"]
    for sample in samples["en"]:
        if sample.startswith("{"):
            json.loads(sample)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_names_nodes_as_they_are_named(language: str):
    say = Words(language)
    nodes = {say(key) for key in WORDS}
    steps = [
        paragraph for paragraph in GUIDES[language].split("\n\n") if paragraph.startswith(("**Steps.**", "**단계.**"))
    ]
    named = {name.replace("\n", " ") for text in steps for name in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)} - {
        "Steps.",
        "단계.",
    }

    assert len(steps) == 3
    assert len(named) > 10
    assert named <= nodes


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_has_every_column_of_the_table(language: str):
    for key in WORDS:
        if key.startswith("column_"):
            assert f"| `{Words(language)(key)}` |" in GUIDES[language]
