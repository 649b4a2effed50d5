"""``soundrack master``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from rich.table import Table

from soundrack import mastering
from soundrack.audio.encoding import Format
from soundrack.audio.measurement import Measurement
from soundrack.audio.outputs import check_files
from soundrack.cli import console
from soundrack.errors import Invalid

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
    destination: Path | None,
    wish: Mapping[str, Any],
    platform_names: Sequence[str],
    reference: Path | None,
    plan_path: Path | None,
    format_name: str | None,
    report_path: Path | None,
    picture: Path | None,
    previews: Path | None,
    null: Path | None,
) -> None:
    """Master one file, or one for each of several platforms, and show what changed."""
    ending = "wav" if destination is None else destination.suffix.removeprefix(".").lower()
    format = choice(Format, format_name or ending, "format")
    platforms = list(dict.fromkeys(choice(mastering.Platform, name, "platform") for name in platform_names))
    if len(platforms) > 1:
        if not plan_path is picture is previews is null is None:
            raise Invalid("--plan, --picture, --previews and --null are for one platform at a time.", field="platform")
        release(source, destination, order_of(wish, format=format), platforms, reference, report_path)
        return
    order = order_of(dict(wish) | {"platform": next(iter(platforms), None)}, format=format)
    destination = destination or _beside(source, next(iter(platforms), "master"), format)
    _check(order, source=source, destination=destination, reference=reference, plan=plan_path, report=report_path)
    plan = None if plan_path is None else mastering.MasteringPlan.parse(plan_path.read_bytes())
    enclosures = mastering.Enclosures(previews=previews, null=null, picture=picture)
    with console.engine_progress(source) as progress:
        report = mastering.master(
            source, destination, order, reference=reference, plan=plan, enclosures=enclosures, progress=progress
        )
    _write(report_path, report.as_dict())
    console.OUT.print(comparison(report.before, {"after": report.after}))
    _warn(report)


def release(
    source: Path,
    destination: Path | None,
    order: mastering.Order,
    platforms: Sequence[mastering.Platform],
    reference: Path | None,
    report_path: Path | None,
) -> None:
    """Master one file for several platforms and show what changed for each."""
    pattern = destination or source.with_suffix(f".{order.format}")
    files = {platform: pattern.with_stem(f"{pattern.stem}-{platform}") for platform in platforms}
    written = [(f"{platform} master", path) for platform, path in files.items()]
    read = [("source", source)] if reference is None else [("source", source), ("reference", reference)]
    check_files(written if report_path is None else [*written, ("report", report_path)], read)
    with console.engine_progress(source) as progress:
        done = mastering.release(source, files, order, reference=reference, progress=progress)
    _write(report_path, done.as_dict())
    reports = done.reports
    before = next(iter(reports.values())).before
    console.OUT.print(comparison(before, {str(platform): each.after for platform, each in reports.items()}))
    for alike in done.renderings:
        console.ERR.print(f"[bold]{', '.join(alike)}[/bold]")
        _warn(reports[alike[0]])


def _beside(source: Path, name: str, format: Format) -> Path:
    return source.with_name(f"{source.stem}-{name}.{format}")


def _write(path: Path | None, report: Mapping[str, Any]) -> None:
    if path is not None:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _warn(report: mastering.Report) -> None:
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


def comparison(before: Measurement, after: Mapping[str, Measurement]) -> Table:
    """Return a table of what mastering changed: a column for the song and one for each master, by its name."""
    table = Table("", "before", *after, box=None, pad_edge=False)
    for name, attribute, unit in (
        ("integrated loudness", "integrated_lufs", "LUFS"),
        ("loudness range", "loudness_range_lu", "LU"),
        ("true peak", "true_peak_db", "dBTP"),
        ("peak to loudness (PLR)", "plr_db", "dB"),
    ):
        values = (f"{getattr(measured, attribute):.2f} {unit}" for measured in (before, *after.values()))
        table.add_row(name, *values)
    return table


def choice(kind: type[Choice], name: str, field: str) -> Choice:
    """Return what a word stands for; `Invalid` names the words there are."""
    try:
        return kind(name)
    except ValueError:
        raise Invalid(f"{field} must be one of {', '.join(kind)}, not {name!r}.", field=field) from None
