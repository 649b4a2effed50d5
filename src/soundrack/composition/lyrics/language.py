"""Which script letters are of, and which language words in Latin letters."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from soundrack.composition.lyrics.kana import is_kana
from soundrack.composition.lyrics.korean.jamo import is_block


class Script(Enum):
    """How letters are read."""

    LATIN = "latin"
    DIGITS = "digits"
    HANGUL = "hangul"
    KANA = "kana"
    HAN = "han"
    OTHER = "other"


_FILE = Path(__file__).with_name("languages.toml")
_LEAST = 2


def script(character: str) -> Script | None:
    """Return the script of a character, None of what is no letter, digit or mark on one."""
    if character.isascii():
        return Script.LATIN if character.isalpha() else Script.DIGITS if character.isdigit() else None
    if is_block(character):
        return Script.HANGUL
    if is_kana(character):
        return Script.KANA
    # letters of Hangul alone are laughter and faces in lyrics ("ㅋㅋ", "ㅠㅠ")
    name = unicodedata.name(character, "").split(" ")[0]
    if unicodedata.category(character)[0] != "L" or name == "HANGUL":
        return None
    return {"LATIN": Script.LATIN, "FULLWIDTH": Script.LATIN, "CJK": Script.HAN}.get(name, Script.OTHER)


def latin_language(words: Sequence[str]) -> str:
    """Return the language of words in Latin letters: ``en``, ``es``, ``fr``, ``de`` or ``it``.

    That of which there are most different small words and letters, if at least two and more than English; else ``en``.
    """
    told = _told()
    small = {word.casefold() for word in words}
    counts = {language: sum(word in listed for word in small) for language, listed in told["words"].items()}
    for language, letters in told["letters"].items():
        counts[language] += sum(not letters.isdisjoint(word) for word in small)
    best = max((language for language in counts if language != "en"), key=lambda language: counts[language])
    return best if counts[best] >= _LEAST and counts[best] > counts["en"] else "en"


def is_weak(word: str, language: str) -> bool:
    """Return whether a word of one syllable of ``es``, ``fr``, ``de`` or ``it`` is one that has no stress."""
    return word.casefold() in _told()["weak"][language]


@cache
def _told() -> dict[str, dict[str, frozenset[str]]]:
    with _FILE.open("rb") as file:
        told: dict[str, dict[str, Any]] = tomllib.load(file)
    return {kind: {language: frozenset(listed) for language, listed in table.items()} for kind, table in told.items()}
