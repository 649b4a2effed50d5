"""Pitch classes, keys and chords, and how they are spelled."""

from __future__ import annotations

from dataclasses import dataclass

QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "hdim7": (0, 3, 6, 10),
}
"""Semitones above the root, by Harte's shorthand."""

_SHARP = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


@dataclass(frozen=True)
class Key:
    """A key: `tonic` is a pitch class, C = 0; `mode` is ``major`` or ``minor``."""

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """As musicians call it: ``Eb major``, ``F# minor``."""
        return f"{(_MAJOR_TONICS if self.mode == 'major' else _MINOR_TONICS)[self.tonic]} {self.mode}"

    @property
    def scale(self) -> tuple[int, ...]:
        """The pitch classes of its scale, the natural one in minor, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in _SCALES[self.mode])

    @property
    def flat(self) -> bool:
        """Whether its signature has flats."""
        return (self.tonic + (3 if self.mode == "minor" else 0)) % 12 in (5, 10, 3, 8, 1)

    def moved(self, semitones: int) -> Key:
        """Return the key that lies so many semitones higher."""
        return Key((self.tonic + semitones) % 12, self.mode)


@dataclass(frozen=True)
class Chord:
    """A chord: `root` and `bass` are pitch classes, `quality` is one of `QUALITIES`."""

    root: int
    quality: str
    bass: int

    @property
    def classes(self) -> tuple[int, ...]:
        """Its pitch classes, from the root up."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])

    def label(self, key: Key) -> str:
        """Return its name in Harte's syntax, spelled as in a key."""
        name = f"{(_FLAT if key.flat else _SHARP)[self.root]}:{self.quality}"
        return name if self.bass == self.root else f"{name}/{self._degree()}"

    def _degree(self) -> str:
        step = (self.bass - self.root) % 12
        if self.quality in ("dim", "hdim7") and step == 6:
            return "b5"
        return "#5" if self.quality == "aug" and step == 8 else _DEGREES[step]


def triad(root: int, quality: str, inversion: int = 0) -> Chord:
    """Return a chord in an inversion: 0 with its root in the bass, 1 with its third, 2 with its fifth."""
    steps = QUALITIES[quality]
    return Chord(root % 12, quality, (root + steps[inversion % len(steps)]) % 12)
