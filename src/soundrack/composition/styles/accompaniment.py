"""A style's tables for those who accompany, together: who enters when, what each plays, how sections meet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Role
from soundrack.composition.styles.drums import DrumTable
from soundrack.composition.styles.figures import BassTable, ChordsTable
from soundrack.composition.styles.files import table
from soundrack.composition.styles.layers import ArpeggioTable, CounterTable, PadTable


class Subdivision(StrEnum):
    """What is swung."""

    EIGHTHS = "eighths"
    SIXTEENTHS = "sixteenths"


class Ending(StrEnum):
    """How the last bar goes."""

    RING = "ring"
    """One last stroke of all, that rings."""
    STOP = "stop"
    """On the beat after the last bar there is nothing."""


@dataclass(frozen=True)
class ArrangementTable:
    """Who comes and goes in which order.

    Parameters
    ----------
    enters : tuple of Role
        The order in which roles come in, in an intro; they leave an outro in the opposite one.
    intro_bars : int
        How many bars an intro's groups of players are apart.
    ending : Ending
        How the song ends.
    """

    enters: tuple[Role, ...]
    intro_bars: int
    ending: Ending


@dataclass(frozen=True)
class TransitionTable:
    """How sections lead into each other.

    Parameters
    ----------
    rise : float
        How often, 0 to 1, the energy's rise is announced by what the band has for it.
    stop_beats : tuple of float
        Of silence before a drop or chorus, by which it may be preceded: one is drawn; 0 for none.
    """

    rise: float
    stop_beats: tuple[float, ...]


@dataclass(frozen=True)
class PerformanceTable:
    """How exactly the style is played.

    Parameters
    ----------
    swings : Subdivision
        What `Plan.swing` is of.
    looseness_ms : float
        Standard deviation of a player's timing; 0 where machines play.
    machines : tuple of Role
        Who plays without any deviation.
    late_ms : dict of str to float
        By how much a role, or a drum of the kit, plays behind (or, if negative, ahead of) the beat.
    touch : float
        Standard deviation of velocities, 0 to 0.2.
    graces : float
        How often, 0 to 1, a long tone of the tune that is reached by a leap has a grace note.
    accents : float
        How deep the accents of the metre are, 0 to 3; 1 is usual.
    """

    swings: Subdivision
    looseness_ms: float
    machines: tuple[Role, ...]
    late_ms: dict[str, float]
    touch: float
    graces: float
    accents: float


@dataclass(frozen=True)
class Accompaniment:
    """The tables of a style's rhythm section."""

    arrangement: ArrangementTable
    drums: DrumTable
    percussion: DrumTable
    bass: BassTable
    chords: ChordsTable
    pad: PadTable
    choir: PadTable
    arpeggio: ArpeggioTable
    counter: CounterTable
    transition: TransitionTable
    texture: float
    """From which energy textures sound."""
    performance: PerformanceTable

    @classmethod
    def of(cls, style: str) -> Self:
        """Read a style's tables.

        Raises
        ------
        NotFound
            If there is no such style.
        Invalid
            If a field is wrong, missing or unknown.
        """
        texture = table(style, "texture")
        made = cls(
            arrangement=_arrangement(table(style, "arrangement")),
            drums=DrumTable.read(table(style, "drums")),
            percussion=DrumTable.read(table(style, "percussion")),
            bass=BassTable.read(table(style, "bass")),
            chords=ChordsTable.read(table(style, "chords")),
            pad=PadTable.read(table(style, "pad")),
            choir=PadTable.read(table(style, "choir")),
            arpeggio=ArpeggioTable.read(table(style, "arpeggio")),
            counter=CounterTable.read(table(style, "counter")),
            transition=_transition(table(style, "transition")),
            texture=texture.number("from_energy", 0.0, 1.0, 0.0),
            performance=_performance(table(style, "performance")),
        )
        texture.done()
        return made


@cache
def accompaniment(style: str) -> Accompaniment:
    """Return a style's rhythm section, as `Accompaniment.of`."""
    return Accompaniment.of(style)


def _roles(fields: Fields, name: str) -> tuple[Role, ...]:
    texts = fields.texts(name, ())
    for text in texts:
        if text not in list(Role):
            raise fields.wrong(name, f"has {text!r}, which is no role")
    return tuple(Role(text) for text in texts)


def _arrangement(fields: Fields) -> ArrangementTable:
    made = ArrangementTable(
        _roles(fields, "enters"),
        fields.whole("intro_bars", 1, 16, 4),
        fields.member("ending", Ending, Ending.STOP),
    )
    fields.done()
    return made


def _transition(fields: Fields) -> TransitionTable:
    made = TransitionTable(
        rise=fields.number("rise", 0.0, 1.0, 1.0),
        stop_beats=fields.numbers("stop_beats", 0.0, 8.0, None, (0.0,)),
    )
    fields.done()
    if not made.stop_beats:
        raise fields.wrong("stop_beats", "must not be empty")
    return made


def _performance(fields: Fields) -> PerformanceTable:
    late: dict[str, float] = {}
    if fields.has("late_ms"):
        inner = fields.table("late_ms")
        late = {name: inner.number(name, -30.0, 40.0) for name in inner.names}
    made = PerformanceTable(
        swings=fields.member("swings", Subdivision, Subdivision.EIGHTHS),
        looseness_ms=fields.number("looseness_ms", 0.0, 30.0),
        machines=_roles(fields, "machines"),
        late_ms=late,
        touch=fields.number("touch", 0.0, 0.2, 0.05),
        graces=fields.number("graces", 0.0, 1.0, 0.0),
        accents=fields.number("accents", 0.0, 3.0, 1.0),
    )
    fields.done()
    return made
