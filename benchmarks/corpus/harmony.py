"""Harmony by styles' grammars: which chords follow which, and how plain they are.

A progression is written in degrees of the major scale, one chord a unit (a bar, or half of one): ``1``, ``b7``,
``5:7`` with a quality that is not the key's own, ``5/3`` with a third in the bass. Where none of a style's progressions
is taken, one is drawn: tonic, subdominant and dominant functions follow each other, and the last bars are a cadence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from benchmarks.corpus.pitch import QUALITIES, Chord, Key, triad

_TOKEN = re.compile(r"(?P<flat>[b#]?)(?P<degree>[1-7])(?::(?P<quality>\w+))?(?:/(?P<bass>[35]))?")
_STEPS = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
_OWN = {
    "major": {0: "maj", 2: "min", 4: "min", 5: "maj", 7: "maj", 9: "min", 11: "dim", 10: "maj", 8: "maj", 3: "maj"},
    "minor": {0: "min", 2: "dim", 3: "maj", 5: "min", 7: "min", 8: "maj", 10: "maj", 11: "dim", 1: "maj"},
}

PROGRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "pop": {
        "major": (
            "1 5 6 4",
            "1 6 4 5",
            "1 4 6 5",
            "1 3 4 5",
            "1 5/3 6 4",
            "4 1 5 6 4 1 5 5",
            "1 4 2 5",
            "6 4 1 5 6 4 5 1",
            "1 1/3 4 5",
            "1 4 1 5",
            "4 5 3 6 2 5 1 1",
            "1 6 2 5",
            "1 4 4:min 1",
        ),
        "minor": (
            "1 b6 b3 b7",
            "1 4 b7 b3",
            "1 b7 b6 5:maj",
            "1 b6 4 5:maj",
            "1 4 b6 5:maj",
            "1 b7 b6 b7",
            "1 b3 b7 4",
            "b6 b7 1 1",
            "1 5 b6 4 1 4 5:7 1",
            "1 b7/3 b3 b6",
        ),
    },
    "rock": {
        "major": ("1 b7 4 1", "1 4 5 4", "1 4 b7 4", "1 5 4 4", "1 b3 4 1", "1 2:maj 4 1", "6 5 4 5 6 5 4 1"),
        "minor": ("1 b7 b6 b7", "1 b3 4 b6", "1 b6 b7 1", "1 4 1 5:maj", "1 b3 b7 4", "1 1 b6 b7", "1 b6 b3 5:maj"),
    },
    "jazz": {
        "major": (
            "2:min7 5:7 1:maj7 1:maj7",
            "1:maj7 6:7 2:min7 5:7",
            "1:maj7 6:min7 2:min7 5:7",
            "3:min7 6:7 2:min7 5:7 1:maj7 4:maj7 2:min7 5:7",
            "1:maj7 4:7 3:min7 6:7 2:min7 5:7 1:maj7 5:7",
            "2:min7 b2:7 1:maj7 1:maj7",
            "4:maj7 4:min7 3:min7 6:7 2:min7 5:7 1:maj7 1:maj7",
        ),
        "minor": (
            "1:min7 4:min7 2:hdim7 5:7",
            "2:hdim7 5:7 1:min7 1:min7",
            "4:min7 b7:7 b3:maj7 b6:maj7 2:hdim7 5:7 1:min7 1:min7",
            "1:min7 b6:7 5:7 1:min7",
        ),
    },
    "blues": {
        "major": (
            "1:7 1:7 1:7 1:7 4:7 4:7 1:7 1:7 5:7 4:7 1:7 5:7",
            "1:7 4:7 1:7 5:7",
            "1:7 4:7 1:7 1:7 5:7 4:7 1:7 1:7",
        ),
        "minor": ("1:min7 4:min7 1:min7 5:7", "1:min7 1:min7 4:min7 1:min7 b6:7 5:7 1:min7 1:min7"),
    },
    "soul": {
        "major": (
            "1:maj7 3:min7 4:maj7 5:sus4",
            "4:maj7 3:min7 2:min7 1:maj7",
            "1 6:min7 2:min7 5:7",
            "1:maj7 2:min7 3:min7 2:min7",
        ),
        "minor": (
            "1:min7 4:7 1:min7 4:7",
            "1:min7 b7 b6:maj7 5:7",
            "b6:maj7 5:min7 1:min7 1:min7",
            "4:min7 5:min7 1:min7 b6:maj7",
        ),
    },
    "classical": {
        "major": (
            "1 4 5:7 1",
            "1 5/3 1 4 1/5 5:7 1 1",
            "1 6 2 5:7",
            "1 5 6 3 4 1 4 5",
            "1 7/3 1/3 4 2/3 5:7 1 1",
            "1 2/3 5:7 1",
            "1 6 4 2/3 1/5 5:7 1 1",
            "1 5:7 1 2:7 5 5:7 1 1",
        ),
        "minor": (
            "1 4 5:7 1",
            "1 5:maj/3 1 b6 4 5:7 1 1",
            "1 b6 2/3 5:7",
            "1 b7 b3 b6 2 5:7 1 1",
            "1 7/3 1/3 4 1/5 5:7 1 1",
            "1 4 b7 b3 b6 2 5:7 1",
        ),
    },
    "folk": {
        "major": ("1 4 1 5", "1 1 4 1 1 5 1 1", "1 5 4 1", "1 6 4 1 1 6 5 1", "1 4 1 5:7 1 4 5:7 1", "1 2 4 1"),
        "minor": ("1 b7 1 b7 1 b3 b7 1", "1 b7 b6 5:min 1 b7 1 1", "1 4 1 5:min", "1 b3 b7 1", "1 b7 4 1"),
    },
    "modal": {
        "major": ("1 1 b7 b7", "1:sus2 1 4 1", "1 2:maj 1 2:maj", "1:maj7 4:maj7", "1 5:sus4 4:sus2 1"),
        "minor": ("1:min7 1:min7 4:min7 1:min7", "1 1 b6 b6", "1:sus2 1 b7 b6", "1:min7 b7", "1 b3 1 b7"),
    },
}
"""By family and mode."""

_FUNCTIONS = {
    "major": {"T": ("1", "1", "1", "6", "3", "1/3"), "S": ("4", "4", "2", "6", "2/3"), "D": ("5", "5:7", "5/3", "7/3")},
    "minor": {
        "T": ("1", "1", "1", "b3", "b6", "1/3"),
        "S": ("4", "4", "2/3", "b6", "b7"),
        "D": ("5:maj", "5:7", "5:maj/3", "5"),
    },
}
_NEXT = {"T": ("T", "S", "S", "D"), "S": ("S", "D", "D", "T"), "D": ("T", "T", "T", "S")}


@dataclass(frozen=True)
class Colour:
    """How often a style's plain triads become something else, each from 0 to 1.

    `sevenths` of the chords get one; `sus` of the dominants are held up by a fourth first, and as many tonics by a
    second; `inverted` have another tone than the root in the bass; `strange` become diminished or augmented.
    """

    sevenths: float = 0.0
    sus: float = 0.0
    inverted: float = 0.0
    strange: float = 0.0


@dataclass(frozen=True)
class Change:
    """A chord and how many units it lasts."""

    chord: Chord
    units: float


def parse(token: str, key: Key) -> Chord:
    """Return the chord that a token names in a key.

    Raises
    ------
    ValueError
        If it is no token.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ValueError(f"{token!r} is no chord")
    step = (_STEPS[found["degree"]] + {"b": -1, "#": 1, "": 0}[found["flat"]]) % 12
    quality = found["quality"] or _OWN[key.mode][step]
    return triad(key.tonic + step, quality, {None: 0, "3": 1, "5": 2}[found["bass"]])


def progression(
    family: str, key: Key, colour: Colour, units: int, rng: np.random.Generator, *, split: bool
) -> list[Change]:
    """Return a progression of so many units, from one of a family's or drawn by functions; `split` ones may halve."""
    listed = PROGRESSIONS[family][key.mode]
    tokens = str(rng.choice(listed)).split() if rng.random() < 0.7 else _drawn(key.mode, min(units, 8), rng)
    plain = [parse(tokens[unit % len(tokens)], key) for unit in range(units)]
    changes: list[Change] = []
    for chord, following in zip(plain, [*plain[1:], plain[0]], strict=True):
        became = _coloured(chord, following, key, colour, rng)
        changes += became if split else [Change(became[0].chord, 1)]
    return changes


def closing(key: Key, units: int) -> list[Change]:
    """Return the end of a piece: a cadence, where there is room for one, and the tonic."""
    tonic = parse("1", key)
    if units < 3:
        return [Change(tonic, units)]
    return [Change(parse("4", key), 1), Change(parse("5:7", key), 1), Change(tonic, units - 2)]


def _drawn(mode: str, units: int, rng: np.random.Generator) -> list[str]:
    function, tokens = "T", ["1"]
    for _ in range(units - 1):
        function = str(rng.choice(_NEXT[function]))
        choice = str(rng.choice(_FUNCTIONS[mode][function]))
        tokens.append(choice if choice != tokens[-1] else str(rng.choice(_FUNCTIONS[mode][function])))
    if units >= 4 and rng.random() < 0.5:
        tokens[-2:] = ["5:7", "1"]
    return tokens


def _coloured(chord: Chord, following: Chord, key: Key, colour: Colour, rng: np.random.Generator) -> list[Change]:
    """Return what a unit of a plain chord becomes."""
    step = (chord.root - key.tonic) % 12
    if chord.quality in ("maj", "min") and rng.random() < colour.sus and step in (0, 5, 7):
        held = triad(chord.root, "sus4" if step == 7 or rng.random() < 0.5 else "sus2")
        return [Change(held, 1)] if rng.random() < 0.3 else [Change(held, 0.5), Change(chord, 0.5)]
    if chord.quality == "maj" and step in (0, 7) and rng.random() < colour.strange:
        if following.root != chord.root:
            return [Change(chord, 0.5), Change(triad(chord.root, "aug"), 0.5)]
    elif (following.root - chord.root) % 12 == 2 and rng.random() < 3.0 * colour.strange:
        return [Change(chord, 0.5), Change(triad(chord.root + 1, "dim"), 0.5)]
    if chord.quality in ("maj", "min") and rng.random() < colour.sevenths:
        seventh = "min7" if chord.quality == "min" else "7" if step in (7, 2, 9, 4, 10) else "maj7"
        chord = Chord(chord.root, seventh, chord.bass)
    if chord.bass == chord.root and rng.random() < colour.inverted and chord.quality in QUALITIES:
        chord = triad(chord.root, chord.quality, int(rng.integers(1, 3)))
    return [Change(chord, 1)]
