"""A style's table [plan]: tempo, swing, metre, keys, forms and bands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label, Player, Role
from soundrack.composition.styles.harmony import Progression, progression
from soundrack.composition.theory import Metre, Mode

MAJOR_SCALES = ("major", "mixolydian", "lydian", "major pentatonic")
MINOR_SCALES = (
    "natural minor",
    "harmonic minor",
    "melodic minor",
    "dorian",
    "phrygian",
    "minor pentatonic",
    "blues",
)

_SECTION = re.compile(r"(?P<label>[a-z-]+) (?P<bars>\d+) (?P<energy>\d(?:\.\d+)?) (?P<group>[A-Z])")


@dataclass(frozen=True)
class FormSection:
    """A section of a form as the style usually has it."""

    label: Label
    bars: int
    energy: float
    group: str


@dataclass(frozen=True)
class Form:
    """A form: its sections, and from which to which they may be heard again where the song is to be longer."""

    name: str
    weight: float
    sections: tuple[FormSection, ...]
    again: tuple[int, int]

    @property
    def bars(self) -> int:
        """How many bars it has as it stands."""
        return sum(section.bars for section in self.sections)


@dataclass(frozen=True)
class Band:
    """A choice of players."""

    weight: float
    players: tuple[Player, ...]


@dataclass(frozen=True)
class Substyle:
    """What a kind of the style does otherwise; what is empty or None is as in the style.

    `progressions` are those of all its sections, by mode.
    """

    name: str
    aliases: tuple[str, ...]
    tempo_bpm: tuple[float, float, float] | None
    swing: tuple[float, float] | None
    minor: float | None
    energy: float | None
    brightness: float | None
    metres: dict[Metre, float]
    forms: tuple[Form, ...]
    bands: tuple[Band, ...]
    progressions: dict[Mode, tuple[Progression, ...]]


@dataclass(frozen=True)
class PlanTable:
    """What a plan is drawn from.

    Parameters
    ----------
    title : str
        The style's name for people.
    aliases : tuple of str
        What else it is called.
    tempo_bpm : tuple of float
        Slowest, usual and quickest, in beats of the metre.
    swing : (float, float)
        Least and most, as in `Plan.swing`.
    metres : dict of Metre to float
        By weight.
    minor : float
        Share of songs in minor.
    major_scales, minor_scales : dict of str to float
        Names in `theory.SCALES` by weight.
    energy, valence, brightness : float
        As in `Plan`, where nothing was wished.
    phrase_bars : int
        Sections last a multiple of it where the asked duration allows.
    line_bars : float
        How many bars a line of lyrics takes, usually.
    ritardando : float
        By which part of the tempo the last two bars slow down; 0 in what is danced to.
    lift : float
        How often the last chorus is raised by a tone or semitone.
    loudness_lufs : float
        As in `Plan`.
    forms : tuple of Form
        At least one.
    bands : tuple of Band
        At least one.
    substyles : tuple of Substyle
        Kinds that can be asked for by name.
    """

    title: str
    aliases: tuple[str, ...]
    tempo_bpm: tuple[float, float, float]
    swing: tuple[float, float]
    metres: dict[Metre, float]
    minor: float
    major_scales: dict[str, float]
    minor_scales: dict[str, float]
    energy: float
    valence: float
    brightness: float
    phrase_bars: int
    line_bars: float
    ritardando: float
    lift: float
    loudness_lufs: float
    forms: tuple[Form, ...]
    bands: tuple[Band, ...]
    substyles: tuple[Substyle, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        table = cls(
            title=fields.text("title"),
            aliases=fields.texts("aliases"),
            tempo_bpm=_tempo(fields),
            swing=fields.span("swing", 0.5, 0.75),
            metres=_metres(fields),
            minor=fields.number("minor", 0.0, 1.0),
            major_scales=fields.weights("major_scales", MAJOR_SCALES),
            minor_scales=fields.weights("minor_scales", MINOR_SCALES),
            energy=fields.number("energy", 0.0, 1.0),
            valence=fields.number("valence", 0.0, 1.0),
            brightness=fields.number("brightness", 0.0, 1.0),
            phrase_bars=fields.whole("phrase_bars", 1, 16),
            line_bars=fields.number("line_bars", 0.5, 4.0),
            ritardando=fields.number("ritardando", 0.0, 0.5),
            lift=fields.number("lift", 0.0, 1.0),
            loudness_lufs=fields.number("loudness_lufs", -24.0, -8.0, -14.0),
            forms=tuple(_form(each) for each in fields.tables("forms")),
            bands=tuple(_band(each) for each in fields.tables("bands")),
            substyles=tuple(_substyle(each) for each in fields.tables("substyles", ())),
        )
        fields.done()
        if not table.forms or not table.bands:
            raise fields.wrong("forms" if not table.forms else "bands", "must not be empty")
        return table

    def substyle(self, name: str | None) -> Substyle | None:
        """Return a kind of the style by its name or an alias, or None if it has none of that name."""
        return next((each for each in self.substyles if name in (each.name, *each.aliases)), None)


def _tempo(fields: Fields) -> tuple[float, float, float]:
    slowest, usual, quickest = fields.numbers("tempo_bpm", 40.0, 220.0, 3)
    if not slowest <= usual <= quickest:
        raise fields.wrong("tempo_bpm", "must ascend")
    return slowest, usual, quickest


def _form(fields: Fields) -> Form:
    sections = []
    for text in fields.texts("sections"):
        match = _SECTION.fullmatch(text)
        if match is None or match["label"] not in list(Label) or not 1 <= int(match["bars"]) <= 64:
            raise fields.wrong("sections", f"has no section in {text!r}")
        energy = float(match["energy"])
        if energy > 1.0:
            raise fields.wrong("sections", f"has an energy above 1 in {text!r}")
        sections.append(FormSection(Label(match["label"]), int(match["bars"]), energy, match["group"]))
    first, last = (int(each) for each in fields.numbers("again", 0, len(sections), 2))
    form = Form(fields.text("name"), fields.number("weight", 0.0, 1000.0), tuple(sections), (first, last))
    fields.done()
    return form


def _band(fields: Fields) -> Band:
    weight = fields.number("weight", 0.0, 1000.0, 1.0)
    players: list[Player] = []
    for role in fields.names:
        if role != "weight":
            if role not in list(Role):
                raise fields.wrong(role, "is no role")
            players.extend(Player(Role(role), name) for name in fields.texts(role))
    fields.done()
    return Band(weight, tuple(players))


def _substyle(fields: Fields) -> Substyle:
    substyle = Substyle(
        name=fields.text("name"),
        aliases=fields.texts("aliases", ()),
        tempo_bpm=_tempo(fields) if fields.has("tempo_bpm") else None,
        swing=fields.span("swing", 0.5, 0.75) if fields.has("swing") else None,
        minor=fields.number("minor", 0.0, 1.0) if fields.has("minor") else None,
        energy=fields.number("energy", 0.0, 1.0) if fields.has("energy") else None,
        brightness=fields.number("brightness", 0.0, 1.0) if fields.has("brightness") else None,
        metres=_metres(fields) if fields.has("metres") else {},
        forms=tuple(_form(each) for each in fields.tables("forms", ())),
        bands=tuple(_band(each) for each in fields.tables("bands", ())),
        progressions=_progressions(fields.table("progressions")) if fields.has("progressions") else {},
    )
    fields.done()
    return substyle


def _progressions(fields: Fields) -> dict[Mode, tuple[Progression, ...]]:
    found = {
        mode: tuple(progression(fields, mode, text) for text in fields.texts(mode)) for mode in Mode if fields.has(mode)
    }
    fields.done()
    return found


def _metres(fields: Fields) -> dict[Metre, float]:
    return {Metre.parse(name): weight for name, weight in fields.weights("metres").items()}
