"""Where a master will be played: the loudness each platform plays at, and what it does to a song on the way.

The numbers and where each comes from stand in one table, ``platforms.toml`` beside this file.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import Field, ValidationError

from soundrack.errors import NotConfigured
from soundrack.mastering.step import Settings

TABLE = "platforms.toml"


class Platform(StrEnum):
    """Who plays the master."""

    SPOTIFY = "spotify"
    APPLE_MUSIC = "apple_music"
    YOUTUBE = "youtube"
    MELON = "melon"
    SOUNDCLOUD = "soundcloud"


_Lufs = Annotated[float, Field(ge=-30.0, le=-5.0, strict=True)]
_PeakDb = Annotated[float, Field(ge=-12.0, le=0.0, strict=True)]
_Flag = Annotated[bool, Field(strict=True)]
_Words = Annotated[str, Field(min_length=1)]


class Playback(Settings):
    """How a platform plays.

    `target_lufs` (-30 to -5 LUFS) and `ceiling_db` (-12 to 0 dBTP) are what a master for it should have. Its player
    brings songs to `level_lufs`: louder ones down, and quieter ones up if `turns_up`, as far as true peaks stay below
    `headroom_db`. `source` says where the numbers come from; `assumed` that they are our own default, because
    nothing is known.
    """

    name: _Words
    target_lufs: _Lufs
    ceiling_db: _PeakDb
    level_lufs: _Lufs
    turns_up: _Flag
    headroom_db: _PeakDb
    assumed: _Flag = False
    source: _Words


@cache
def playback() -> dict[Platform, Playback]:
    """Return the table.

    Raises
    ------
    NotConfigured
        As :func:`parse`.
    """
    return parse(resources.files("soundrack.mastering").joinpath(TABLE).read_text(encoding="utf-8"))


def parse(text: str) -> dict[Platform, Playback]:
    """Read a table of platforms, in the order of :class:`Platform`.

    Parameters
    ----------
    text : str
        TOML with one table for each platform, and in it every field of :class:`Playback`; `assumed` may be left out.

    Raises
    ------
    NotConfigured
        If it is not TOML, lacks a platform or has one that is not known, or holds a value that cannot be; the error's
        field is the place as ``platform.field``.
    """
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotConfigured(f"{TABLE} is not TOML: {error}.") from error
    for name in rows:
        if name not in list(Platform):
            raise _refusal(name, f"no such platform; there are {', '.join(Platform)}")
    return {platform: _row(platform, rows) for platform in Platform}


def _row(platform: Platform, rows: dict[str, Any]) -> Playback:
    if platform not in rows:
        raise _refusal(platform, "this platform is missing")
    try:
        return Playback.model_validate(rows[platform])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join((platform, *map(str, first["loc"])))
        raise _refusal(place, first["msg"]) from error


def _refusal(place: str, what: str) -> NotConfigured:
    return NotConfigured(f"{TABLE} cannot be used: {place}: {what}.", field=place)
