"""``soundrack separate``."""

from __future__ import annotations

import json
import math
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from soundrack.cli import console
from soundrack.cli.fx import depth
from soundrack.composition.separation import Outputs, separate


def run(source: Path, out: Path, bits: int, as_json: bool) -> None:
    """Take a recording apart and tell what came out."""
    outputs = Outputs(out, depth=depth(bits))
    with console.engine_progress(source) as progress:
        made = separate(source, outputs, progress)
    if as_json:
        files = {name: str(path) for name, path in made.stems.items()}
        print(json.dumps({"files": files, **made.as_dict()}, ensure_ascii=False, allow_nan=False, indent=2))
        return
    table = Table("", "beside the mix", "file", box=None, pad_edge=False)
    for name, level_db in made.levels_db.items():
        table.add_row(name, "–" if math.isinf(level_db) else f"{level_db:.1f} dB", escape(str(made.stems[name])))
    console.OUT.print(table)
    for note in made.notes:
        console.ERR.print(note, style="yellow", markup=False)
