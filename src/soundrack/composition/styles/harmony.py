"""A style's table [harmony]: its progressions, how plain or rich its chords are, and how quickly they change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label
from soundrack.composition.theory import CHORDS, Mode

_PROGRESSION = re.compile(r"(?:(?P<weight>\d+(?:\.\d+)?): )?(?P<numerals>\S+(?: \S+)*)")
_KINDS = ("maj", "min", "dom", "dim")


class Spread(StrEnum):
    """How a chord's tones are laid out."""

    CLOSE = "close"
    """Within an octave."""
    OPEN = "open"
    """The tones next to each other an octave apart, as strings and pads lie."""
    DROP_2 = "drop-2"
    """A close chord whose second voice from above is an octave lower, as guitars and brass have it."""
    ROOTLESS = "rootless"
    """Third, fifth, seventh and ninth: the left hand of a pianist who has a bassist."""
    SHELL = "shell"
    """Root, third and seventh."""
    POWER = "power"
    """Root, fifth and octave."""


@dataclass(frozen=True)
class Progression:
    """Numerals, one a unit of the harmonic rhythm (`score.numerals` reads them), and how often they are taken."""

    numerals: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class HarmonyTable:
    """What harmony is drawn from.

    Parameters
    ----------
    unity : float
        How often all sections have one progression.
    rhythm : dict of Label to float, and usual_rhythm : float
        Bars a unit, by section where it is not the usual one.
    functional : float
        How often a section's chords come from the functional grammar rather than from the table.
    secondary, borrowed, pedal, turn : float
        How often a chord is led to by its own dominant, a subdominant comes from the parallel key, an intro, build or
        break stands on a pedal point, and a section's last chord turns to what follows.
    cadences : dict of str to float
        Of the ends of phrases that the grammar writes: ``authentic``, ``plagal``, ``modal``, ``half``.
    colours : dict of str to dict of str to float
        Which qualities plain chords take, by kind: ``maj``, ``min``, ``dom`` (major on the fifth degree), ``dim``.
    same : dict of Label to Label
        Whose progression a section has where the song has such a section: solos on the changes of the chorus.
    spread : Spread
        How its chords lie.
    progressions : dict of Mode to dict of str to tuple of Progression
        By label; under ``any`` for those that have none of their own.
    """

    unity: float
    usual_rhythm: float
    rhythm: dict[Label, float]
    functional: float
    secondary: float
    borrowed: float
    pedal: float
    turn: float
    cadences: dict[str, float]
    colours: dict[str, dict[str, float]]
    same: dict[Label, Label]
    spread: Spread
    progressions: dict[Mode, dict[str, tuple[Progression, ...]]]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        rhythm = fields.table("rhythm")
        colours = fields.table("colours")
        same = fields.table("same") if fields.has("same") else Fields("", {})
        table = cls(
            unity=fields.number("unity", 0.0, 1.0),
            usual_rhythm=rhythm.number("any", 0.25, 8.0),
            rhythm={label: rhythm.number(label, 0.25, 8.0) for label in Label if rhythm.has(label)},
            functional=fields.number("functional", 0.0, 1.0),
            secondary=fields.number("secondary", 0.0, 1.0),
            borrowed=fields.number("borrowed", 0.0, 1.0),
            pedal=fields.number("pedal", 0.0, 1.0),
            turn=fields.number("turn", 0.0, 1.0),
            cadences=fields.weights("cadences", ("authentic", "plagal", "modal", "half")),
            colours={kind: colours.weights(kind, tuple(CHORDS)) for kind in _KINDS if colours.has(kind)},
            same={Label(each): same.member(each, Label) for each in same.names if each in list(Label)},
            spread=fields.member("spread", Spread),
            progressions={mode: _progressions(fields.table(mode)) for mode in Mode},
        )
        for each in (rhythm, colours, same, fields):
            each.done()
        return table

    def progressions_of(self, mode: Mode, label: Label) -> tuple[Progression, ...]:
        """Return what a section may have."""
        table = self.progressions[mode]
        return table.get(label, table["any"])

    def rhythm_of(self, label: Label) -> float:
        """Return how many bars a unit lasts in a section."""
        return self.rhythm.get(label, self.usual_rhythm)


def _progressions(fields: Fields) -> dict[str, tuple[Progression, ...]]:
    found = {}
    for label in fields.names:
        if label != "any" and label not in list(Label):
            raise fields.wrong(label, "is no label")
        found[label] = tuple(progression(fields, label, text) for text in fields.texts(label))
    if not found.get("any"):
        raise fields.wrong("any", "is missing")
    return found


def progression(fields: Fields, label: str, text: str) -> Progression:
    """Read a progression, as in ``3: I V vi IV``, from a field of that name."""
    match = _PROGRESSION.fullmatch(text)
    if match is None:
        raise fields.wrong(label, f"has no progression in {text!r}")
    return Progression(tuple(match["numerals"].split()), float(match["weight"] or 1.0))
