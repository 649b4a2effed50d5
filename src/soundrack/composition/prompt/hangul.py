"""Hangul: terms at the beginning of words, with the particles and endings that Korean adds to them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from unicodedata import normalize

from soundrack.composition.prompt.vocabulary import Term, grammar
from soundrack.composition.prompt.vocabulary.letters import decomposed

_FIRST_VOWEL, _FIRST_FINAL = "\u1161", "\u11a8"
_CASES = frozenset(
    decomposed(each)
    for each in ("은", "는", "이", "가", "을", "를", "의", "에", "에서", "와", "과", "도", "로", "으로", "처럼", "만")
)
"""All that may follow a term of one syllable: with more, too many words would begin with one."""
_INFLECTED = frozenset({"moods", "tempo", "production", "scenes", "form"})
"""Subjects whose Korean terms may be stems of verbs and adjectives."""
_STEMS = frozenset({"moods", "production"})
"""Subjects of which that is so of terms of one syllable too: "밝은", "깊고"."""
_LONGEST_TAIL, _LONGEST_GAP = 18, 8


@dataclass(frozen=True)
class Match:
    """A term found: from which to which syllable of the words together, and the letters that follow it in its word."""

    term: Term
    start: int
    end: int
    tail: str


class Words:
    """Hangul words that stand beside each other, in which terms are looked for.

    Parameters
    ----------
    words : sequence of str
        Composed Hangul, without anything else.
    forms : mapping of str to Term
        By their letters, decomposed, without spaces.
    longest : mapping of str to int
        Letters of the longest form that begins with two letters.
    """

    def __init__(self, words: Sequence[str], forms: Mapping[str, Term], longest: Mapping[str, int]) -> None:
        self._forms, self._longest = forms, longest
        by_syllable = [normalize("NFD", syllable) for syllable in "".join(words)]
        self._letters = "".join(by_syllable)
        self._syllable_of = [place for place, letters in enumerate(by_syllable) for _ in letters]
        self._first_letters = [0, *accumulate(len(letters) for letters in by_syllable)]
        self._ends = [self._first_letters[syllables] for syllables in accumulate(len(word) for word in words)]
        self._starts = [0, *self._ends[:-1]]

    def at(self, word: int, skipped: int = 0) -> list[Match]:
        """Return the term, or the terms of a compound, that a word begins with and consists of; else nothing.

        The first `skipped` syllables of the word are passed over. A term may go on in the words after it.
        """
        return self._found(self._first_letters[self._syllable_of[self._starts[word]] + skipped])

    def words_until(self, matches: Sequence[Match]) -> int:
        """Return the number of the word after the one in which matches end."""
        return bisect_right(self._ends, self._first_letters[matches[-1].end - 1]) + 1

    def _found(self, start: int) -> list[Match]:
        longest = self._longest.get(self._letters[start : start + 2], 0)
        for end in range(min(start + longest, len(self._letters)), start, -1):
            term = self._forms.get(self._letters[start:end])
            if term is None:
                continue
            syllables = self._syllable_of[end - 1] - self._syllable_of[start] + 1
            word_end = self._ends[bisect_left(self._ends, end)]
            stem = syllables == 1 and term.subject in _STEMS
            inflected = stem or (term.subject in _INFLECTED and syllables > 1)
            tail = self._letters[end:word_end]
            if not tail or (tail in _CASES if syllables == 1 and not stem else _is_ending(tail, inflected)):
                return [self._match(term, start, end, tail)]
            if syllables > 1:
                for second in self._seconds(end, word_end, inflected):
                    return [self._match(term, start, end, ""), *second]
        return []

    def _seconds(self, end: int, word_end: int, inflected: bool) -> list[list[Match]]:
        """Return what a second term makes of the rest of a word, with at most one ending between."""
        for start in range(end, min(word_end, end + _LONGEST_GAP)):
            begins_syllable = self._letters[start] < _FIRST_VOWEL
            if begins_syllable and (start == end or _is_ending(self._letters[end:start], inflected)):
                found = self._found(start)
                if found and found[0].end - found[0].start > 1:
                    return [found]
        return []

    def _match(self, term: Term, start: int, end: int, tail: str) -> Match:
        return Match(term, self._syllable_of[start], self._syllable_of[end - 1] + 1, tail)


@lru_cache(maxsize=4096)
def _is_ending(tail: str, inflected: bool) -> bool:
    """Return whether letters are particles, or of a stem an ending and particles, one after another."""
    if len(tail) > _LONGEST_TAIL or (tail[0] >= _FIRST_FINAL and not inflected):
        return False
    words = grammar()
    allowed = words.particles | words.verbal if inflected else words.particles
    return any(
        tail[:length] in allowed and (length == len(tail) or _is_ending(tail[length:], False))
        for length in range(len(tail), 0, -1)
    )
