"""Scales: which seven notes a song's key is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.tonality.pitch import on_degree, tonic_name

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "natural minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
"""Semitones above the tonic."""

_CLEARLY = 1.3
"""A note must sound so much more than the one it stands in for."""


@dataclass(frozen=True)
class Scale:
    """A scale by name, as in ``C natural minor``, and its notes from the tonic up."""

    name: str
    notes: tuple[str, ...]


def scale(strengths: NDArray[np.float32], tonic: int, mode: str) -> Scale:
    """Tell the scale of a key.

    The plain scale of the mode, unless notes of another one sound clearly more than those that they replace.

    Parameters
    ----------
    strengths : float32 array, shape (12,)
        How much each pitch class sounds in the song.
    tonic, mode : int and str
        The key: 0 to 11, ``major`` or ``minor``.
    """
    sounds = np.roll(strengths, -tonic)

    def replaces(other: int, own: int) -> bool:
        return bool(sounds[other] > _CLEARLY * sounds[own])

    if mode == "major":
        kind = "mixolydian" if replaces(10, 11) else "lydian" if replaces(6, 5) else "major"
    elif replaces(1, 2):
        kind = "phrygian"
    else:
        kinds = {(False, False): "natural minor", (False, True): "harmonic minor", (True, False): "dorian"}
        kind = kinds.get((replaces(9, 8), replaces(11, 10)), "melodic minor")
    steps = SCALES[kind]
    notes = tuple(on_degree((tonic + step) % 12, tonic, mode, degree) for degree, step in enumerate(steps))
    return Scale(f"{tonic_name(tonic, mode)} {kind}", notes)
