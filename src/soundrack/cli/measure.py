"""``soundrack measure``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from soundrack.audio import files, measurement
from soundrack.audio.files import Limits
from soundrack.cli import console
from soundrack.errors import SoundrackError

_ANY_FILE = Limits(max_duration_s=24 * 3600.0, max_channels=24, max_samples=2**31)


def run(paths: list[Path], as_json: bool) -> int:
    """Measure files; a file that cannot be measured is told beside the others, and makes the exit code 1."""
    with console.bars() as shown:
        rows = [_measure(path) for path in shown.track(paths, description="measuring")]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        console.OUT.print(_table(rows))
    return 1 if any("error" in row for row in rows) else 0


def _measure(path: Path) -> dict[str, Any]:
    try:
        sound = files.read(path, _ANY_FILE)
        return {"file": str(path)} | measurement.measure(sound.samples, sound.rate_hz).as_dict()
    except SoundrackError as error:
        return {"file": str(path), "error": {"kind": error.kind, "message": str(error)}}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("file", "LUFS", "LRA", "dBTP", "PLR", box=None, pad_edge=False)
    for row in rows:
        if "error" in row:
            table.add_row(row["file"], f"[red]{row['error']['message']}[/red]")
            continue
        numbers = (row[name] for name in ("integrated_lufs", "loudness_range_lu", "true_peak_db", "plr_db"))
        table.add_row(row["file"], *("–" if number is None else f"{number:.2f}" for number in numbers))
    return table
