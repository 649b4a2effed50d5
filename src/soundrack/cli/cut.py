"""``soundrack cut``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from soundrack.cli import console
from soundrack.cli.fx import depth
from soundrack.cli.master import choice
from soundrack.composition.cutting import Cut, CutOrder, End, Outputs, Start, cut


def run(source: Path, target: float, start: str, end: str, bits: int, out: Path, as_json: bool) -> None:
    """Make a shorter version and tell how it is put together."""
    order = CutOrder(target, choice(Start, start, "start"), choice(End, end, "end"))
    outputs = Outputs(out, depth=depth(bits))
    with console.engine_progress(source) as progress:
        made = cut(source, order, outputs, progress)
    if as_json:
        print(json.dumps({"file": str(out), **made.as_dict()}, ensure_ascii=False, allow_nan=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=False, title=escape(str(out)))
    table.title_justify = "left"
    for name, words in _words(made):
        table.add_row(name, escape(words))
    console.OUT.print(table)
    for note in made.notes:
        console.ERR.print(note, style="yellow", markup=False)


def _words(made: Cut) -> Iterator[tuple[str, str]]:
    yield "length", f"{made.duration_s:.2f} s of {made.source_s:.2f} s, {made.target_s:g} s wanted"
    for piece in made.pieces:
        bars = "" if piece.first_bar is None else f", bars {piece.first_bar} to {piece.last_bar}"
        yield "plays", f"{_clock(piece.start_s)} to {_clock(piece.end_s)}{bars}"
    for join in made.joins:
        where = f"{_clock(join.from_s)} to {_clock(join.to_s)}, at {_clock(join.at_s)}"
        yield "joins", f"{where}, {join.fade_ms:.0f} ms, flux {join.flux_percentile:.0f} %"
    yield "ends", {"own": "as the song does", "ring": "where a section does", "fade": "in a fade"}[made.ending]
    if made.highlight is not None:
        inside, label = made.highlight["inside"], made.highlight["label"]
        yield "holds", f"{inside:.0%} of the {'chorus' if label == 'chorus' else 'part with the most energy'}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:05.2f}"
