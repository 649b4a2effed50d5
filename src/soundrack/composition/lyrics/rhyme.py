"""Rhymes, and how long phrases are: what a melody goes by."""

from __future__ import annotations

from collections.abc import Sequence

from soundrack.composition.lyrics.korean.jamo import is_block
from soundrack.composition.lyrics.lyrics import LyricLine, LyricSection, Syllable, Word
from soundrack.composition.lyrics.sounds import nucleus

_KINDS = ("mnŋ", "pbtdkɡɾ", "szʃʒʧʤfvθð", "lɹ", "jw")
_NEAR = 0.5
_OPEN = ""


def rhymes(a: Word, b: Word) -> float:
    """Return how well two words rhyme.

    Returns
    -------
    float
        1: everything from the last stressed vowel on is the same ("river", "shiver"; of Korean words, the vowel and
        the final of the last syllable). 0.5: these vowels are the same and consonants of one kind follow ("time",
        "line"), or the last syllables alone rhyme ("singing", "morning"). 0: neither.

    Notes
    -----
    Words that are the same rhyme with 1: songs repeat their ends more than poems do.
    """
    one, other = _tail(a), _tail(b)
    if _flat(one) == _flat(other):
        return 1.0
    alike = len(one) == len(other) and all(map(_alike, one, other))
    last = _flat(_rime(a.syllables[-1:])) == _flat(_rime(b.syllables[-1:])) and _has_coda(a.syllables[-1])
    return _NEAR if alike or last else 0.0


def scheme(section: LyricSection) -> str:
    """Return the scheme of a section's end rhymes, a letter for each line: ``ABAB``.

    Lines that rhyme have the same letter; the best rhyme counts, of equals the nearest line before. After Z come small
    letters, and after them ``-`` for lines that nothing rhymes with before.
    """
    letters = [*map(chr, range(ord("A"), ord("Z") + 1)), *map(chr, range(ord("a"), ord("z") + 1))]
    found: list[str] = []
    used = 0
    ends = [line.words[-1] for line in section.lines]
    for place, end in enumerate(ends):
        ranked = [(rhymes(end, ends[before]), before) for before in range(place)]
        best, before = max(ranked, default=(0.0, 0))
        if best >= _NEAR:
            found.append(found[before])
        else:
            found.append(letters[used] if used < len(letters) else "-")
            used += 1
    return "".join(found)


def phrase_lengths(lines: Sequence[LyricLine]) -> tuple[int, ...]:
    """Return how many syllables each line has."""
    return tuple(len(line.syllables) for line in lines)


def _tail(word: Word) -> tuple[tuple[str, ...], ...]:
    """Return the rhyming part of a word, syllable by syllable, the first without its onset."""
    syllables = word.syllables
    if is_block(syllables[-1].text[-1:] or " "):
        return _rime(syllables[-1:])
    start = max((place for place, each in enumerate(syllables) if each.stress), default=len(syllables) - 1)
    return _rime(syllables[start:])


def _rime(syllables: Sequence[Syllable]) -> tuple[tuple[str, ...], ...]:
    first = syllables[0].sounds
    return (first[nucleus(first) :], *(each.sounds for each in syllables[1:]))


def _flat(tail: Sequence[Sequence[str]]) -> list[str]:
    return [sound for part in tail for sound in part]


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two syllables have one vowel and, after it, consonants of the same kinds."""
    a, b = nucleus(one), nucleus(other)
    return one[a] == other[b] and [*map(_kind, one[a + 1 :])] == [*map(_kind, other[b + 1 :])]


def _has_coda(syllable: Syllable) -> bool:
    return nucleus(syllable.sounds) < len(syllable.sounds) - 1


def _kind(sound: str) -> str:
    return next((kind for kind in _KINDS if sound in kind), _OPEN)
