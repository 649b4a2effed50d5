"""``soundrack compose``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from soundrack import composition
from soundrack.audio.encoding import Depth
from soundrack.cli import console
from soundrack.errors import Invalid

_DEPTHS = {16: Depth.S16, 24: Depth.S24}


def run(
    prompt: str | None,
    reference: Path | None,
    from_plan: Path | None,
    lyrics: Path | None,
    duration: float | None,
    seed: int,
    variation: int,
    bits: int,
    out: Path,
    wanted: Mapping[str, Path | None],
) -> None:
    """Make a song and tell what it is.

    `wanted` is what else goes to files: ``stems``, ``midi``, ``plan``, ``score``.
    """
    if bits not in _DEPTHS:
        raise Invalid("A FLAC file has 16 or 24 bits.", field="bits")
    order = composition.Order(
        prompt=prompt,
        reference=reference,
        plan=None if from_plan is None else composition.plan_from_dict(_document(from_plan)),
        lyrics=None if lyrics is None else text(lyrics, "lyrics"),
        duration_s=duration,
        seed=seed,
        variation=variation,
    )
    outputs = composition.Outputs(out, depth=_DEPTHS[bits], **wanted)
    with console.engine_progress(out) as progress:
        made = composition.compose(order, outputs, progress)
    table = Table(box=None, pad_edge=False, show_header=False, title=escape(made.plan.title))
    table.title_justify = "left"
    for name, words in _words(made):
        table.add_row(name, escape(words))
    console.OUT.print(table)
    for note in made.notes:
        console.ERR.print(note, style="yellow", markup=False)


def _words(made: composition.Composition) -> list[tuple[str, str]]:
    plan, measured = made.plan, made.measurement
    return [
        ("style", plan.substyle or plan.style),
        ("key", plan.key.name),
        ("tempo", f"{plan.tempo_bpm:g} BPM, {plan.metre.name}"),
        ("form", " ".join(section.label for section in plan.form)),
        ("band", ", ".join(player.instrument for player in plan.band)),
        ("voice", plan.voice or "–"),
        ("length", f"{int(made.duration_s) // 60}:{int(made.duration_s) % 60:02}"),
        ("loudness", f"{measured.integrated_lufs:.1f} LUFS, {measured.true_peak_db:.1f} dBTP"),
    ]


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(text(path, "from_plan"))
    except json.JSONDecodeError as error:
        raise Invalid(f"This plan is no JSON: {error.msg} in line {error.lineno}.", field="from_plan") from error
    if not isinstance(document, dict):
        raise Invalid("A plan is a JSON object.", field="from_plan")
    return document


def text(path: Path, field: str) -> str:
    """Return what a file says.

    Raises
    ------
    Invalid
        If it cannot be read, or is no text; with the name of the field.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is no text in UTF-8.", field=field) from error
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", field=field) from error
