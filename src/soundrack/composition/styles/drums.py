"""A style's tables [drums] and [percussion]: grooves as strings of steps, and what else a drummer does by habit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label
from soundrack.composition.score.drums.kit import Drum
from soundrack.composition.score.grid import figure
from soundrack.composition.theory import Metre

MARKS = frozenset("XxogF?234.-|  ")
"""Accent, plain, soft and ghost stroke; flam; soft stroke in half of the bars; rolls of 2, 3 or 4 in the step."""


class Backbeat(StrEnum):
    """Where the hand's stress is: what a style promises of its grooves."""

    TWO_AND_FOUR = "two and four"
    THREE = "three"
    """Half-time, and reggae's one drop."""
    FREE = "free"


class FillKind(StrEnum):
    """How a fill is orchestrated."""

    TOMS = "toms"
    SNARE = "snare"
    LINEAR = "linear"
    """Hands and foot in turn, never together."""
    BREAK = "break"
    """Snare and kick broken up, with ghost notes."""
    TRIPLETS = "triplets"
    ABANICO = "abanico"
    """The timbales' roll that ends in a rim shot on the fourth beat."""
    ROLL = "roll"
    """Hi-hats and snare in quickening rolls."""
    CLAPS = "claps"
    CUT = "cut"
    """The kick leaves for the last beats."""
    SWELL = "swell"
    """Cymbals or a low drum grow."""


class Clave(StrEnum):
    """The key of a groove: which it is, and which of its sides comes first. A bar of sixteenths here has both sides."""

    SON_3_2 = "son 3-2"
    SON_2_3 = "son 2-3"
    RUMBA_3_2 = "rumba 3-2"
    RUMBA_2_3 = "rumba 2-3"

    @property
    def two_first(self) -> bool:
        """Whether the side of two strokes comes first."""
        return self.value.endswith("2-3")

    @property
    def steps(self) -> str:
        """Sixteenths of a bar, the side of three strokes first."""
        return "X..X..X. ..X.X..." if self.value.startswith("son") else "X..X...X ..X.X..."


@dataclass(frozen=True)
class Line:
    """What one drum plays in a groove.

    Parameters
    ----------
    drum : Drum
        Which.
    steps : str
        Strokes by step, as in `score.grid.figure`; its marks are `MARKS`.
    from_energy : float
        Below this energy of the section it is left out.
    every : int
        0: always. Otherwise it replaces what the drum plays in the last of every so many bars.
    loop : bool
        Whether it goes on across bar lines, so that it may have any length.
    """

    drum: Drum
    steps: str
    from_energy: float
    every: int
    loop: bool


@dataclass(frozen=True)
class Groove:
    """A groove.

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
        Kits for which it is written; empty for all others.
    half_time : bool
        Whether the stress is on the third beat.
    clave : bool
        Whether it follows the song's clave, and beats it.
    lines : tuple of Line
        At least one.
    """

    name: str
    metre: str
    grid: int
    energy: tuple[float, float]
    labels: tuple[Label, ...]
    substyles: tuple[str, ...]
    plays: tuple[str, ...]
    half_time: bool
    clave: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class DrumTable:
    """What a drummer of the style does.

    Parameters
    ----------
    from_energy : float
        Below this energy of the section there are no drums.
    rests : tuple of Label
        Sections without them.
    backbeat : Backbeat
        What all grooves keep but those of labels of their own.
    fills : dict of FillKind to float
        By weight; empty for none.
    fill_every : int
        After how many bars within a section there may be a short fill; 0 for none.
    crash : bool
        Whether sections begin with a cymbal.
    comping : float
        How often, 0 to 1, snare and kick answer by rule in the gaps of the tune, as jazz drummers do.
    rolls : float
        How often, 0 to 1, the closed hi-hat breaks into a roll in half a bar.
    build : bool
        Whether builds quicken: strokes on quarters, eighths, then sixteenths.
    claves : tuple of Clave
        Of which the song follows one; empty for none.
    grooves : tuple of Groove
        At least one.
    """

    from_energy: float
    rests: tuple[Label, ...]
    backbeat: Backbeat
    fills: dict[FillKind, float]
    fill_every: int
    crash: bool
    comping: float
    rolls: float
    build: bool
    claves: tuple[Clave, ...]
    grooves: tuple[Groove, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        fills = fields.weights("fills", list(FillKind)) if fields.has("fills") else {}
        table = cls(
            from_energy=fields.number("from_energy", 0.0, 1.0, 0.0),
            rests=labels(fields, "rests"),
            backbeat=fields.member("backbeat", Backbeat, Backbeat.FREE),
            fills={FillKind(name): weight for name, weight in fills.items()},
            fill_every=fields.whole("fill_every", 0, 32, 8),
            crash=fields.flag("crash", False),
            comping=fields.number("comping", 0.0, 1.0, 0.0),
            rolls=fields.number("rolls", 0.0, 1.0, 0.0),
            build=fields.flag("build", False),
            claves=_claves(fields),
            grooves=tuple(_groove(each) for each in fields.tables("grooves")),
        )
        fields.done()
        if not any(_is_general(groove) for groove in table.grooves):
            raise fields.wrong("grooves", "must have one in 4/4 for every section and kit")
        return table


def labels(fields: Fields, name: str) -> tuple[Label, ...]:
    """Return a list of labels; none if the field is missing.

    Raises
    ------
    Invalid
        If one is not known.
    """
    texts = fields.texts(name, ())
    for text in texts:
        if text not in list(Label):
            raise fields.wrong(name, f"has {text!r}, which is no section's label")
    return tuple(Label(text) for text in texts)


def _is_general(groove: Groove) -> bool:
    return groove.metre == "4/4" and not groove.labels and not groove.substyles and not groove.plays


def _claves(fields: Fields) -> tuple[Clave, ...]:
    texts = fields.texts("claves", ())
    for text in texts:
        if text not in list(Clave):
            raise fields.wrong("claves", f"has {text!r}; there are {', '.join(Clave)}")
    return tuple(Clave(text) for text in texts)


def _groove(fields: Fields) -> Groove:
    metre = fields.text("metre", "4/4")
    grid = fields.whole("grid", 1, 12, 4)
    groove = Groove(
        name=fields.text("name"),
        metre=metre,
        grid=grid,
        energy=fields.span("energy", 0.0, 1.0, (0.0, 1.0)),
        labels=labels(fields, "labels"),
        substyles=fields.texts("substyles", ()),
        plays=fields.texts("plays", ()),
        half_time=fields.flag("half_time", False),
        clave=fields.flag("clave", False),
        lines=tuple(_line(each, metre, grid) for each in fields.tables("lines")),
    )
    fields.done()
    return groove


def _line(fields: Fields, metre: str, grid: int) -> Line:
    line = Line(
        drum=fields.member("drum", Drum),
        steps=fields.text("steps"),
        from_energy=fields.number("from_energy", 0.0, 1.0, 0.0),
        every=fields.whole("every", 0, 16, 0),
        loop=fields.flag("loop", False),
    )
    fields.done()
    checked(fields, line.steps, MARKS, grid, None if line.loop else metre)
    return line


def checked(fields: Fields, steps: str, marks: frozenset[str], grid: int, metre: str | None) -> None:
    """Check a string of steps: only known marks, and whole bars unless there is no metre.

    Raises
    ------
    Invalid
        Naming the field ``steps``.
    """
    strange = sorted(set(steps) - marks)
    if strange:
        raise fields.wrong("steps", f"has marks that are not known: {' '.join(strange)}")
    if metre is None:
        return
    try:
        figure(steps, grid, Metre.parse(metre), written=metre)
    except ValueError as error:
        raise fields.wrong("steps", f"cannot be read: {error}") from error
