"""A style's tables [pad], [choir], [arpeggio] and [counter]: what lies around the band."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label
from soundrack.composition.styles.drums import labels
from soundrack.composition.styles.figures import pitch_range
from soundrack.composition.styles.harmony import Spread


class ArpeggioOrder(StrEnum):
    """In which order the tones of the chord come."""

    UP = "up"
    DOWN = "down"
    UP_DOWN = "up and down"
    CONVERGE = "converge"
    """Lowest, highest, second lowest, second highest ..."""
    DRAWN = "drawn"
    """An order drawn for the song."""


@dataclass(frozen=True)
class PadTable:
    """What holds chords: pads, strings, choirs.

    Parameters
    ----------
    from_energy, rests : float, tuple of Label
        As in `DrumTable`.
    lowest, highest, voices, spread : int, int, int, Spread
        As in `ChordsTable`.
    pulse : str
        Steps in sixteenths that break the held chord; empty for none.
    """

    from_energy: float
    rests: tuple[Label, ...]
    lowest: int
    highest: int
    voices: int
    spread: Spread
    pulse: str

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
            pulse=fields.text("pulse", ""),
        )
        fields.done()
        return made


@dataclass(frozen=True)
class ArpeggioTable:
    """What an arpeggio is like.

    Parameters
    ----------
    from_energy, rests : float, tuple of Label
        As in `DrumTable`.
    lowest, highest, voices, spread : int, int, int, Spread
        As in `ChordsTable`.
    order : tuple of ArpeggioOrder
        Of which the song draws one.
    grid : int
        Steps in a quarter note.
    steps : tuple of str
        Loops of ``x`` (a tone), ``X`` (accented), ``8`` (an octave up), ``.`` and ``-``, of which the song draws one.
    gate : float
        Which part of its written length a tone sounds.
    """

    from_energy: float
    rests: tuple[Label, ...]
    lowest: int
    highest: int
    voices: int
    spread: Spread
    order: tuple[ArpeggioOrder, ...]
    grid: int
    steps: tuple[str, ...]
    gate: float

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        lowest, highest = pitch_range(fields)
        orders = fields.texts("order", ("up",))
        for order in orders:
            if order not in list(ArpeggioOrder):
                raise fields.wrong("order", f"has {order!r}; there are {', '.join(ArpeggioOrder)}")
        made = cls(
            from_energy=fields.number("from_energy", 0.0, 1.0, 0.0),
            rests=labels(fields, "rests"),
            lowest=lowest,
            highest=highest,
            voices=fields.whole("voices", 1, 6, 4),
            spread=fields.member("spread", Spread, Spread.CLOSE),
            order=tuple(ArpeggioOrder(order) for order in orders),
            grid=fields.whole("grid", 1, 12, 4),
            steps=fields.texts("steps"),
            gate=fields.number("gate", 0.1, 1.0, 0.8),
        )
        fields.done()
        if not made.steps or any(
            not set(steps) <= set("Xx8.-| ") or not set(steps) & set("Xx8") for steps in made.steps
        ):
            raise fields.wrong("steps", "must be loops of X, x, 8, . and -")
        return made


@dataclass(frozen=True)
class CounterTable:
    """What a counter line does: it moves where the tune rests, and holds guide tones where it does not.

    Parameters
    ----------
    from_energy, rests : float, tuple of Label
        As in `DrumTable`.
    lowest, highest : int
        MIDI numbers of its range.
    answers : float
        How often, 0 to 1, a rest of the tune is answered.
    """

    from_energy: float
    rests: tuple[Label, ...]
    lowest: int
    highest: int
    answers: float

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
            answers=fields.number("answers", 0.0, 1.0, 0.6),
        )
        fields.done()
        return made
