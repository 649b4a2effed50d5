"""Lyrics: from a text to sections, lines, words, syllables and their sounds."""

from soundrack.composition.lyrics.lyrics import LyricLine, Lyrics, LyricSection, Syllable, Word
from soundrack.composition.lyrics.reading import read
from soundrack.composition.lyrics.rhyme import phrase_lengths, rhymes, scheme

__all__ = ["LyricLine", "LyricSection", "Lyrics", "Syllable", "Word", "phrase_lengths", "read", "rhymes", "scheme"]
