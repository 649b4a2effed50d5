"""``soundrack master``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from rich.table import Table

from soundrack import mastering
from soundrack.audio.encoding import Format
from soundrack.audio.measurement import Measurement
from soundrack.cli import console
from soundrack.errors import Invalid

Choice = TypeVar("Choice", mastering.Preset, Format)


def run(
    source: Path,
    destination: Path,
    preset: str,
    lufs: float | None,
    ceiling_db: float,
    format_name: str | None,
    rate_hz: int | None,
    report_path: Path | None,
) -> None:
    """Master one file and show what changed."""
    order = mastering.Order(
        preset=_choice(mastering.Preset, preset, "preset"),
        target_lufs=lufs,
        ceiling_db=ceiling_db,
        format=_choice(Format, format_name or destination.suffix.removeprefix(".").lower(), "format"),
        rate_hz=rate_hz,
    )
    with console.engine_progress(source) as progress:
        report = mastering.master(source, destination, order, progress=progress)
    if report_path is not None:
        report_path.write_text(json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")
    console.OUT.print(comparison(report.before, report.after))
    if not report.reached:
        console.ERR.print(f"[yellow]{report.reason}[/yellow]")


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


def _choice(kind: type[Choice], name: str, field: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        raise Invalid(f"{field} must be one of {', '.join(kind)}, not {name!r}.", field=field) from None
