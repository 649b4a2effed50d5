"""Hangul letter by letter, in which endings are seen that are only part of a syllable."""

from __future__ import annotations

import unicodedata

_FINALS = {"ㄴ": "\u11ab", "ㄹ": "\u11af", "ㅁ": "\u11b7", "ㅂ": "\u11b8"}


def decomposed(text: str) -> str:
    """Return a text letter by letter; a lone consonant at its beginning ends the syllable before."""
    plain = unicodedata.normalize("NFD", text)
    return _FINALS.get(plain[:1], plain[:1]) + plain[1:]
