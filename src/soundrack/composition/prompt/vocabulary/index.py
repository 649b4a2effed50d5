"""Every form of every term, as the reader looks it up."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from soundrack.composition.prompt.vocabulary.grammar import grammar
from soundrack.composition.prompt.vocabulary.letters import decomposed
from soundrack.composition.prompt.vocabulary.term import Term, terms


@dataclass(frozen=True)
class Index:
    """Terms by their forms.

    Parameters
    ----------
    english : mapping of str to Term
        By words with single spaces, in small letters without accents, hyphens and apostrophes; plurals, singulars and,
        of forms of two words, those written as one are among them.
    most_words : mapping of str to int
        Of the longest of them that begins with a word.
    korean : mapping of str to Term
        By letters (`letters.decomposed`), without spaces.
    most_letters : mapping of str to int
        Of the longest of them that begins with two letters.
    """

    english: Mapping[str, Term]
    most_words: Mapping[str, int]
    korean: Mapping[str, Term]
    most_letters: Mapping[str, int]


@cache
def index() -> Index:
    """Return the index."""
    english: dict[str, Term] = {}
    korean: dict[str, Term] = {}
    for term in terms():
        for form in term.en:
            english.setdefault(plain(form), term)
        for form in term.ko:
            if form.isascii():
                english.setdefault(plain(form), term)
            else:
                korean.setdefault(decomposed(form.replace(" ", "")), term)
    for form, term in list(english.items()):
        for variant in _variants(form):
            english.setdefault(variant, term)
    most_words: dict[str, int] = {}
    for form in english:
        first = form.partition(" ")[0]
        most_words[first] = max(most_words.get(first, 0), form.count(" ") + 1)
    most_letters: dict[str, int] = {}
    for form in korean:
        most_letters[form[:2]] = max(most_letters.get(form[:2], 0), len(form))
    return Index(english, most_words, korean, most_letters)


def plain(form: str) -> str:
    """Return an English form as it is looked up."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", form.lower()) if not unicodedata.combining(c))
    return " ".join(bare.replace("'", "").replace("-", " ").replace("/", " ").split())


def _variants(form: str) -> list[str]:
    """Return a form in the other number, and as one word."""
    *before, last = form.split(" ")
    found = []
    other = _singular(last) if last.endswith("s") and not last.endswith("ss") else _plural(last)
    stop = grammar().stop
    if len(last) > 3 and other.isalpha() and not (not before and other in stop):
        found.append(" ".join((*before, other)))
    if len(before) == 1 and len(form) > 5:
        found += [each.replace(" ", "") for each in (form, *found)]
    return found


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses")) else word[:-1]


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("ch", "sh", "x", "ss", "z")) else "s")
