"""Keys, modes, metres and chords: the words in which songs are planned and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from soundrack.analysis.tonality.labels import chord_label
from soundrack.analysis.tonality.pitch import tonic_name
from soundrack.errors import Invalid


class Mode(StrEnum):
    """What a key is besides its tonic, as analyses tell it."""

    MAJOR = "major"
    MINOR = "minor"


SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "major pentatonic": (0, 2, 4, 7, 9),
    "natural minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}
"""Semitones above the tonic."""

CHORDS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "5": (0, 7),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "min9": (0, 3, 7, 10, 14),
}
"""Semitones above the root of each quality's tones, from the root up."""

_SUFFIXES = {
    "5": "5",
    "6": "6",
    "min6": "m6",
    "m7b5": "m7b5",
    "dim7": "dim7",
    "7sus4": "7sus4",
    "add9": "add9",
    "9": "9",
    "maj9": "maj9",
    "min9": "m9",
}
"""Of the qualities that analyses do not tell."""

_KEY = re.compile(r"([A-Ga-g])\s*([#♯b♭]|sharp|flat)?\s*(major|minor|maj|min|m|M)?")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, None: 0}
_METRE = re.compile(r"(\d{1,2})/(\d{1,2})")
_UNITS = {2, 4, 8, 16}
_MOST_BEATS = 15


@dataclass(frozen=True)
class Key:
    """A tonic, 0 (C) to 11 (B), and a mode."""

    tonic: int
    mode: Mode

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``C minor``, ``F#``, ``Bb major`` or ``Ebm``; without a mode it is major.

        Raises
        ------
        Invalid
            If it names no key.
        """
        match = _KEY.fullmatch(text.strip())
        if match is None:
            raise Invalid(f"{text!r} is no key.", field="key")
        tonic = (_NATURALS[match[1].upper()] + _ACCIDENTALS[match[2]]) % 12
        return cls(tonic, Mode.MINOR if match[3] in {"minor", "min", "m"} else Mode.MAJOR)

    @property
    def name(self) -> str:
        """Its usual name, as in ``Eb minor``."""
        return f"{tonic_name(self.tonic, self.mode)} {self.mode}"


@dataclass(frozen=True)
class Metre:
    """Beats in a bar and their value, as a time signature writes them."""

    beats: int
    unit: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``3/4``.

        Raises
        ------
        Invalid
            If it is no time signature of 1 to 15 halves, quarters, eighths or sixteenths.
        """
        match = _METRE.fullmatch(text.strip())
        if match is None or not 1 <= int(match[1]) <= _MOST_BEATS or int(match[2]) not in _UNITS:
            raise Invalid(f"{text!r} is no time signature.", field="metre")
        return cls(int(match[1]), int(match[2]))

    @property
    def name(self) -> str:
        """As a time signature is written."""
        return f"{self.beats}/{self.unit}"

    @property
    def is_compound(self) -> bool:
        """Whether a beat that is counted has three of its units, as in 6/8 and 12/8."""
        return self.unit >= 8 and self.beats > 3 and self.beats % 3 == 0

    @property
    def beat_quarters(self) -> float:
        """How long a beat is that is counted (and whose number in a minute is the tempo), in quarter notes."""
        return 4.0 / self.unit * (3 if self.is_compound else 1)

    @property
    def bar_quarters(self) -> float:
        """How long a bar is, in quarter notes."""
        return 4.0 * self.beats / self.unit


@dataclass(frozen=True)
class Chord:
    """A chord: its root and its bass, 0 (C) to 11 (B), and its quality, a name in `CHORDS`."""

    root: int
    quality: str
    bass: int

    @property
    def tones(self) -> tuple[int, ...]:
        """The pitch classes of its tones, from the root up."""
        return tuple((self.root + interval) % 12 for interval in CHORDS[self.quality])

    def label(self, key: Key) -> str:
        """Return its name on a lead sheet, spelled in a key: ``Am7/C``."""
        if self.quality not in _SUFFIXES:
            return chord_label(self.root, self.quality, self.bass, key.tonic, key.mode)
        root, slash, bass = chord_label(self.root, "maj", self.bass, key.tonic, key.mode).partition("/")
        return f"{root}{_SUFFIXES[self.quality]}{slash}{bass}"
