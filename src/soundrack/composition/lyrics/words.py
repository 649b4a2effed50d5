"""A line's words, each read by the rules of its script and language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import groupby

from soundrack.composition.lyrics import english, kana, korean, latin
from soundrack.composition.lyrics.language import Script, is_weak, script
from soundrack.composition.lyrics.lyrics import Syllable, Word
from soundrack.composition.lyrics.sounds import NEUTRAL, NUCLEI

_MOST_LETTERS_OF_GROUP = 3


@dataclass(frozen=True)
class Reader:
    """Reads words: `latin` is the language of those in Latin letters, `digits` whether numbers are read in Korean."""

    latin: str
    korean_digits: bool

    def words(self, line: str) -> tuple[Word, ...]:
        """Return the words of a line, in order; none if there is nothing to sing in it."""
        found = [word for token in tokens(line) for word in self._words(token)]
        return tuple(_the(word, after) for word, after in zip(found, [*found[1:], None], strict=False))

    def _words(self, token: str) -> list[Word]:
        runs = _runs(token)
        if not any(kind is not None for kind, _ in runs):
            return []
        if {kind for kind, _ in runs} <= {Script.LATIN, Script.DIGITS, None}:
            return [Word(token, self._latin(token))]
        words: list[Word] = []
        text = ""
        syllables: tuple[Syllable, ...] = ()
        for kind, run in runs:
            if kind is Script.HAN:
                words += [Word(text, syllables)] if syllables else []
                words += [Word(letter, (Syllable(letter, (NEUTRAL,), 1),)) for letter in run]
                text, syllables = "", ()
            else:
                text, syllables = text + run, syllables + self._syllables(kind, run)
        return [*words, Word(text, syllables)] if syllables else words

    def _latin(self, token: str) -> tuple[Syllable, ...]:
        has_digits = re.search("[0-9]", token) is not None
        if self.korean_digits and re.fullmatch("[0-9]+", token):
            return korean.syllables(korean.spoken(token))
        if self.latin == "en" or has_digits:
            return english.syllables(token)
        parts = [part for part in re.split(r"[^\w'’]+", token) if part]
        found = tuple(syllable for part in parts for syllable in latin.syllables(part, self.latin))
        if len(found) == 1 and is_weak(token, self.latin):
            return (replace(found[0], stress=0),)
        return found

    def _syllables(self, kind: Script | None, run: str) -> tuple[Syllable, ...]:
        letters = "".join(character for character in run if script(character) is kind)
        if kind is Script.HANGUL:
            return korean.syllables(letters)
        if kind is Script.KANA:
            return kana.syllables(letters)
        if kind is Script.LATIN:
            return self._latin(run)
        if kind is Script.DIGITS:
            return korean.syllables(korean.spoken(letters))
        return () if kind is None else _neutral(run)


def tokens(line: str) -> list[str]:
    """Return what stands between spaces in a line, without punctuation around it and characters that are not seen."""
    seen = "".join(
        c for c in unicodedata.normalize("NFC", line) if unicodedata.category(c) not in {"Cf", "Cc"} or c.isspace()
    )
    found = []
    for token in re.split(r"[\s,;:!?…。、，！？~—]+", seen):
        bare = _bare(token)
        if bare:
            found.append(bare)
    return found


def _bare(token: str) -> str:
    """Return a token without what is no letter or digit around it, but for apostrophes and signs that are said."""
    start, end = 0, len(token)
    while start < end and not _is_said(token[start]) and token[start] not in "'’$€£₩¥":
        start += 1
    while end > start and not _is_said(token[end - 1]) and token[end - 1] not in "'’%":
        end -= 1
    bare = token[start:end]
    if not any(_is_said(character) for character in bare):
        return ""
    # quotes are no apostrophes: 'til and runnin' keep theirs, 'hello' has none
    if len(bare) > 2 and bare[0] in "'’" and bare[-1] in "'’":
        return bare[1:-1]
    return bare


def _is_said(character: str) -> bool:
    return script(character) is not None


def _runs(token: str) -> list[tuple[Script | None, str]]:
    """Return a token's letters in runs of one script; marks stay with the letters that they are on."""
    kinds: list[Script | None] = []
    for character in token:
        kind = script(character)
        is_mark = (
            unicodedata.combining(character) or unicodedata.category(character)[0] == "M" or character in "'’-–.,/_"
        )
        kinds.append(kinds[-1] if kind is None and is_mark and kinds else kind)
    return [
        (kind, "".join(c for _, c in group))
        for kind, group in groupby(zip(kinds, token, strict=True), key=lambda pair: pair[0])
    ]


def _neutral(run: str) -> tuple[Syllable, ...]:
    """Return a syllable on the neutral vowel for each group of up to three letters."""
    letters: list[str] = []
    for character in run:
        if letters and unicodedata.category(character)[0] == "M":
            letters[-1] += character
        else:
            letters.append(character)
    groups = [
        "".join(letters[at : at + _MOST_LETTERS_OF_GROUP]) for at in range(0, len(letters), _MOST_LETTERS_OF_GROUP)
    ]
    return tuple(Syllable(group, (NEUTRAL,), int(place == 0)) for place, group in enumerate(groups))


def approximate(line: str) -> set[str]:
    """Return the Unicode names of the scripts in a line whose letters are sung on the neutral vowel."""
    return {
        unicodedata.name(character, "UNKNOWN").split(" ")[0]
        for character in line
        if script(character) in {Script.HAN, Script.OTHER}
    }


def _the(word: Word, after: Word | None) -> Word:
    """Say "the" as ði before a vowel."""
    if after is None or word.text.casefold() != "the" or after.syllables[0].sounds[0] not in NUCLEI:
        return word
    return Word(word.text, (replace(word.syllables[0], sounds=("ð", "i")),))
