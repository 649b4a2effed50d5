"""Roman numerals: chords by their place in the key, and the loop that a song repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundrack.analysis.tonality.chords import Sounding
from soundrack.analysis.tonality.labels import INTERVALS

_NUMERALS = {
    "major": ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII"),
    "minor": ("I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "VII"),
}
"""By semitones above the tonic. In minor the third, sixth and seventh degrees are those of the natural scale; a chord
on the raised seventh is called VII as well, and told apart by being diminished."""

_DIATONIC = {
    "major": {0: "maj", 2: "min", 4: "min", 5: "maj", 7: "maj", 9: "min", 11: "dim"},
    "minor": {0: "min", 2: "dim", 3: "maj", 5: "min", 7: "min", 8: "maj", 10: "maj"},
}
_TRIADS = {"maj": "maj", "7": "maj", "maj7": "maj", "aug": "aug", "min": "min", "min7": "min", "dim": "dim"}
_SUFFIXES = {
    "maj": "",
    "min": "",
    "7": "7",
    "maj7": "maj7",
    "min7": "7",
    "sus2": "sus2",
    "sus4": "sus4",
    "dim": "°",
    "aug": "+",
}
_TRIAD_FIGURES = ("", "6", "64")
_SEVENTH_FIGURES = ("7", "65", "43", "42")
_SHORTEST_LOOP, _LONGEST_LOOP = 2, 8
_NEARLY = 0.95


@dataclass(frozen=True)
class Loop:
    """Chords that a song repeats: where they first begin among its chords, how many they are, how often they come."""

    first: int
    length: int
    times: int


def numeral(chord: Sounding, after: Sounding | None, tonic: int, mode: str) -> str | None:
    """Return a chord's roman numeral.

    Capitals are major, small letters minor; ``°`` diminished, ``+`` augmented; figures tell inversions (``V65``). A
    chord from outside the key has its degree's accidental (``bVII``), unless it is the dominant of the chord after it
    (``V7/ii``) or its leading-note chord (``vii°/V``).

    Parameters
    ----------
    chord, after : Sounding
        The chord, and the next that differs, if any.
    tonic, mode : int and str
        The key: 0 to 11, ``major`` or ``minor``.

    Returns
    -------
    str or None
        None where no chord sounds.
    """
    if chord.root is None or chord.quality is None:
        return None
    step = (chord.root - tonic) % 12
    applied = _applied(chord, after, tonic, mode)
    if applied is not None:
        name, target = applied
        return f"{name}{_figure(chord)}/{_cased(target, _DIATONIC[mode][target], mode)}"
    triad = _TRIADS.get(chord.quality) or _DIATONIC[mode].get(step, "maj")
    return _cased(step, triad, mode) + _figure(chord)


def _applied(chord: Sounding, after: Sounding | None, tonic: int, mode: str) -> tuple[str, int] | None:
    """Return a secondary chord's own name and the degree that it leads to, in semitones; None for any other chord."""
    if chord.root is None or after is None or after.root is None or after.quality is None:
        return None
    target = (after.root - tonic) % 12
    if target == 0 or _DIATONIC[mode].get(target) not in ("maj", "min") or after.quality == "7":
        return None
    step = (chord.root - tonic) % 12
    if (chord.root - after.root) % 12 == 7:
        foreign = chord.quality == "maj" and _DIATONIC[mode].get(step) != "maj"
        own_dominant = mode == "minor" and step == 10
        if foreign or (chord.quality == "7" and not own_dominant):
            return "V", target
    if chord.quality == "dim" and (after.root - chord.root) % 12 == 1 and _DIATONIC[mode].get(step) != "dim":
        return "vii", target
    return None


def _cased(step: int, triad: str, mode: str) -> str:
    name = _NUMERALS[mode][step]
    if triad in ("min", "dim"):
        accidental = name[0] if name[0] in "#b" else ""
        return accidental + name.removeprefix(accidental).lower()
    return name


def _figure(chord: Sounding) -> str:
    """Return what follows the numeral: quality and inversion."""
    if chord.quality is None or chord.root is None or chord.bass is None:
        return ""
    suffix = _SUFFIXES[chord.quality]
    if chord.quality.startswith("sus"):
        return suffix
    place = INTERVALS[chord.quality].index((chord.bass - chord.root) % 12)
    if suffix.endswith("7"):
        return suffix[:-1] + _SEVENTH_FIGURES[place]
    return suffix + _TRIAD_FIGURES[place]


def loop(names: Sequence[str]) -> Loop | None:
    """Find the loop of 2 to 8 chords that covers most of a song.

    Parameters
    ----------
    names : sequence of str
        The song's chords, each different from the one before it.

    Returns
    -------
    Loop or None
        Of those that cover nearly as much, the shortest, and of these the earliest; None where nothing comes twice or
        what does covers less than half of the chords.
    """
    found = [
        (_times(names, names[first : first + length], first), length, first)
        for length in range(_SHORTEST_LOOP, min(_LONGEST_LOOP, len(names) // 2) + 1)
        for first in range(min(len(names) - length + 1, 4 * _LONGEST_LOOP))
        if _primitive(names[first : first + length])
    ]
    repeated = [each for each in found if each[0] >= 2]
    most = max((times * length for times, length, _ in repeated), default=0)
    if not repeated or 2 * most < len(names):
        return None
    times, length, first = min(
        (each for each in repeated if each[0] * each[1] >= _NEARLY * most), key=lambda each: (each[1], each[2])
    )
    return Loop(first, length, times)


def _times(names: Sequence[str], wanted: Sequence[str], first: int) -> int:
    """Count how often chords come, without overlap, from their first place on."""
    times, place, length = 0, first, len(wanted)
    while place + length <= len(names):
        if names[place : place + length] == wanted:
            times, place = times + 1, place + length
        else:
            place += 1
    return times


def _primitive(names: Sequence[str]) -> bool:
    """Tell whether a loop is no shorter one repeated."""
    length = len(names)
    return all(list(names[:part]) * (length // part) != list(names) for part in range(1, length) if length % part == 0)
