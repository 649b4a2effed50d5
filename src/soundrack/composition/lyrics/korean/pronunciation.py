"""How Korean is said: 표준 발음법 (Standard Pronunciation, Ministry of Culture, Sports and Tourism), by article.

What depends on where a word comes from or how it was made (articles 15, 20, 26, 28, 29, partly 24 and 27) cannot be
told from its letters; ``exceptions.toml`` lists the standard's own examples and words that lyrics are fond of.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from soundrack.composition.lyrics.korean.jamo import Block

_EXCEPTIONS = Path(__file__).with_name("exceptions.toml")

_SPLIT = {
    **{
        "ㄳ": ("ㄱ", "ㅅ"),
        "ㄵ": ("ㄴ", "ㅈ"),
        "ㄶ": ("ㄴ", "ㅎ"),
        "ㄺ": ("ㄹ", "ㄱ"),
        "ㄻ": ("ㄹ", "ㅁ"),
        "ㄼ": ("ㄹ", "ㅂ"),
    },
    **{"ㄽ": ("ㄹ", "ㅅ"), "ㄾ": ("ㄹ", "ㅌ"), "ㄿ": ("ㄹ", "ㅍ"), "ㅀ": ("ㄹ", "ㅎ"), "ㅄ": ("ㅂ", "ㅅ")},
}
_FINALS = {
    **dict.fromkeys(("ㄱ", "ㄲ", "ㅋ", "ㄳ", "ㄺ"), "ㄱ"),
    **dict.fromkeys(("ㄷ", "ㅌ", "ㅅ", "ㅆ", "ㅈ", "ㅊ", "ㅎ"), "ㄷ"),
    **dict.fromkeys(("ㅂ", "ㅍ", "ㅄ", "ㄿ"), "ㅂ"),
    **dict.fromkeys(("ㄹ", "ㄼ", "ㄽ", "ㄾ", "ㅀ"), "ㄹ"),
    **dict.fromkeys(("ㄴ", "ㄵ", "ㄶ"), "ㄴ"),
    **dict.fromkeys(("ㅁ", "ㄻ"), "ㅁ"),
    "ㅇ": "ㅇ",
    "": "",
}
"""Articles 8 to 11: the seven finals."""
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
_NOUNS = frozenset("닭흙칡삵")
_ADJECTIVES = re.compile(r"(?:길|멀|달|둥글|힘들|가늘|서툴|거칠|모질|날카롭|까불|부풀|흔들|시들)게")


@lru_cache(maxsize=8192)
def pronounced(word: str) -> str:
    """Return how a Korean word is said, spelled in Hangul as the standard does in its brackets: 국물 is 궁물.

    Parameters
    ----------
    word : str
        Hangul blocks alone, one word with its particles. What depends on the next word is left aside: each word is said
        as if something paused after it, which in singing a note does.
    """
    blocks = [Block.of(character) for character in _respelled(word)]
    pairs = list(pairwise(blocks))
    for left, right in pairs:
        _palatalised(left, right)
        _with_h(left, right)
        _promised(word, left, right, is_last=right is (blocks[-2] if word.endswith("요") else blocks[-1]))
        _tensed(left, right)
        _linked(left, right)
    for block in blocks:
        block.coda = _FINALS[block.coda]
    for left, right in pairs:
        _nasalised(left, right)
    for block in blocks:
        _simplified(block)
    return "".join(map(str, blocks))


def _palatalised(left: Block, right: Block) -> None:
    """Article 17: ㄷ, ㅌ (ㄾ) before 이 are ㅈ, ㅊ; ㄷ before 히 and 혀 is ㅊ."""
    if right.vowel not in "ㅣㅕ":
        return
    if right.onset == "ㅇ" and right.vowel == "ㅣ" and left.coda in {"ㄷ", "ㅌ", "ㄾ"}:
        right.onset = "ㅈ" if left.coda == "ㄷ" else "ㅊ"
        left.coda = "ㄹ" if left.coda == "ㄾ" else ""
    elif right.onset == "ㅎ" and left.coda in {"ㄷ", "ㄵ"} and (right.vowel == "ㅣ" or right.coda in {"", "ㅆ"}):
        right.onset = "ㅊ"
        left.coda = "ㄴ" if left.coda == "ㄵ" else ""


def _with_h(left: Block, right: Block) -> None:
    """Article 12: ㅎ and a plain stop become an aspirate; before a vowel ㅎ is silent, before ㅅ it makes ㅆ."""
    if left.coda in {"ㅎ", "ㄶ", "ㅀ"}:
        rest = {"ㅎ": "", "ㄶ": "ㄴ", "ㅀ": "ㄹ"}[left.coda]
        if right.onset in "ㄱㄷㅈ":
            left.coda, right.onset = rest, _ASPIRATED[right.onset]
        elif right.onset == "ㅅ":
            left.coda, right.onset = rest, "ㅆ"
        elif right.onset == "ㅇ":
            left.coda = rest
        elif right.onset == "ㄴ":
            left.coda = rest or "ㄴ"
    elif right.onset == "ㅎ" and left.coda:
        before, last = _SPLIT.get(left.coda, ("", left.coda))
        stop = "ㅈ" if last == "ㅈ" else _FINALS[last]
        if stop in _ASPIRATED:
            left.coda, right.onset = before, _ASPIRATED[stop]


def _promised(word: str, left: Block, right: Block, *, is_last: bool) -> None:
    """Article 27: "-(으)ㄹ게" and "-(으)ㄹ걸" at the end of a word are said with ㄲ; "길게" is no promise."""
    if left.coda != "ㄹ" or right.onset != "ㄱ" or not is_last or _ADJECTIVES.search(word):
        return
    if (right.vowel, right.coda) in {("ㅔ", ""), ("ㅓ", "ㄹ")}:
        right.onset = "ㄲ"


def _tensed(left: Block, right: Block) -> None:
    """Articles 23 to 25: plain consonants are tense after stops, ㄵ, ㄻ, ㄼ and ㄾ; 11: ㄺ of verbs before ㄱ is ㄹ."""
    if right.onset not in _TENSE or not left.coda:
        return
    if left.coda == "ㄺ" and right.onset == "ㄱ" and str(left) not in _NOUNS:
        left.coda, right.onset = "ㄹ", "ㄲ"
    elif left.coda in {"ㄵ", "ㄻ", "ㄼ", "ㄾ"}:
        if right.onset != "ㅂ":
            right.onset = _TENSE[right.onset]
    elif _FINALS[left.coda] in _NASAL and left.coda != "ㅎ":
        right.onset = _TENSE[right.onset]


def _linked(left: Block, right: Block) -> None:
    """Articles 13 and 14: a final moves to a syllable that begins with a vowel; of two the second, ㅅ as ㅆ."""
    if right.onset != "ㅇ" or left.coda in {"", "ㅇ"}:
        return
    before, last = _SPLIT.get(left.coda, ("", left.coda))
    right.onset = "ㅆ" if before and last == "ㅅ" else last
    left.coda = before


def _nasalised(left: Block, right: Block) -> None:
    """Articles 18 to 20: stops before nasals, ㄹ after nasals and stops, ㄴ beside ㄹ."""
    if right.onset == "ㄹ" and left.coda in {"ㅁ", "ㅇ", "ㄱ", "ㅂ", "ㄷ"}:
        right.onset = "ㄴ"
    if right.onset in "ㄴㅁ" and left.coda in _NASAL:
        left.coda = _NASAL[left.coda]
    if (left.coda, right.onset) in {("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")}:
        left.coda, right.onset = "ㄹ", "ㄹ"


def _simplified(block: Block) -> None:
    """Article 5: 져, 쪄, 쳐 are 저, 쩌, 처; ㅢ after a consonant is ㅣ; ㅖ after one is ㅔ, but for 례."""
    if block.onset in "ㅈㅉㅊ" and block.vowel in "ㅑㅕㅛㅠㅖㅒ":
        block.vowel = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅖ": "ㅔ", "ㅒ": "ㅐ"}[block.vowel]
    elif block.vowel == "ㅢ" and block.onset != "ㅇ":
        block.vowel = "ㅣ"
    elif block.vowel == "ㅖ" and block.onset not in "ㅇㄹ":
        block.vowel = "ㅔ"


@cache
def _exceptions() -> tuple[re.Pattern[str], Mapping[str, str]]:
    with _EXCEPTIONS.open("rb") as file:
        listed = {word: said for table in tomllib.load(file).values() for word, said in table.items()}
    longest_first = sorted(listed, key=lambda word: (-len(word), word))
    return re.compile("|".join(longest_first)), listed


def _respelled(word: str) -> str:
    pattern, listed = _exceptions()
    return pattern.sub(lambda match: listed.get(match[0]) or listed[f"^{match[0]}"], word)
