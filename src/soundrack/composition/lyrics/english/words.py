"""English words to syllables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from soundrack.composition.lyrics.english import numbers, rules
from soundrack.composition.lyrics.english.dictionary import pronunciation
from soundrack.composition.lyrics.english.spelling import spelled
from soundrack.composition.lyrics.english.told import told
from soundrack.composition.lyrics.lyrics import Syllable
from soundrack.composition.lyrics.sounds import NUCLEI, PRIMARY, SECONDARY, VOICED
from soundrack.composition.lyrics.syllables import Unit, syllabified

_SUFFIXES = (
    ("'s", "z"),
    ("s'", "z"),
    ("'ll", "əl"),
    ("'d", "d"),
    ("'ve", "v"),
    ("'re", "əɹ"),
    ("in'", "ɪn"),
    ("ing", "ɪŋ"),
    ("ers", "əɹz"),
    ("est", "ɪst"),
    ("ness", "nəs"),
    ("less", "ləs"),
    ("ful", "fəl"),
    ("ly", "li"),
    ("er", "əɹ"),
    ("ed", "d"),
    ("es", "ɪz"),
    ("s", "z"),
    ("y", "i"),
)
_PREFIXES = (("un", "ʌn"), ("re", "ɹi"), ("over", "Ovəɹ"), ("under", "ʌndəɹ"), ("out", "Wt"), ("mis", "mɪs"))
_LONGEST_COMPOUND, _SHORTEST_PART = 24, 3
_VOICELESS = frozenset("pkfθ")
_SIBILANT = frozenset("szʃʒʧʤ")
_REPEATED, _HELD = re.compile(r"([a-z])\1{2,}"), re.compile(r"([a-z])\1{2,}$")
"""What singers write for a long note: "soooon" is "soon", "sooo" is "so"."""
_LONGEST = 32
"""Letters of the longest word; longer ones are read as several."""


@lru_cache(maxsize=8192)
def syllables(word: str) -> tuple[Syllable, ...]:
    """Return the syllables of an English word.

    Parameters
    ----------
    word : str
        Without punctuation around it: letters with or without accents, digits, apostrophes, hyphens, signs of money.

    Returns
    -------
    tuple of Syllable
        At least one; each with letters. Their texts make up the word but for hyphens and other signs between its parts,
        or, if it has digits or stands for other words ("24/7", "u"), those words.
    """
    said = numbers.words(word)
    parts = [part for each in said for part in re.split(r"[-–—/_.]+", each) if part]
    found = tuple(syllable for part in parts for syllable in _of_part(part))
    return found or (Syllable(word, ("ə",), 0),)


def _of_part(part: str) -> tuple[Syllable, ...]:
    if len(part) > _LONGEST:
        return tuple(each for at in range(0, len(part), _LONGEST) for each in _of_part(part[at : at + _LONGEST]))
    plain = _plain(part)
    heard = _listed(plain)
    if heard is None:
        units, stresses = rules.spoken(plain)
        if len(plain) == len(part):
            units = _written_as(part, units)
        return _stressed(plain, syllabified(units, stresses))
    sounds, stresses = _stripped(heard)
    units = spelled(plain, sounds)
    return _stressed(plain, syllabified(_written_as(part, units) if len(plain) == len(part) else units, stresses))


def _plain(part: str) -> str:
    small = part.lower().replace("’", "'").replace("`", "'")
    return "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))


def _written_as(part: str, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    found, at = [], 0
    for unit in units:
        found.append(Unit(part[at : at + len(unit.letters)], unit.sounds))
        at += len(unit.letters)
    return tuple(found)


def _stressed(word: str, found: tuple[Syllable, ...]) -> tuple[Syllable, ...]:
    """Give a word of one syllable the stress that melodies give it, and one of several a main stress if it has none."""
    if len(found) > 1:
        main = max(range(len(found)), key=lambda place: (found[place].stress == 1, found[place].stress, -place))
        return (*found[:main], replace(found[main], stress=1), *found[main + 1 :])
    only = found[0]
    return (Syllable(only.text, only.sounds, 0 if word in told().weak else 1),)


def _stripped(heard: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return sounds without marks, and the stress of each nucleus."""
    sounds, stresses, stress = [], [], 0
    for sound in heard:
        if sound in {PRIMARY, SECONDARY}:
            stress = 1 if sound == PRIMARY else 2
            continue
        sounds.append(sound)
        if sound in NUCLEI:
            stresses.append(stress)
            stress = 0
    return tuple(sounds), tuple(stresses)


def _listed(word: str) -> str | None:
    """Return the sounds of a word that is listed, or is made of words and endings that are."""
    for form in (
        word,
        word.strip("'"),
        _HELD.sub(r"\1", word),
        _REPEATED.sub(r"\1\1", word),
        _REPEATED.sub(r"\1", word),
    ):
        heard = pronunciation(form) if form else None
        if heard is not None:
            return heard
    return _inflected(word) or _compound(word)


def _inflected(word: str) -> str | None:
    if word.endswith("in'"):
        heard = pronunciation(word[:-1] + "g")
        if heard is not None:
            return heard[:-1] + "n"
    for ending, sounds in _SUFFIXES:
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= _SHORTEST_PART:
            heard = _stem(stem, ending)
            if heard is not None:
                return heard + _ending(heard, ending, sounds)
    for beginning, sounds in _PREFIXES:
        rest = word[len(beginning) :]
        heard = pronunciation(rest) if word.startswith(beginning) and len(rest) >= 4 else None
        if heard is not None:
            return sounds + heard
    return None


def _stem(stem: str, ending: str) -> str | None:
    """Return the sounds of a word before an ending, with what its spelling lost: "baking", "running", "happier"."""
    vowel = ending[0] in "aeiouy"
    candidates = [stem]
    if vowel:
        candidates.append(stem + "e")
    if vowel and stem[-1] == stem[-2]:
        candidates.append(stem[:-1])
    if stem.endswith("i"):
        candidates.append(stem[:-1] + "y")
    return next((heard for heard in map(pronunciation, candidates) if heard is not None), None)


def _ending(heard: str, ending: str, sounds: str) -> str:
    last = heard[-1]
    if ending in {"s", "es", "'s", "s'"}:
        return "ɪz" if last in _SIBILANT else "s" if last in _VOICELESS | {"t"} else "z"
    if ending in {"ed", "'d"}:
        return "ɪd" if last in "td" else "d" if last in VOICED else "t"
    return sounds


def _compound(word: str) -> str | None:
    """Return the sounds of two listed words that were written as one, the longest first: "moonfire"."""
    if len(word) > _LONGEST_COMPOUND:
        return None
    for cut in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        first = pronunciation(word[:cut])
        second = pronunciation(word[cut:]) if first is not None else None
        if first is not None and second is not None and set(first) & NUCLEI and set(second) & NUCLEI:
            return first + second.replace(PRIMARY, SECONDARY)
    return None
