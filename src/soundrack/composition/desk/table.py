"""A style's table ``[mix]``: how its records are balanced and what is done to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

from soundrack.composition.effects.reverb import SPACES
from soundrack.composition.effects.saturation import Curve
from soundrack.composition.fields import Fields
from soundrack.composition.plan import Role
from soundrack.composition.styles.files import table
from soundrack.mastering import Genre

_INSTRUMENTS: tuple[Role, ...] = tuple(role for role in Role if role is not Role.VOICE)


@dataclass(frozen=True)
class Sends:
    """How much of a part goes into the two reverberations and the echo, as factors."""

    short: float = 0.0
    long: float = 0.0
    echo: float = 0.0


@dataclass(frozen=True)
class MixTable:
    """How a style is mixed.

    Parameters
    ----------
    genre : Genre
        Whose records the master's tone comes near to.
    levels_db : dict of Role to float
        How loud each role is while it plays, beside the others; every role but the voice.
    voice_db : float
        How loud the voice is beside all else while somebody sings.
    short, long : str
        Names in `effects.reverb.SPACES`.
    long_s : float
        How long the long one lasts.
    echo_quarters, echo_feedback : float
        The echo's time in quarter notes, and how much of it comes back.
    sends : dict of Role to Sends
        Roles that are not in it are dry.
    glue_db : float
        By how much the drums' loud strokes are held; 0 for not at all.
    snap_db : float
        What the drums' attacks gain.
    drive_db : dict of Role to float
        How far roles are driven into saturation; 0 dB is where a part at its usual level begins to bend.
    curve : Curve
        Into which.
    pump_db, pump_quarters : float
        How far the bass drum ducks the others, and how long they take to come back.
    pumped : tuple of Role
        Whom.
    opens : tuple of Role
        Whose filter opens through a build.
    spread : float
        0 to 1: how far to the sides parts sit.
    chorus_width, verse_width : float
        What the side is multiplied by in choruses and drops, and in verses.
    ride_db : float
        How much louder the band is in choruses and drops than in verses.
    dip_db : float
        How deep the band makes room for the voice's consonants and formants.
    tilt_db : float
        Of the whole mix, above 800 Hz up and below it down.
    high_cut_hz : float
        Of the whole mix but the textures; 0 for none.
    crush_bits : float
        To how many bits drums are rounded; 0 for not at all.
    """

    genre: Genre
    levels_db: dict[Role, float]
    voice_db: float
    short: str
    long: str
    long_s: float
    echo_quarters: float
    echo_feedback: float
    sends: dict[Role, Sends]
    glue_db: float
    snap_db: float
    drive_db: dict[Role, float]
    curve: Curve
    pump_db: float
    pump_quarters: float
    pumped: tuple[Role, ...]
    opens: tuple[Role, ...]
    spread: float
    chorus_width: float
    verse_width: float
    ride_db: float
    dip_db: float
    tilt_db: float
    high_cut_hz: float
    crush_bits: float

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the table.

        Raises
        ------
        Invalid
            If a field is wrong, missing or unknown.
        """
        made = cls(
            genre=fields.member("genre", Genre),
            levels_db=_levels(fields.table("levels_db")),
            voice_db=fields.number("voice_db", -12.0, 12.0),
            short=_space(fields, "short"),
            long=_space(fields, "long"),
            long_s=fields.number("long_s", 0.3, 12.0),
            echo_quarters=fields.number("echo_quarters", 0.1, 4.0, 0.75),
            echo_feedback=fields.number("echo_feedback", 0.0, 0.9, 0.35),
            sends=_sends(fields.table("sends")),
            glue_db=fields.number("glue_db", 0.0, 12.0, 2.0),
            snap_db=fields.number("snap_db", -6.0, 9.0, 0.0),
            drive_db=_amounts(fields, "drive_db", -12.0, 24.0),
            curve=_curve(fields),
            pump_db=fields.number("pump_db", 0.0, 24.0, 0.0),
            pump_quarters=fields.number("pump_quarters", 0.1, 4.0, 0.75),
            pumped=_roles(fields, "pumped"),
            opens=_roles(fields, "opens"),
            spread=fields.number("spread", 0.0, 1.0, 0.5),
            chorus_width=fields.number("chorus_width", 0.0, 2.0, 1.1),
            verse_width=fields.number("verse_width", 0.0, 2.0, 0.95),
            ride_db=fields.number("ride_db", 0.0, 6.0, 1.0),
            dip_db=fields.number("dip_db", 0.0, 9.0, 2.5),
            tilt_db=fields.number("tilt_db", -4.0, 4.0, 0.0),
            high_cut_hz=fields.number("high_cut_hz", 0.0, 20_000.0, 0.0),
            crush_bits=fields.number("crush_bits", 0.0, 16.0, 0.0),
        )
        fields.done()
        return made


@cache
def mix_table(style: str) -> MixTable:
    """Return a style's table.

    Raises
    ------
    NotFound
        If there is no such style.
    Invalid
        If a field is wrong, missing or unknown.
    """
    return MixTable.read(table(style, "mix"))


def _levels(fields: Fields) -> dict[Role, float]:
    levels: dict[Role, float] = {role: fields.number(role.value, -40.0, 6.0) for role in _INSTRUMENTS}
    fields.done()
    return levels


def _amounts(fields: Fields, name: str, low: float, high: float) -> dict[Role, float]:
    if not fields.has(name):
        return {}
    inner = fields.table(name)
    amounts = {role: inner.number(role.value, low, high) for role in Role if inner.has(role.value)}
    inner.done()
    return amounts


def _sends(fields: Fields) -> dict[Role, Sends]:
    sends = {role: Sends(*fields.numbers(role.value, 0.0, 2.0, 3)) for role in Role if fields.has(role.value)}
    fields.done()
    return sends


def _curve(fields: Fields) -> Curve:
    name = fields.text("curve", Curve.TAPE.name.lower())
    if name.upper() not in Curve.__members__:
        raise fields.wrong("curve", f"must be one of {', '.join(each.name.lower() for each in Curve)}")
    return Curve[name.upper()]


def _space(fields: Fields, name: str) -> str:
    space = fields.text(name)
    if space not in SPACES:
        raise fields.wrong(name, f"must be one of {', '.join(SPACES)}")
    return space


def _roles(fields: Fields, name: str) -> tuple[Role, ...]:
    texts = fields.texts(name, ())
    for text in texts:
        if text not in list(Role):
            raise fields.wrong(name, f"has {text!r}, which is no role")
    return tuple(Role(text) for text in texts)
