"""``soundrack plan``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from soundrack import mastering
from soundrack.audio.outputs import check_files
from soundrack.cli import console
from soundrack.cli.master import order_of


def run(source: Path, output: Path | None, wish: Mapping[str, Any], reference: Path | None) -> None:
    """Print a song's plan, or write it to a file and say in words what it holds."""
    if output is not None:
        sources = [("source", source)] if reference is None else [("source", source), ("reference", reference)]
        check_files([("output", output)], sources)
    with console.engine_progress(source) as progress:
        plan = mastering.plan_for(source, order_of(wish), reference=reference, progress=progress)
    text = plan.model_dump_json(indent=2, exclude_none=True)
    if output is None:
        print(text)
        return
    output.write_text(text + "\n", encoding="utf-8")
    for reason in plan.reasons:
        console.OUT.print(reason)
