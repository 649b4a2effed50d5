"""The page: one HTML file without anything from elsewhere; sounds and pictures lie beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from benchmarks.showcase.items import GROUPS, HERE, Item
from benchmarks.showcase.making import SEED

_TEMPO_WITHIN = 0.01
_SMALL = '<svg width="24" height="24" aria-hidden="true" '


@dataclass(frozen=True)
class _Sound:
    name: str
    title: str
    prompt: str | None
    plan: str
    measures: tuple[tuple[str, str], ...]
    judgement: str | None
    lyrics: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Group:
    name: str
    title: str
    sounds: tuple[_Sound, ...]


def write_page(folder: Path, shown: Sequence[tuple[Item, Mapping[str, Any]]], judgements: Mapping[str, str]) -> Path:
    """Write ``index.html``; return its path.

    Parameters
    ----------
    folder : Path
        Where the sounds and pictures are.
    shown : sequence of (Item, facts)
        In the order of the page.
    judgements : mapping of str to str
        By the items' names.
    """
    style = files("soundrack.dashboard") / "static"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    groups = [
        _Group(
            name,
            title,
            tuple(_sound(item, facts, judgements.get(item.name)) for item, facts in shown if item.group == name),
        )
        for name, title in GROUPS.items()
    ]
    page = environment.from_string((HERE / "page.html").read_text(encoding="utf-8")).render(
        groups=[group for group in groups if group.sounds],
        seed=SEED,
        mark=(style / "mark.svg").read_text(encoding="utf-8").replace("<svg ", _SMALL),
        sheet=(style / "soundrack.css").read_text(encoding="utf-8"),
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _sound(item: Item, facts: Mapping[str, Any], judgement: str | None) -> _Sound:
    return _Sound(
        name=item.name,
        title=item.title,
        prompt=item.prompt,
        plan=facts["plan"],
        measures=_measures(item, facts),
        judgement=judgement,
        lyrics=item.words,
        notes=tuple(facts["notes"]),
    )


def _measures(item: Item, facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    heard, loudness, length_s = facts["heard"], facts["loudness"], facts["duration_s"]
    rows = [
        ("length", f"{length_s:.1f} s"),
        ("loudness", _number(loudness["integrated_lufs"], "LUFS")),
        ("true peak", _number(loudness["true_peak_db"], "dBTP")),
        ("loudness range", _number(loudness["loudness_range_lu"], "LU")),
        ("time of one core", f"{facts['cpu_s']:.1f} s"),
        ("times real time", f"{length_s / max(facts['cpu_s'], 1e-3):.1f}"),
    ]
    if item.group != "effects":
        rows.insert(0, ("tempo heard", _told(heard["tempo_bpm"], facts.get("planned", {}).get("tempo_bpm"))))
        planned = facts.get("planned", {}).get("key")
        key = heard["key"] or "none"
        rows.insert(1, ("key heard", key if planned in (None, heard["key"]) else f"{key} (planned {planned})"))
    if "seam_percentile" in facts:
        rows.append(("seam's flux", f"above {facts['seam_percentile']:.0f} % of places"))
    return tuple(rows)


def _told(heard_bpm: float | None, planned_bpm: float | None) -> str:
    if heard_bpm is None:
        return "none"
    same = planned_bpm is None or abs(heard_bpm / planned_bpm - 1.0) <= _TEMPO_WITHIN
    return f"{heard_bpm:.1f} bpm" + ("" if same else f" (planned {planned_bpm:g})")


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.1f} {unit}"
