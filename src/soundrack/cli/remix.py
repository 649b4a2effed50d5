"""``soundrack remix``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from soundrack.cli import console
from soundrack.cli.compose import text
from soundrack.cli.fx import depth
from soundrack.composition import Outputs
from soundrack.composition.remix import Remixed, RemixOrder, remix


def run(
    source: Path,
    prompt: str | None,
    lyrics: Path | None,
    instrumental: bool,
    duration: float | None,
    seed: int,
    variation: int,
    bits: int,
    out: Path,
    wanted: Mapping[str, Path | None],
    as_json: bool,
) -> None:
    """Remix a recording and tell what became of it.

    `wanted` is what else goes to files: ``stems``, ``midi``, ``plan``, ``score``.
    """
    order = RemixOrder(
        source,
        prompt,
        lyrics=None if lyrics is None else text(lyrics, "lyrics"),
        instrumental=instrumental,
        duration_s=duration,
        seed=seed,
        variation=variation,
    )
    outputs = Outputs(out, depth=depth(bits), **wanted)
    with console.engine_progress(out) as progress:
        made = remix(order, outputs, progress)
    if as_json:
        print(json.dumps({"file": str(out), **made.as_dict()}, ensure_ascii=False, allow_nan=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=False, title=escape(made.song.plan.title))
    table.title_justify = "left"
    for name, words in _words(made):
        table.add_row(name, escape(words))
    console.OUT.print(table)
    for note in made.song.notes:
        console.ERR.print(note, style="yellow", markup=False)


def _words(made: Remixed) -> list[tuple[str, str]]:
    plan, measured, origin = made.song.plan, made.song.measurement, made.origin
    duration_s = round(made.song.duration_s)
    heard = "no beat" if origin.tempo_bpm is None else f"{origin.tempo_bpm:.1f} BPM, {origin.metre}"
    return [
        ("source", f"{heard}, {'no key' if origin.key is None else origin.key.name}"),
        ("kept", made.kept.value + ("" if made.rate == 1.0 else f", at {made.rate:.2f} of its speed")),
        ("style", plan.substyle or plan.style),
        ("key", plan.key.name),
        ("tempo", f"{plan.tempo_bpm:.4g} BPM, {plan.metre.name}"),
        ("form", " ".join(section.label for section in plan.form)),
        ("band", ", ".join(player.instrument for player in plan.band)),
        ("length", f"{duration_s // 60}:{duration_s % 60:02}"),
        ("loudness", f"{measured.integrated_lufs:.1f} LUFS, {measured.true_peak_db:.1f} dBTP"),
    ]
