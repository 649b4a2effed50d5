"""A style's tables [bass] and [chords]: figures in steps, and how they are played."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label
from soundrack.composition.styles.drums import checked, labels
from soundrack.composition.styles.harmony import Spread

BASS_MARKS = frozenset("R85347626ags^><p.-| ")
"""Degrees of the chord (``R`` its bass, ``8`` an octave up); ``a`` leads to the next chord, ``>`` is its bass ahead of
time; ``g`` is muted, ``s`` slides in, ``p`` pops an octave up, ``^`` glides an octave up, ``<`` lies an octave down."""

CHORD_MARKS = frozenset("Xxo?DUm>Bb123456T.-| ")
"""Accent, plain and soft chord; soft where the tune rests; strokes down, up and muted; the next chord ahead of time;
the bass alone, and its fifth; single voices from the lowest up; the highest voice with its octave."""


class BassKind(StrEnum):
    """How a bass line comes about."""

    FIGURES = "figures"
    """From figures in steps."""
    WALKING = "walking"
    """A tone on each beat, from chord to chord by step."""
    KICK = "kick"
    """With the bass drum, ringing until its next stroke."""
    PEDAL = "pedal"
    """Held as long as the chord."""


@dataclass(frozen=True)
class Pattern:
    """A rhythm for a bass or comping player.

    Parameters
    ----------
    name : str
        For people.
    metre : str
        In which it is written.
    grid : int
        Steps in a quarter note.
    energy : (float, float)
        Sections that it suits.
    labels : tuple of Label
        To which it is kept, if any.
    substyles : tuple of str
        To which it is kept, if any.
    plays : tuple of str
        Instruments for which it is written; empty for all others.
    steps : str
        As in `score.grid.figure`.
    """

    name: str
    metre: str
    grid: int
    energy: tuple[float, float]
    labels: tuple[Label, ...]
    substyles: tuple[str, ...]
    plays: tuple[str, ...]
    steps: str


@dataclass(frozen=True)
class BassTable:
    """What a bassist of the style does.

    Parameters
    ----------
    from_energy, rests : float, tuple of Label
        As in `DrumTable`.
    kind : BassKind
        How the line comes about.
    lowest, highest : int
        MIDI numbers of its usual range.
    lock : float
        How often, 0 to 1, a stroke of the bass drum off the beat gets a note as well.
    gate : float
        Which part of its written length a note sounds.
    fills : float
        How often, 0 to 1, the line runs to the next chord at the end of four bars.
    patterns : tuple of Pattern
        Its figures.
    """

    from_energy: float
    rests: tuple[Label, ...]
    kind: BassKind
    lowest: int
    highest: int
    lock: float
    gate: float
    fills: float
    patterns: tuple[Pattern, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        kind = fields.member("kind", BassKind, BassKind.FIGURES)
        lowest, highest = pitch_range(fields)
        made = cls(
            from_energy=fields.number("from_energy", 0.0, 1.0, 0.0),
            rests=labels(fields, "rests"),
            kind=kind,
            lowest=lowest,
            highest=highest,
            lock=fields.number("lock", 0.0, 1.0, 0.0),
            gate=fields.number("gate", 0.1, 1.0, 0.9),
            fills=fields.number("fills", 0.0, 1.0, 0.0),
            patterns=_patterns(fields, BASS_MARKS),
        )
        fields.done()
        if kind is BassKind.FIGURES and not made.patterns:
            raise fields.wrong("patterns", "must not be empty")
        return made


@dataclass(frozen=True)
class ChordsTable:
    """What players of chords do.

    Parameters
    ----------
    from_energy, rests : float, tuple of Label
        As in `DrumTable`.
    lowest, highest : int
        MIDI numbers between which voicings lie.
    voices : int
        Of a voicing; fewer if the chord has fewer tones and the range no octaves of them.
    spread : Spread
        How it lies.
    gate : float
        Which part of its written length a chord sounds.
    vary : bool
        Whether each bar draws its own figure, as in jazz, or a section keeps one.
    leaves_room : float
        How often, 0 to 1, a soft chord is left out while the tune moves.
    patterns : tuple of Pattern
        Its figures.
    """

    from_energy: float
    rests: tuple[Label, ...]
    lowest: int
    highest: int
    voices: int
    spread: Spread
    gate: float
    vary: bool
    leaves_room: float
    patterns: tuple[Pattern, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        lowest, highest = pitch_range(fields)
        made = cls(
            from_energy=fields.number("from_energy", 0.0, 1.0, 0.0),
            rests=labels(fields, "rests"),
            lowest=lowest,
            highest=highest,
            voices=fields.whole("voices", 1, 6, 4),
            spread=fields.member("spread", Spread, Spread.CLOSE),
            gate=fields.number("gate", 0.1, 1.0, 0.9),
            vary=fields.flag("vary", False),
            leaves_room=fields.number("leaves_room", 0.0, 1.0, 0.0),
            patterns=_patterns(fields, CHORD_MARKS),
        )
        fields.done()
        if not made.patterns:
            raise fields.wrong("patterns", "must not be empty")
        return made


def pitch_range(fields: Fields) -> tuple[int, int]:
    """Return a table's lowest and highest note.

    Raises
    ------
    Invalid
        If they are not an octave apart.
    """
    lowest, highest = fields.whole("lowest", 0, 115), fields.whole("highest", 12, 127)
    if highest - lowest < 12:
        raise fields.wrong("highest", "must lie an octave or more above the lowest")
    return lowest, highest


def _patterns(fields: Fields, marks: frozenset[str]) -> tuple[Pattern, ...]:
    made = tuple(_pattern(each, marks) for each in fields.tables("patterns", ()))
    if made and not any(_is_general(each) for each in made):
        raise fields.wrong("patterns", "must have one in 4/4 for every section and instrument")
    return made


def _is_general(pattern: Pattern) -> bool:
    return pattern.metre == "4/4" and not pattern.labels and not pattern.plays and not pattern.substyles


def _pattern(fields: Fields, marks: frozenset[str]) -> Pattern:
    made = Pattern(
        name=fields.text("name"),
        metre=fields.text("metre", "4/4"),
        grid=fields.whole("grid", 1, 12, 4),
        energy=fields.span("energy", 0.0, 1.0, (0.0, 1.0)),
        labels=labels(fields, "labels"),
        substyles=fields.texts("substyles", ()),
        plays=fields.texts("plays", ()),
        steps=fields.text("steps"),
    )
    fields.done()
    checked(fields, made.steps, marks, made.grid, made.metre)
    return made
