"""Terms: what they are called and what they do, read from the TOML files and checked field by field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from soundrack.composition.plan import Label, Role, Timbre
from soundrack.composition.theory import SCALES, Metre, Mode
from soundrack.errors import Internal

_FOLDER = Path(__file__).parent

SUBJECTS = (
    "styles",
    "moods",
    "instruments",
    "voices",
    "tempo",
    "tonality",
    "eras",
    "scenes",
    "production",
    "form",
    "noises",
)
"""The lists, in the order in which the documents print them."""


@dataclass(frozen=True)
class Term:
    """A term of the vocabulary.

    Parameters
    ----------
    name, subject : str
        What it is called in wishes, and the list that it is in.
    en, ko : tuple of str
        All its forms, the name among them; Korean verbs and adjectives as stems.
    styles : tuple of (str, float)
        Names in `styles` and how much of each it says, above 0 to 1; of other subjects: where no style is named.
    flavour : bool
        Whether it colours styles rather than names one ("jazzy").
    energy, valence, brightness : float or None
        Hints, 0 to 1.
    tempo_bpm : (float, float) or None
        From which to which tempo.
    mode, scale, metre, swing : Mode, str, Metre and float or None
        As in `Wishes`.
    instruments : tuple of str
        Names of the catalogue, any of which is meant; of styles, all of which belong to it.
    role : Role or None
        What the instrument does.
    whole : bool
        Whether who denies it wants nobody in this role.
    piece : str or None
        The piece of a drum kit that it is.
    sung, voice : bool and Timbre or None
        Whether somebody sings, and who.
    alone : bool
        Whether nothing else is to play.
    era : int or None
        First year of a decade.
    production : tuple of str
        Terms of ``production`` that come with it.
    labels : tuple of Label
        Sections.
    loop : bool or None
        Whether it is to be looped.
    length_s : float or None
        How long it is to be.
    sound : bool
        Whether it may also mean a noise that is no music.
    """

    name: str
    subject: str
    en: tuple[str, ...] = ()
    ko: tuple[str, ...] = ()
    styles: tuple[tuple[str, float], ...] = ()
    flavour: bool = False
    energy: float | None = None
    valence: float | None = None
    brightness: float | None = None
    tempo_bpm: tuple[float, float] | None = None
    mode: Mode | None = None
    scale: str | None = None
    metre: Metre | None = None
    swing: float | None = None
    instruments: tuple[str, ...] = ()
    role: Role | None = None
    whole: bool = False
    piece: str | None = None
    sung: bool | None = None
    voice: Timbre | None = None
    alone: bool = False
    era: int | None = None
    production: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    loop: bool | None = None
    length_s: float | None = None
    sound: bool = False

    @property
    def substyle(self) -> str | None:
        """The name of a substyle, None where it is a style's own name or a flavour."""
        if self.subject != "styles" or not self.styles or self.flavour:
            return None
        return None if self.name.replace(" ", "_") == self.styles[0][0] else self.name


@cache
def terms() -> tuple[Term, ...]:
    """Return every term, subject by subject.

    Raises
    ------
    Internal
        If a file has a field that does not exist, or a value that cannot be.
    """
    return tuple(_term(name, subject, told) for subject in SUBJECTS for name, told in _file(f"{subject}.toml").items())


@cache
def emoji() -> Mapping[str, Term]:
    """Return the term that each emoji stands for; those with a variation selector are listed without it."""
    named: dict[str, Term] = {}
    for term in terms():
        named.setdefault(term.name, term)
    return {sign: named[name] for sign, name in _file("emoji.toml").items()}


def _file(name: str) -> dict[str, Any]:
    with (_FOLDER / name).open("rb") as file:
        return tomllib.load(file)


_FIELDS = frozenset(field.name for field in fields(Term)) - {"name", "subject"} | {"head"}


def _term(name: str, subject: str, told: Mapping[str, Any]) -> Term:
    place = f"{name!r} in {subject}.toml"
    unknown = sorted(set(told) - _FIELDS)
    if unknown:
        raise Internal(f"{place} has fields that do not exist: {', '.join(unknown)}.")
    values: dict[str, Any] = dict(told)
    head = (name,) if values.pop("head", True) else ()
    values["en"] = (*head, *told.get("en", ()))
    for field in ("ko", "instruments", "production"):
        values[field] = tuple(told.get(field, ()))
    values["styles"] = tuple(dict(told.get("styles", {})).items())
    try:
        values["labels"] = tuple(Label(label) for label in told.get("labels", ()))
        for field, kind in (("role", Role), ("voice", Timbre), ("mode", Mode), ("metre", Metre.parse)):
            if field in told:
                values[field] = kind(told[field])
    except ValueError as wrong:
        raise Internal(f"{place}: {wrong}") from wrong
    if "tempo_bpm" in told:
        values["tempo_bpm"] = _between(told["tempo_bpm"], 40.0, 220.0, place)
    for field in ("energy", "valence", "brightness"):
        if field in told:
            values[field] = _within(told[field], 0.0, 1.0, place)
    if "swing" in told:
        values["swing"] = _within(told["swing"], 0.5, 0.75, place)
    if told.get("scale") is not None and told["scale"] not in SCALES:
        raise Internal(f"{place}: there is no scale {told['scale']!r}.")
    return Term(name, subject, **values)


def _between(pair: list[float], least: float, most: float, place: str) -> tuple[float, float]:
    low, high = (_within(value, least, most, place) for value in pair)
    if low > high:
        raise Internal(f"{place}: {low:g} is above {high:g}.")
    return low, high


def _within(value: float, least: float, most: float, place: str) -> float:
    if not least <= value <= most:
        raise Internal(f"{place}: {value:g} is not between {least:g} and {most:g}.")
    return float(value)
