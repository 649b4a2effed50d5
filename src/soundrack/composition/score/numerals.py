"""Roman numerals read as chords.

A numeral is an accidental, a degree in capitals (major) or small letters (minor), a quality, what it is the dominant
of, and which of its tones is in the bass: ``I``, ``bVII``, ``iiø7``, ``V7/ii``, ``V@3``. In minor the third, sixth and
seventh degrees are those of the natural scale, and ``vii°`` stands on the raised seventh.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from soundrack.composition.theory import CHORDS, Chord, Key, Mode

_NUMERAL = re.compile(
    r"(?P<accidental>[b#]?)(?P<degree>[iv]+|[IV]+)(?P<quality>maj7|maj9|7sus4|sus2|sus4|add9|ø7|°7|°|\+|7|9|6|5)?"
    r"(?:/(?P<target>[b#]?(?:[iv]+|[IV]+)))?(?:@(?P<bass>[357]))?"
)
_DEGREES = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_STEPS = {Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11), Mode.MINOR: (0, 2, 3, 5, 7, 8, 10)}
_ACCIDENTALS = {"": 0, "b": -1, "#": 1}
_MAJOR = {
    None: "maj", "maj7": "maj7", "maj9": "maj9", "7sus4": "7sus4", "sus2": "sus2", "sus4": "sus4", "add9": "add9",
    "+": "aug", "7": "7", "9": "9", "6": "6", "5": "5",
}  # fmt: skip
_MINOR = {None: "min", "5": "5", "ø7": "m7b5", "°7": "dim7", "°": "dim", "7": "min7", "9": "min9", "6": "min6"}
_SUFFIXES = {
    "maj": "", "min": "", "dim": "°", "aug": "+", "m7b5": "ø7", "dim7": "°7", "min7": "7", "min9": "9", "min6": "6",
}  # fmt: skip


@dataclass(frozen=True)
class Numeral:
    """A chord in any key.

    Parameters
    ----------
    name : str
        Its accidental and degree, and what it is the dominant of: ``bVII``, ``V/ii``.
    root : int
        Semitones above the tonic, 0 to 11.
    quality : str
        A name in `theory.CHORDS`.
    plain : bool
        Whether no quality was written, so that the style may colour it.
    bass : int
        Which of its tones is in the bass, from 0, the root.
    """

    name: str
    root: int
    quality: str
    plain: bool
    bass: int = 0

    def chord(self, key: Key) -> Chord:
        """Return it in a key."""
        root = (key.tonic + self.root) % 12
        intervals = CHORDS[self.quality]
        return Chord(root, self.quality, (root + intervals[min(self.bass, len(intervals) - 1)]) % 12)

    @property
    def text(self) -> str:
        """Return the whole numeral."""
        name, slash, target = self.name.partition("/")
        bass = f"@{2 * self.bass + 1}" if self.bass else ""
        return f"{name}{_SUFFIXES.get(self.quality, self.quality)}{slash}{target}{bass}"


@cache
def numeral(text: str, mode: Mode) -> Numeral:
    """Read a numeral in a mode.

    Raises
    ------
    ValueError
        If it is none.
    """
    match = _NUMERAL.fullmatch(text)
    if match is None or match["degree"].lower() not in _DEGREES:
        raise ValueError(f"{text!r} is no numeral")
    qualities = _MAJOR if match["degree"].isupper() else _MINOR
    if match["quality"] not in qualities:
        raise ValueError(f"{text!r} has no such quality")
    quality = qualities[match["quality"]]
    root = _root(match["accidental"], match["degree"], mode)
    if mode is Mode.MINOR and match["degree"] == "vii" and quality in {"dim", "dim7"} and not match["accidental"]:
        root = 11
    name = match["accidental"] + match["degree"]
    if match["target"]:
        target = match["target"]
        accidental = target[0] if target[0] in "b#" else ""
        root = (_root("", match["degree"], Mode.MAJOR) + _root(accidental, target.lstrip("b#"), mode)) % 12
        name = f"{name}/{target}"
    return Numeral(name, root, quality, match["quality"] is None, (int(match["bass"] or 1) - 1) // 2)


def _root(accidental: str, degree: str, mode: Mode) -> int:
    return (_STEPS[mode][_DEGREES.index(degree.lower())] + _ACCIDENTALS[accidental]) % 12
