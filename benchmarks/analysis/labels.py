"""Chords' names: from lead sheets' to Harte's."""

from __future__ import annotations

import re

_LEAD_SHEET = re.compile(r"(?P<root>[A-G][#b]*)(?P<quality>[^/]*)(?:/(?P<bass>[A-G][#b]*))?")
_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES = {"": "maj", "m": "min", "m7": "min7"}
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")


def harte(name: str) -> str:
    """Return a chord's name as Harte has it: ``F#m7`` as ``F#:min7``, ``Bb/D`` as ``Bb:maj/3``, ``N`` as it is.

    Raises
    ------
    ValueError
        If it is no chord's name.
    """
    if name == "N":
        return name
    found = _LEAD_SHEET.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no chord")
    label = f"{found['root']}:{_QUALITIES.get(found['quality'], found['quality'])}"
    if found["bass"] is None:
        return label
    return f"{label}/{_DEGREES[(pitch_class(found['bass']) - pitch_class(found['root'])) % 12]}"


def pitch_class(name: str) -> int:
    """Return a note's pitch class, C = 0."""
    return (_CLASSES[name[0]] + name.count("#") - name.count("b")) % 12
