"""Korean: how it is said, by the rules of its Standard Pronunciation, and which sounds of the voice come nearest."""

from soundrack.composition.lyrics.korean.numbers import spoken
from soundrack.composition.lyrics.korean.pronunciation import pronounced
from soundrack.composition.lyrics.korean.syllables import syllables

__all__ = ["pronounced", "spoken", "syllables"]
