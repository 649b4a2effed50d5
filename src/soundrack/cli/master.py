"""``soundrack master``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from rich.table import Table

from soundrack import mastering
from soundrack.audio.encoding import Format
from soundrack.audio.measurement import Measurement
from soundrack.cli import console
from soundrack.errors import Invalid
from soundrack.mastering.outputs import check_files

Choice = TypeVar("Choice", bound=StrEnum)

_CHOICES: dict[str, type[StrEnum]] = {
    "preset": mastering.Preset,
    "genre": mastering.Genre,
    "platform": mastering.Platform,
    "tier": mastering.Tier,
    "generator": mastering.Generator,
}


def run(
    source: Path,
    destination: Path,
    wish: Mapping[str, Any],
    reference: Path | None,
    plan_path: Path | None,
    format_name: str | None,
    report_path: Path | None,
    picture: Path | None,
    previews: Path | None,
    null: Path | None,
) -> None:
    """Master one file and show what changed."""
    format = choice(Format, format_name or destination.suffix.removeprefix(".").lower(), "format")
    order = order_of(wish, format=format)
    _check(order, source=source, destination=destination, reference=reference, plan=plan_path, report=report_path)
    plan = None if plan_path is None else mastering.MasteringPlan.parse(plan_path.read_bytes())
    enclosures = mastering.Enclosures(previews=previews, null=null, picture=picture)
    with console.engine_progress(source) as progress:
        report = mastering.master(
            source, destination, order, reference=reference, plan=plan, enclosures=enclosures, progress=progress
        )
    if report_path is not None:
        text = json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n"
        report_path.write_text(text, encoding="utf-8")
    console.OUT.print(comparison(report.before, report.after))
    for point in report.gate.points:
        if point.verdict:
            console.ERR.print(f"[yellow]{point.in_words}[/yellow]")
    if report.reason is not None:
        console.ERR.print(f"[yellow]{report.reason}[/yellow]")


def _check(order: mastering.Order, **paths: Path | None) -> None:
    """Refuse files that would replace others, and options without effect."""
    given = {name: path for name, path in paths.items() if path is not None}
    written = [(name, path) for name, path in given.items() if name in ("destination", "report")]
    check_files(written, [(name, path) for name, path in given.items() if name not in ("destination", "report")])
    plain = mastering.Order(format=order.format, rate_hz=order.rate_hz)
    if "plan" in given and (order != plain or "reference" in given):
        raise Invalid("Beside --plan only --format and --sample-rate have an effect; the rest is in it.", field="plan")


def order_of(wish: Mapping[str, Any], *, format: Format = Format.WAV) -> mastering.Order:
    """Return the order that options ask for, names still as words.

    Raises
    ------
    Invalid
        If a word is none of its kind, or a value lies outside its range.
    """
    chosen: dict[str, Any] = {
        name: choice(_CHOICES[name], value, name) if name in _CHOICES and value is not None else value
        for name, value in wish.items()
    }
    return mastering.Order(**chosen, format=format)


def comparison(before: Measurement, after: Measurement) -> Table:
    """Return a table of what a master changed."""
    table = Table("", "before", "after", box=None, pad_edge=False)
    for name, attribute, unit in (
        ("integrated loudness", "integrated_lufs", "LUFS"),
        ("loudness range", "loudness_range_lu", "LU"),
        ("true peak", "true_peak_db", "dBTP"),
        ("peak to loudness (PLR)", "plr_db", "dB"),
    ):
        values = (f"{getattr(measured, attribute):.2f} {unit}" for measured in (before, after))
        table.add_row(name, *values)
    return table


def choice(kind: type[Choice], name: str, field: str) -> Choice:
    """Return what a word stands for; `Invalid` names the words there are."""
    try:
        return kind(name)
    except ValueError:
        raise Invalid(f"{field} must be one of {', '.join(kind)}, not {name!r}.", field=field) from None
