"""Prompts: what a person says of the song that they want, read into wishes."""

from soundrack.composition.prompt.reading import read
from soundrack.composition.prompt.wishes import Choice, Style, Tempo, Understood, Wishes

__all__ = ["Choice", "Style", "Tempo", "Understood", "Wishes", "read"]
