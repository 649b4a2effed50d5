"""Lyrics as they are read: sections, lines, words, syllables and their sounds."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.plan import Label


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable.

    Parameters
    ----------
    text : str
        Its letters, for people to read; those of a word's syllables make up the word, but for hyphens in it. Of a word
        that is no letters (``42``) the spoken words' letters.
    sounds : tuple of str
        Its phonemes in the alphabet of :mod:`soundrack.composition.lyrics.sounds`, one character each, without stress
        marks. Exactly one of them is a nucleus.
    stress : int
        0 none, 1 primary, 2 secondary.
    """

    text: str
    sounds: tuple[str, ...]
    stress: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in the line, without the punctuation around it, and its syllables, at least one."""

    text: str
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A line that is sung, as it was written, and its words, at least one."""

    text: str
    words: tuple[Word, ...]

    @property
    def syllables(self) -> tuple[Syllable, ...]:
        """All its syllables: how long the phrase is that it needs."""
        return tuple(syllable for word in self.words for syllable in word.syllables)


@dataclass(frozen=True)
class LyricSection:
    """A section.

    Parameters
    ----------
    label : Label or None
        What its marker says; None for a marker that is not known.
    lines : tuple of LyricLine
        Empty: nobody sings in it.
    name : str
        The marker's text without its brackets, as in ``Verse 2``; empty for lines before any marker.
    """

    label: Label | None
    lines: tuple[LyricLine, ...]
    name: str = ""


@dataclass(frozen=True)
class Lyrics:
    """The lyrics of a song.

    Parameters
    ----------
    sections : tuple of LyricSection
        In order; empty for a text in which there is neither a marker nor a word.
    language : str
        Of most of its words: ``en``, ``ko``, ``es``, ``fr``, ``de``, ``it``, ``ja``; ``und`` if none of these.
    approximate : tuple of str
        Unicode names of the scripts whose words are sung on a neutral vowel because their sounds are not known here,
        sorted, as in ``CJK`` or ``ARABIC``.
    """

    sections: tuple[LyricSection, ...]
    language: str = "und"
    approximate: tuple[str, ...] = ()

    @property
    def is_instrumental(self) -> bool:
        """Whether nobody sings."""
        return not any(section.lines for section in self.sections)
