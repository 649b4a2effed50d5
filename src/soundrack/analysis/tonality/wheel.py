"""The wheel of keys: Camelot and Open Key numbers, and which keys go together.

Both number the circle of fifths clockwise and give a key and its relative the same number. Open Key starts at C major
and A minor (1d, 1m); Camelot's 8B and 8A stand there, and its letter is A for minor and B for major.
"""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.analysis.tonality.pitch import takes_sharps, tonic_name

_CAMELOT_OF_C = 8


@dataclass(frozen=True)
class Compatible:
    """A key that goes with another: its tonic (0 to 11), mode, and how it is related."""

    tonic: int
    mode: str
    relation: str


def camelot(tonic: int, mode: str) -> str:
    """Return the Camelot number of a key: C major is 8B, A minor 8A, C minor 5A."""
    return f"{_numbered(tonic, mode, _CAMELOT_OF_C)}{'B' if mode == 'major' else 'A'}"


def open_key(tonic: int, mode: str) -> str:
    """Return the Open Key number of a key: C major is 1d, A minor 1m, C minor 10m."""
    return f"{_numbered(tonic, mode, 1)}{'d' if mode == 'major' else 'm'}"


def key_name(tonic: int, mode: str) -> str:
    """Return a key's name, as in ``Eb minor``."""
    return f"{tonic_name(tonic, mode)} {mode}"


def _numbered(tonic: int, mode: str, of_c: int) -> int:
    major = tonic if mode == "major" else (tonic + 3) % 12
    fifths_above_c = major * 7 % 12
    return (fifths_above_c + of_c - 1) % 12 + 1


def compatible(tonic: int, mode: str) -> list[Compatible]:
    """Return the keys that mix well with a key, the nearest first.

    The same, its two neighbours on the wheel, its relative, its parallel, the neighbours' relatives that lie across
    (diagonal), and what lifts the energy: two steps up the wheel, a whole tone, and seven steps, a semitone.
    """
    other = "minor" if mode == "major" else "major"
    relative = (tonic + (9 if mode == "major" else 3)) % 12
    across = 7 if mode == "minor" else 5
    return [
        Compatible(tonic, mode, "same key"),
        Compatible((tonic + 7) % 12, mode, "a fifth up: one step up the wheel"),
        Compatible((tonic + 5) % 12, mode, "a fifth down: one step down the wheel"),
        Compatible(relative, other, "relative: the same notes"),
        Compatible((relative + across) % 12, other, "diagonal: one step and the other mode"),
        Compatible(tonic, other, "parallel: the same tonic"),
        Compatible((tonic + 2) % 12, mode, "energy boost: a whole tone up"),
        Compatible((tonic + 1) % 12, mode, "energy boost: a semitone up"),
    ]


def sharps(tonic: int, mode: str) -> int:
    """Return how many sharps a key's signature has, or flats below zero: 6 for F sharp major, -6 for E flat minor."""
    major = tonic if mode == "major" else (tonic + 3) % 12
    fifths_above_c = major * 7 % 12
    flat = fifths_above_c > 6 or (fifths_above_c == 6 and not takes_sharps(tonic, mode))
    return fifths_above_c - 12 if flat else fifths_above_c
