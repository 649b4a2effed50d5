"""Names of pitch classes, and how a key spells them."""

from __future__ import annotations

_FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Tonics of major keys by pitch class, each with the signature of fewer accidentals; of six, the sharps."""
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
"""Tonics of minor keys. D sharp minor has six sharps and E flat minor six flats; the flats are the more usual."""

_SHARP_MAJORS = frozenset(("C", "G", "D", "A", "E", "B", "F#"))
_SHARP_MINORS = frozenset(("A", "E", "B", "F#", "C#", "G#"))
_LETTERS = "CDEFGAB"
_NATURALS = (0, 2, 4, 5, 7, 9, 11)
_SIGNS = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}


def tonic_name(tonic: int, mode: str) -> str:
    """Return the usual name of a key's tonic, as in ``Eb``; `mode` is ``major`` or ``minor``."""
    return (MAJOR_TONICS if mode == "major" else MINOR_TONICS)[tonic]


def takes_sharps(tonic: int, mode: str) -> bool:
    """Tell whether a key's signature has sharps (or nothing) rather than flats."""
    return tonic_name(tonic, mode) in (_SHARP_MAJORS if mode == "major" else _SHARP_MINORS)


def spelled(pitch_class: int, tonic: int | None = None, mode: str = "major") -> str:
    """Return the name of a pitch class in a key; with no key, the commonest one.

    Notes of the key and those borrowed from its parallel key are spelled on their own degree: the third of C minor is
    E flat, the flat seventh of D major is C, the raised seventh of G minor is F sharp.
    """
    if tonic is None:
        return MAJOR_TONICS[pitch_class]
    if mode == "minor" and (pitch_class - tonic) % 12 == 11:
        return on_degree(pitch_class, tonic, mode, 6)
    names = _SHARP_NAMES if takes_sharps(tonic, mode) else _FLAT_NAMES
    degree = _DEGREES[(pitch_class - tonic) % 12]
    if degree is None:
        return names[pitch_class]
    name = on_degree(pitch_class, tonic, mode, degree)
    return name if len(name) <= 2 else names[pitch_class]


_DEGREES: tuple[int | None, ...] = (0, 1, 1, 2, 2, 3, None, 4, 5, 5, 6, 6)
"""The degree, from 0, that a note so many semitones above the tonic is spelled on; a tritone is spelled as it comes."""


def on_degree(pitch_class: int, tonic: int, mode: str, degree: int) -> str:
    """Return a pitch class's name on a degree of the key, 0 for the tonic, with the accidentals that it takes there."""
    step = (_LETTERS.index(tonic_name(tonic, mode)[0]) + degree) % 7
    sharpened = (pitch_class - _NATURALS[step] + 6) % 12 - 6
    if sharpened not in _SIGNS:
        return MAJOR_TONICS[pitch_class]
    return _LETTERS[step] + _SIGNS[sharpened]
