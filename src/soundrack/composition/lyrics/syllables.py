"""Syllables by maximal onset: as many consonants begin a syllable as may begin a word.

D. Kahn, Syllable-based Generalizations in English Phonology (1976), ch. 1; E. Selkirk, "The Syllable" (1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from soundrack.composition.lyrics.lyrics import Syllable
from soundrack.composition.lyrics.sounds import NEUTRAL, NUCLEI

_ONSETS = frozenset(
    (
        *("pl", "pɹ", "bl", "bɹ", "tɹ", "tw", "dɹ", "dw", "kl", "kɹ", "kw", "ɡl", "ɡɹ", "ɡw", "fl", "fɹ", "θɹ", "θw"),
        *("ʃɹ", "ʃl", "ʃm", "ʃn", "ʃt", "ʃp", "ʃw", "sl", "sm", "sn", "sp", "st", "sk", "sw", "sf", "hw", "vl", "vɹ"),
        *("ts", "pf", "kn", "ɡn", "spl", "spɹ", "stɹ", "skɹ", "skw", "ʃtɹ", "ʃpɹ", "ʃpl"),
    )
)
"""Groups of consonants with which a syllable may begin, ɾ being ɹ; j may follow any single one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Letters and the sounds that they are said with: ``("ch", ("ʧ",))``; a silent letter has none."""

    letters: str
    sounds: tuple[str, ...]


def syllabified(units: Sequence[Unit], stresses: Sequence[int]) -> tuple[Syllable, ...]:
    """Return the syllables of a word.

    Parameters
    ----------
    units : sequence of Unit
        The word's letters with their sounds, in order. Without a nucleus, as in "shh", it is one syllable on a neutral
        vowel.
    stresses : sequence of int
        Of each nucleus, 0 to 2; missing ones are 0.

    Returns
    -------
    tuple of Syllable
        One for each nucleus. Their letters make up the units' letters: a syllable's letters begin with those of its
        first sound, a doubled consonant is divided ("lit-tle"), silent letters stay with what is before them.
    """
    sounds: list[str] = []
    letters_at: list[int] = []
    letters = 0
    for unit in units:
        for place, sound in enumerate(unit.sounds):
            sounds.append(sound)
            # the second sound of a letter, as in "x", has no letter of its own
            letters_at.append(letters if place == 0 else letters + len(unit.letters))
        letters += len(unit.letters)
    text = "".join(unit.letters for unit in units)
    nuclei = [place for place, sound in enumerate(sounds) if sound in NUCLEI]
    if not nuclei:
        return (Syllable(text, _with_nucleus(sounds), stresses[0] if stresses else 0),)
    starts = [0, *(_onset(sounds, before, after) for before, after in pairwise(nuclei))]
    cuts = [0, *(_cut(text, letters_at[start], letters_at, start) for start in starts[1:]), len(text)]
    ends = [*starts[1:], len(sounds)]
    return tuple(
        Syllable(
            text[cuts[place] : cuts[place + 1]],
            tuple(sounds[start:end]),
            stresses[place] if place < len(stresses) else 0,
        )
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def _with_nucleus(sounds: Sequence[str]) -> tuple[str, ...]:
    return (*sounds[:1], NEUTRAL, *sounds[1:])


def _onset(sounds: Sequence[str], before: int, after: int) -> int:
    """Return with which sound the syllable of the nucleus `after` begins."""
    for start in range(before + 1, after):
        group = sounds[start:after]
        bare = group[:-1] if len(group) > 1 and group[-1] == "j" else group
        if "".join(bare).replace("ɾ", "ɹ") in _ONSETS or (len(bare) == 1 and bare[0] != "ŋ"):
            return start
    return after


def _cut(text: str, letter: int, letters_at: Sequence[int], start: int) -> int:
    """Return before which letter a syllable begins: after the first of a doubled consonant."""
    doubled = letter + 1 < len(text) and text[letter].lower() == text[letter + 1].lower()
    following = letters_at[start + 1] if start + 1 < len(letters_at) else len(text)
    return letter + 1 if doubled and following >= letter + 2 and text[letter].lower() not in "aeiou" else letter
