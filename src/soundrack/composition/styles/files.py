"""The files of the styles, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from soundrack.composition.fields import Fields
from soundrack.composition.styles.style import Style, read
from soundrack.errors import NotFound

_FOLDER = Path(__file__).parent

NAMES = (
    "house",
    "techno",
    "trance",
    "drum_and_bass",
    "dubstep",
    "synthwave",
    "lofi",
    "hip_hop",
    "trap",
    "pop",
    "rock",
    "disco_funk",
    "jazz",
    "cinematic",
    "ambient",
    "folk",
    "reggae",
    "latin",
)
"""Every style, in the order in which they are listed."""


def styles() -> Mapping[str, Style]:
    """Return every style by its name."""
    return _styles()


def style(name: str) -> Style:
    """Return a style.

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    try:
        return _styles()[name]
    except KeyError:
        raise NotFound(f"There is no style {name!r}.", field="style") from None


def table(name: str, part: str) -> Fields:
    """Return a table of a style's file, to be read by the part of the engine whose it is.

    Parameters
    ----------
    name : str
        Of the style.
    part : str
        Of the table: ``drums``, ``bass``, ...

    Raises
    ------
    NotFound
        If there is no style of that name.
    Invalid
        If the style has no such table.
    """
    if name not in NAMES:
        raise NotFound(f"There is no style {name!r}.", field="style")
    return Fields(name, _file(name)).table(part)


@cache
def _styles() -> dict[str, Style]:
    return {name: read(name, Fields(name, _file(name))) for name in NAMES}


@cache
def _file(name: str) -> dict[str, object]:
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
