"""What a prompt says of noises: its words that are not of music alone, in their simple form."""

from __future__ import annotations

from soundrack.composition.prompt.items import Item, Sort
from soundrack.composition.prompt.vocabulary import Grammar, grammar

_IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "mice": "mouse",
    "geese": "goose",
    "teeth": "tooth",
    "knives": "knife",
    "leaves": "leaf",
    "wolves": "wolf",
    "glasses": "glass",
    "broken": "break",
    "shattered": "shatter",
    "shut": "shut",
    "ran": "run",
    "flew": "fly",
    "blown": "blow",
    "torn": "tear",
    "hitting": "hit",
    "morning": "morning",
    "evening": "evening",
    "lightning": "lightning",
    "ceiling": "ceiling",
    "building": "building",
    "spring": "spring",
    "string": "string",
    "king": "king",
    "ring": "ring",
    "wing": "wing",
    "ping": "ping",
    "ding": "ding",
    "swing": "swing",
    "thing": "thing",
    "gas": "gas",
    "bus": "bus",
    "glass": "glass",
    "grass": "grass",
    "always": "always",
    "lens": "lens",
    "dying": "die",
    "seed": "seed",
    "speed": "speed",
    "bed": "bed",
    "red": "red",
    "feed": "feed",
    "sled": "sled",
    "shed": "shed",
}
_NOISY = frozenset({"scenes", "noises"})
_DOUBLED = frozenset("bdgmnprt")
_VOWELS = frozenset("aeiouy")
_ALWAYS_E = ("dg", "rg", "nc", "rc", "rv", "lv", "bl", "dl", "gl", "kl", "pl", "fl", "tl", "zl")
_LONGER_E = ("od", "ad", "id", "at", "iz", "ag", "ak", "os", "us", "uc", "ic", "ov", "av", "iv", "ur")
"""Ends of stems to which a final e belongs: always, and in words of several syllables."""
_KOREAN_ENDINGS = (
    "에서",
    "으로",
    "에게",
    "하는",
    "하며",
    "하고",
    "은",
    "는",
    "을",
    "를",
    "이",
    "가",
    "의",
    "에",
    "와",
    "과",
    "도",
    "로",
    "고",
    "며",
)


def simple(word: str) -> str:
    """Return an English noun or verb in its simple form, by rule: ``slamming`` is ``slam``, ``doors`` is ``door``.

    Words that the rules get wrong stay understandable; recipes list what they answer to in this form.
    """
    if word in _IRREGULAR or len(word) < 4:
        return _IRREGULAR.get(word, word)
    for ending in ("ing", "ed"):
        if len(word) > 4 and word.endswith(ending) and _VOWELS & set(word[: -len(ending)]):
            return _stem(word[: -len(ending)])
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses", "zzes", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _stem(stem: str) -> str:
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] in _DOUBLED:
        return stem[:-1]
    vowels = sum(letter in _VOWELS for letter in stem)
    short = vowels == 1 and len(stem) > 2 and stem[-2] in _VOWELS and stem[-1] not in "wxy"
    longer = vowels > 1 and stem[-3:-2] not in _VOWELS and stem.endswith(_LONGER_E)
    return stem + "e" if short or longer or stem.endswith(_ALWAYS_E) else stem


def simple_korean(word: str) -> str:
    """Return a Korean word without the particle or ending that it has."""
    for ending in _KOREAN_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)]
    return word


def sounds(row: list[Item]) -> tuple[str, ...]:
    """Return the words of a prompt that may be noises, each once: nothing that is denied, nothing of music alone.

    Noises of the vocabulary come with their names before their words, Korean terms with their English names alone;
    words are in their simple forms.
    """
    words = grammar()
    found: dict[str, None] = {}
    for item in row:
        if item.denied or item.sort not in (Sort.WORD, Sort.TERM):
            continue
        if item.sort is Sort.WORD and not _says(item, words):
            continue
        term = item.term
        if term is not None and term.subject not in _NOISY and not term.sound:
            continue
        if term is not None and (item.korean or term.subject == "noises"):
            found[term.name] = None
        if item.korean and term is None:
            found[simple_korean(item.text)] = None
        elif not item.korean:
            found.update(dict.fromkeys(simple(word) for word in item.text.split() if word not in words.small))
    return tuple(found)


def _says(item: Item, words: Grammar) -> bool:
    """Return whether a word says anything: it is no small word, and no number."""
    if item.korean:
        return item.text not in words.small_ko and simple_korean(item.text) not in words.stop_ko
    return item.text not in words.small and not item.text.isdigit()


def ignored(row: list[Item]) -> tuple[str, ...]:
    """Return the words that mean nothing to music, each once."""
    words = grammar()
    found = {item.text: None for item in row if item.sort is Sort.WORD and (_says(item, words) or item.text.isdigit())}
    return tuple(found)
