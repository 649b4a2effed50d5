"""English: a word's syllables, from the CMU Pronouncing Dictionary or, for words that it does not list, by rule."""

from soundrack.composition.lyrics.english.words import syllables

__all__ = ["syllables"]
