"""How clearly chords tell their key: by how much it fits them better than any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.plan import Role
from soundrack.composition.score.numerals import numeral
from soundrack.composition.score.score import Note, Part
from soundrack.composition.theory import Chord, Key, Mode

_PROFILES = {
    Mode.MAJOR: (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    Mode.MINOR: (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
"""How often each degree is heard in music in major and minor (Albrecht and Shanahan, "The use of large corpora to train
a new type of key-finding algorithm", Music Perception 31/1, 2013)."""
_MODES = tuple(Mode)
_BASS = 1.5
_FIRST = 1.5
_LONGEST_QUARTERS = 2.0
_UNPITCHED = (Role.DRUMS, Role.PERCUSSION, Role.TRANSITION, Role.TEXTURE)
_OVERTONES = np.array([0.711, 0.0, 0.0, 0.0, 0.051, 0.0, 0.0, 0.173, 0.0, 0.0, 0.018, 0.0])
"""What of a note is heard at which interval above it: eight partials, each 0.6 of the one before (Gómez, "Tonal
description of music audio signals", 2006, p. 94), as shares of all."""


def clarity(chords: Iterable[tuple[Chord, float]], key: Key) -> float:
    """Return how clearly chords tell a key.

    Parameters
    ----------
    chords : iterable of (Chord, float)
        Each with its weight, as how long it lasts; basses count half as much again as other notes.
    key : Key
        That it should be.

    Returns
    -------
    float
        The correlation of what sounds with the key's profile, less that with the nearest other key's: above 0 where the
        key fits best, -2 to 2.
    """
    heard = np.zeros(12)
    for chord, weight in chords:
        heard[chord.bass] += _BASS * weight
        for tone in chord.tones:
            heard[tone] += weight
    return _beyond(heard, key)


def heard_clarity(parts: Iterable[Part], voice: Sequence[Note], key: Key) -> float:
    """Return how clearly what is played and sung tells a key, with the overtones of every note.

    A fifth above each tone is heard too, which is why songs that touch their tonic rarely are taken for the key of
    their dominant. Long notes count as two quarter notes.

    Parameters
    ----------
    parts : iterable of Part
        Drums, transitions and textures count for nothing.
    voice : sequence of Note
        What is sung.
    key : Key
        That it should be.

    Returns
    -------
    float
        As `clarity` does.
    """
    played = np.zeros(12)
    for notes in (*(part.notes for part in parts if part.role not in _UNPITCHED), voice):
        for note in notes:
            played[note.pitch % 12] += note.velocity * min(note.length, _LONGEST_QUARTERS)
    heard = sum(share * np.roll(played, interval) for interval, share in enumerate(_OVERTONES.tolist()) if share)
    return _beyond(np.asarray(heard), key)


def _beyond(heard: NDArray[np.float64], key: Key) -> float:
    """Return by how much more a key fits than any other."""
    if np.ptp(heard) == 0.0:
        return 0.0
    fits = _templates() @ (heard - heard.mean()) / float(np.std(heard) * len(heard))
    own = _MODES.index(key.mode) * 12 + key.tonic
    return float(fits[own] - np.max(np.delete(fits, own)))


@cache
def loop_clarity(numerals: tuple[str, ...], mode: Mode) -> float:
    """Return how clearly a progression of chords of equal length tells its key; the first counts half as much again."""
    home = Key(0, mode)
    chords = (numeral(text, mode).chord(home) for text in numerals)
    return clarity(((chord, 1.0 if place else _FIRST) for place, chord in enumerate(chords)), home)


@cache
def _templates() -> NDArray[np.float64]:
    """Return the profiles of all keys, major ones first, each with mean 0 and variance 1."""
    rows = np.array([np.roll(_PROFILES[mode], tonic) for mode in _MODES for tonic in range(12)])
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True))
