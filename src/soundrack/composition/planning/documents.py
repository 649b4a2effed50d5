"""Plans as documents: JSON that a person can read, change and have composed again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from soundrack.composition.bounds import MOST_SEED
from soundrack.composition.fields import Fields
from soundrack.composition.plan import Label, Plan, Player, Role, Section, Timbre
from soundrack.composition.planning.tonality import QUICKEST_BPM, SLOWEST_BPM, mode_of
from soundrack.composition.styles import styles
from soundrack.composition.theory import SCALES, Key, Metre
from soundrack.errors import Invalid

T = TypeVar("T")

VERSION = 1
_MOST_SECTIONS, _MOST_BARS, _MOST_PLAYERS = 200, 512, 40
_LONGEST_TEXT, _MOST_TEXTS = 200, 1000
_LONGEST_S = 600.0


def as_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as values of JSON; `from_dict` makes the same plan of it.

    Keys are names (``C minor``), metres time signatures (``6/8``), roles and labels their words.
    """
    return {
        "version": VERSION,
        "seed": plan.seed,
        "title": plan.title,
        "style": plan.style,
        "substyle": plan.substyle,
        "moods": list(plan.moods),
        "energy": plan.energy,
        "valence": plan.valence,
        "brightness": plan.brightness,
        "tempo_bpm": plan.tempo_bpm,
        "swing": plan.swing,
        "key": plan.key.name,
        "scale": plan.scale,
        "metre": plan.metre.name,
        "form": [
            {
                "label": section.label.value,
                "bars": section.bars,
                "energy": section.energy,
                "group": section.group,
                "lyrics": section.lyrics,
            }
            for section in plan.form
        ],
        "band": [{"role": player.role.value, "instrument": player.instrument} for player in plan.band],
        "voice": None if plan.voice is None else plan.voice.value,
        "language": plan.language,
        "loudness_lufs": plan.loudness_lufs,
        "understood": list(plan.understood),
        "ignored": list(plan.ignored),
    }


def as_json(plan: Plan) -> str:
    """Return a plan as a file of JSON has it, to be read, changed and given back."""
    return json.dumps(as_dict(plan), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def from_dict(document: Mapping[str, Any]) -> Plan:
    """Read a plan from values of JSON.

    Raises
    ------
    Invalid
        If it is not a plan, naming the first field that is wrong, as in ``form.3.bars``.
    """
    fields = Fields("", document)
    if fields.whole("version", 1, 1_000_000, VERSION) != VERSION:
        raise fields.wrong("version", f"must be {VERSION}")
    key = _named(fields, "key", Key.parse)
    plan = Plan(
        seed=fields.whole("seed", 0, MOST_SEED),
        title=_text(fields, "title"),
        style=_one_of(fields, "style", tuple(styles())),
        substyle=_text(fields, "substyle") if fields.has("substyle") else None,
        moods=_texts(fields, "moods"),
        energy=fields.number("energy", 0.0, 1.0),
        valence=fields.number("valence", 0.0, 1.0),
        brightness=fields.number("brightness", 0.0, 1.0),
        tempo_bpm=fields.number("tempo_bpm", SLOWEST_BPM, QUICKEST_BPM),
        swing=fields.number("swing", 0.5, 0.75, 0.5),
        key=key,
        scale=_one_of(fields, "scale", tuple(name for name in SCALES if mode_of(name) is key.mode)),
        metre=_named(fields, "metre", Metre.parse),
        form=_form(fields),
        band=_band(fields),
        voice=fields.member("voice", Timbre) if fields.has("voice") else None,
        language=_text(fields, "language", "en"),
        loudness_lufs=fields.number("loudness_lufs", -40.0, -5.0, -14.0),
        understood=_texts(fields, "understood"),
        ignored=_texts(fields, "ignored"),
    )
    for name in ("substyle", "voice"):
        _absent(fields, name)
    fields.done()
    if plan.duration_s > _LONGEST_S:
        raise fields.wrong("form", f"must last {_LONGEST_S:g} s at most")
    return plan


def _form(fields: Fields) -> tuple[Section, ...]:
    sections = []
    for table in fields.tables("form"):
        section = Section(
            label=table.member("label", Label),
            bars=table.whole("bars", 1, _MOST_BARS),
            energy=table.number("energy", 0.0, 1.0),
            group=_text(table, "group"),
            lyrics=table.whole("lyrics", 0, _MOST_SECTIONS) if table.has("lyrics") else None,
        )
        _absent(table, "lyrics")
        table.done()
        sections.append(section)
    if not 1 <= len(sections) <= _MOST_SECTIONS:
        raise fields.wrong("form", f"must have 1 to {_MOST_SECTIONS} sections")
    return tuple(sections)


def _band(fields: Fields) -> tuple[Player, ...]:
    players = []
    for table in fields.tables("band"):
        players.append(Player(table.member("role", Role), _text(table, "instrument")))
        table.done()
    if not 1 <= len(players) <= _MOST_PLAYERS:
        raise fields.wrong("band", f"must have 1 to {_MOST_PLAYERS} players")
    return tuple(players)


def _absent(fields: Fields, name: str) -> None:
    """Let a field be null or missing."""
    if not fields.has(name):
        fields.skip(name)


def _text(fields: Fields, name: str, default: str | None = None) -> str:
    text = fields.text(name, default)
    if not 1 <= len(text) <= _LONGEST_TEXT:
        raise fields.wrong(name, f"must have 1 to {_LONGEST_TEXT} characters")
    return text


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    texts = fields.texts(name, ())
    if len(texts) > _MOST_TEXTS:
        raise fields.wrong(name, f"must have {_MOST_TEXTS} entries at most")
    return texts


def _one_of(fields: Fields, name: str, known: tuple[str, ...]) -> str:
    text = fields.text(name)
    if text not in known:
        raise fields.wrong(name, f"must be one of {', '.join(known)}")
    return text


def _named(fields: Fields, name: str, parse: Callable[[str], T]) -> T:
    text = fields.text(name)
    try:
        return parse(text)
    except Invalid:
        raise fields.wrong(name, f"cannot be {text!r}") from None
