"""The vocabulary of chords: their qualities, tones and names."""

from __future__ import annotations

from soundrack.analysis.tonality.pitch import spelled

QUALITIES = ("maj", "min", "7", "maj7", "min7", "sus2", "sus4", "dim", "aug")
NO_CHORD = "N"

INTERVALS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
}
"""Semitones above the root of each quality's tones."""

_SUFFIXES = {
    "maj": "",
    "min": "m",
    "7": "7",
    "maj7": "maj7",
    "min7": "m7",
    "sus2": "sus2",
    "sus4": "sus4",
    "dim": "dim",
    "aug": "aug",
}


def chord_label(root: int, quality: str, bass: int, tonic: int | None, mode: str) -> str:
    """Return a chord's name as lead sheets have it, spelled in the key: ``C``, ``F#m7``, ``Bb/D``."""
    label = spelled(root, tonic, mode) + _SUFFIXES[quality]
    return label if bass == root else f"{label}/{spelled(bass, tonic, mode)}"
