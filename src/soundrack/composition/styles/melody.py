"""A style's table [melody]: how its tunes move, by ideas (riff, theme, lick ...) and for the voice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label
from soundrack.composition.theory import Metre

TONES = ("scale", "pentatonic", "blues", "chord")
CONTOURS = ("arch", "fall", "rise", "valley", "wave", "level")

_CELL = re.compile(r"[x.-]+")
_TURN = re.compile(r"(?P<letter>[a-d])(?P<inverted>~?)(?P<shift>(?:[+-]\d)?)(?P<varied>'?)|(?P<rest>_)")


@dataclass(frozen=True)
class Turn:
    """A motif's turn in a section: which, how changed. None for `letter` is a rest as long as a motif."""

    letter: str | None
    shift: int = 0
    inverted: bool = False
    varied: bool = False


@dataclass(frozen=True)
class Cell:
    """A rhythm of one or several bars, in sixteenths: ``x`` begins a note, ``-`` holds it, ``.`` is a rest."""

    steps: str
    bars: int

    @property
    def density(self) -> float:
        """Notes a bar."""
        return self.steps.count("x") / self.bars


@dataclass(frozen=True)
class Idea:
    """A way in which an instrument has the tune.

    Parameters
    ----------
    name : str
        What musicians call it.
    labels : tuple of Label
        Sections in which it is heard.
    weight : float
        How often it is taken where others are possible too.
    metre : Metre
        Of the cells; in another metre they are fitted.
    cells : tuple of Cell
        All of the same number of bars.
    schemes : tuple of tuple of Turn
        In which order motifs come.
    tones : str
        One of `TONES`: which notes it has.
    contours : dict of str to float
        Of a motif.
    span : int
        Semitones from its lowest to its highest note, about.
    chromatic : float
        How often a weak note comes from a semitone beside the next.
    repeats : float
        How freely notes are repeated, 0 to 1.
    improvised : bool
        Whether each strophe has new motifs.
    """

    name: str
    labels: tuple[Label, ...]
    weight: float
    metre: Metre
    cells: tuple[Cell, ...]
    schemes: tuple[tuple[Turn, ...], ...]
    tones: str
    contours: dict[str, float]
    span: int
    chromatic: float
    repeats: float
    improvised: bool


@dataclass(frozen=True)
class SungTable:
    """How lines are sung.

    `grid` is the shortest usual note in quarters; `syncopation` how readily a stressed syllable comes before its beat;
    `pickup` how readily a line begins before its bar; `melisma` how often a long syllable has several notes; `tones`
    one of `TONES`; `legato` which part of the time to the next syllable a note lasts.
    """

    grid: float
    syncopation: float
    pickup: float
    melisma: float
    tones: str
    legato: float


@dataclass(frozen=True)
class MelodyTable:
    """What melodies are drawn from.

    Parameters
    ----------
    lead : (int, int)
        Lowest and highest note of an instrument that has the tune, MIDI.
    extensions : float
        How freely sixths, sevenths and ninths stand on strong beats: 0 chord tones only, 1 like chord tones.
    leaps : float
        0 moves by step, 1 leaps freely.
    ideas : tuple of Idea
        Of instruments; where no idea has a section's label, nobody has the tune in it.
    sung : SungTable
        Of the voice.
    """

    lead: tuple[int, int]
    extensions: float
    leaps: float
    ideas: tuple[Idea, ...]
    sung: SungTable

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        low, high = fields.span("lead", 36, 96)
        table = cls(
            lead=(int(low), int(high)),
            extensions=fields.number("extensions", 0.0, 1.0),
            leaps=fields.number("leaps", 0.0, 1.0),
            ideas=tuple(_idea(each) for each in fields.tables("ideas")),
            sung=_sung(fields.table("sung")),
        )
        fields.done()
        return table

    def ideas_of(self, label: Label) -> tuple[Idea, ...]:
        """Return the ideas that a section of a label may have."""
        return tuple(idea for idea in self.ideas if label in idea.labels)


def _idea(fields: Fields) -> Idea:
    metre = Metre.parse(fields.text("metre", "4/4"))
    cells = tuple(_cell(fields, text, round(4 * metre.bar_quarters)) for text in fields.texts("cells"))
    if len({cell.bars for cell in cells}) != 1:
        raise fields.wrong("cells", "must all have the same number of bars")
    labels = []
    for label in fields.texts("labels"):
        if label not in list(Label):
            raise fields.wrong("labels", f"has no label in {label!r}")
        labels.append(Label(label))
    tones = fields.text("tones", "scale")
    if tones not in TONES:
        raise fields.wrong("tones", f"must be one of {', '.join(TONES)}")
    idea = Idea(
        name=fields.text("name"),
        labels=tuple(labels),
        weight=fields.number("weight", 0.0, 100.0, 1.0),
        metre=metre,
        cells=cells,
        schemes=tuple(_scheme(fields, text) for text in fields.texts("schemes")),
        tones=tones,
        contours=fields.weights("contours", CONTOURS),
        span=fields.whole("span", 3, 24),
        chromatic=fields.number("chromatic", 0.0, 1.0, 0.0),
        repeats=fields.number("repeats", 0.0, 1.0, 0.5),
        improvised=fields.flag("improvised", False),
    )
    fields.done()
    return idea


def _cell(fields: Fields, text: str, sixteenths: int) -> Cell:
    bars = text.replace(" ", "").split("|")
    if any(len(bar) != sixteenths or _CELL.fullmatch(bar) is None for bar in bars):
        raise fields.wrong("cells", f"must have {sixteenths} of x, - and . a bar in {text!r}")
    if "x" not in text:
        raise fields.wrong("cells", f"has no note in {text!r}")
    return Cell("|".join(bars), len(bars))


def _scheme(fields: Fields, text: str) -> tuple[Turn, ...]:
    turns = []
    for token in text.split():
        match = _TURN.fullmatch(token)
        if match is None:
            raise fields.wrong("schemes", f"has no turn in {token!r}")
        if match["rest"]:
            turns.append(Turn(None))
        else:
            turns.append(
                Turn(match["letter"], int(match["shift"] or 0), bool(match["inverted"]), bool(match["varied"]))
            )
    if not any(turn.letter for turn in turns):
        raise fields.wrong("schemes", f"has no motif in {text!r}")
    return tuple(turns)


def _sung(fields: Fields) -> SungTable:
    tones = fields.text("tones", "scale")
    if tones not in TONES:
        raise fields.wrong("tones", f"must be one of {', '.join(TONES)}")
    table = SungTable(
        grid=fields.number("grid", 0.25, 1.0),
        syncopation=fields.number("syncopation", 0.0, 1.0),
        pickup=fields.number("pickup", 0.0, 1.0),
        melisma=fields.number("melisma", 0.0, 1.0),
        tones=tones,
        legato=fields.number("legato", 0.3, 1.0),
    )
    fields.done()
    return table
