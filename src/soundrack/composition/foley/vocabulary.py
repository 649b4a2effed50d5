"""What recipes and qualities are called, read from the TOML files and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from soundrack.composition.foley.catalogue import RECIPES
from soundrack.composition.foley.character import Movement, Room
from soundrack.composition.prompt.sounds import simple
from soundrack.errors import Internal

_FOLDER = Path(__file__).parent
_PARAMETERS = ("size", "intensity", "speed", "brightness", "distance")


@dataclass(frozen=True)
class Named:
    """What a recipe answers to.

    Parameters
    ----------
    en, ko, signs : tuple of str
        English words and phrases in their simple form, beginnings of Korean words, emoji.
    base, near : str or None and tuple of str
        It is taken instead of its base where one of these words is in the prompt.
    absorbs : tuple of str
        Recipes that its own words would bring along.
    """

    en: tuple[str, ...]
    ko: tuple[str, ...]
    signs: tuple[str, ...]
    base: str | None
    near: tuple[str, ...]
    absorbs: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Everything that can be said.

    Parameters
    ----------
    recipes : mapping of str to Named
        By recipe.
    qualities : mapping of str to mapping
        What each quality sets, fields of `Character`.
    moods : mapping of str to (float, float)
        Energy and brightness of recipes that stand in where no sound is named.
    english, korean, signs : mapping of str to (str, bool)
        Forms; the name, and whether it is a quality.
    """

    recipes: Mapping[str, Named]
    qualities: Mapping[str, Mapping[str, Any]]
    moods: Mapping[str, tuple[float, float]]
    english: Mapping[str, tuple[str, bool]]
    korean: Mapping[str, tuple[str, bool]]
    signs: Mapping[str, tuple[str, bool]]


@cache
def words() -> Words:
    """Return the vocabulary.

    Raises
    ------
    Internal
        If a file names what does not exist, or a form twice.
    """
    named = {name: _named(name, told) for name, told in _file("words.toml").items()}
    if list(named) and set(named) != set(RECIPES):
        raise Internal(f"words.toml and the recipes differ in {sorted(set(named) ^ set(RECIPES))}.")
    qualities: dict[str, Mapping[str, Any]] = {}
    english: dict[str, tuple[str, bool]] = {}
    korean: dict[str, tuple[str, bool]] = {}
    signs: dict[str, tuple[str, bool]] = {}
    for name, each in named.items():
        for forms, kept in ((each.en, english), (each.ko, korean), (each.signs, signs)):
            for form in forms:
                _keep(kept, form, (name, False))
    for name, told in _file("qualities.toml").items():
        qualities[name] = _quality(name, told)
        for form in told["en"]:
            _keep(english, plain(form), (name, True))
        for form in told["ko"]:
            _keep(korean, form, (name, True))
    moods = {name: (float(told["energy"]), float(told["brightness"])) for name, told in _file("moods.toml").items()}
    return Words(named, qualities, moods, english, korean, signs)


def plain(form: str) -> str:
    """Return an English form as it is looked up: each word in its simple form."""
    return " ".join(simple(word) for word in form.split())


def _keep(kept: dict[str, tuple[str, bool]], form: str, meaning: tuple[str, bool]) -> None:
    if kept.get(form, meaning) != meaning and kept[form][1] == meaning[1]:
        raise Internal(f"{form!r} means both {kept[form][0]} and {meaning[0]}.")
    kept.setdefault(form, meaning)


def _named(name: str, told: Mapping[str, Any]) -> Named:
    unknown = set(told) - {"en", "ko", "signs", "base", "near", "absorbs"}
    absorbs = tuple(told.get("absorbs", ()))
    wrong = [each for each in (*absorbs, *filter(None, [told.get("base")])) if each not in RECIPES]
    if unknown or wrong:
        raise Internal(f"{name} in words.toml: {sorted(unknown) or wrong} does not exist.")
    en = tuple(dict.fromkeys(plain(form) for form in told["en"]))
    near = tuple(form if not form.isascii() else plain(form) for form in told.get("near", ()))
    return Named(en, tuple(told["ko"]), tuple(told.get("signs", "")), told.get("base"), near, absorbs)


def _quality(name: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    values = {field: value for field, value in told.items() if field not in {"en", "ko"}}
    for field, value in values.items():
        if field == "room":
            values[field] = Room(value)
        elif field == "movement":
            values[field] = Movement(value)
        elif field not in _PARAMETERS or not 0.0 <= value <= 1.0:
            raise Internal(f"{name} in qualities.toml: {field} = {value}.")
    return values


def _file(name: str) -> dict[str, Any]:
    with (_FOLDER / name).open("rb") as file:
        return tomllib.load(file)
