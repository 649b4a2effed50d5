"""Hangul blocks and their letters."""

from __future__ import annotations

from dataclasses import dataclass

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_FIRST, _LAST = 0xAC00, 0xD7A3


@dataclass
class Block:
    """A block: onset (``ㅇ``: none), vowel, coda (empty: none), as single letters. Rules change it in place."""

    onset: str
    vowel: str
    coda: str

    @classmethod
    def of(cls, character: str) -> Block:
        """Take a block apart."""
        number = ord(character) - _FIRST
        return cls(ONSETS[number // 588], VOWELS[number % 588 // 28], CODAS[number % 28])

    def __str__(self) -> str:
        number = ONSETS.index(self.onset) * 588 + VOWELS.index(self.vowel) * 28 + CODAS.index(self.coda)
        return chr(_FIRST + number)


def is_block(character: str) -> bool:
    """Return whether a character is a Hangul block."""
    return _FIRST <= ord(character) <= _LAST
