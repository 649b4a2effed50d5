"""``soundrack fx``."""

from __future__ import annotations

import json
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from soundrack.audio.encoding import Depth
from soundrack.cli import console
from soundrack.composition.foley import Delivery, EffectOrder, Outputs, deliver, effect
from soundrack.errors import Invalid

_DEPTHS = {16: Depth.S16, 24: Depth.S24}


def run(prompt: str, duration: float, loopable: bool, seed: int, bits: int, out: Path, as_json: bool) -> None:
    """Make a sound effect and tell what it is."""
    order = EffectOrder(prompt, duration, seed, loopable)
    outputs = Outputs(out, depth=depth(bits))
    outputs.check()
    told(deliver(effect(order), outputs, seed=seed), out, as_json)


def depth(bits: int) -> Depth:
    """Return how finely a FLAC file of so many bits is written.

    Raises
    ------
    Invalid
        If there is no such file.
    """
    if bits not in _DEPTHS:
        raise Invalid("A FLAC file has 16 or 24 bits.", field="bits")
    return _DEPTHS[bits]


def told(made: Delivery, out: Path, as_json: bool) -> None:
    """Tell what was made: as JSON, or as a table with what was not understood on standard error."""
    if as_json:
        print(json.dumps({"file": str(out), **made.as_dict()}, ensure_ascii=False, allow_nan=False, indent=2))
        return
    measured = made.measurement
    rows = [
        ("made of", ", ".join(made.sound.recipes)),
        ("why", made.sound.why),
        ("length", f"{made.duration_s:.3f} s"),
        ("loudness", f"{measured.integrated_lufs:.1f} LUFS, {measured.true_peak_db:.1f} dBTP"),
    ]
    if made.sound.seam_percentile is not None:
        rows.append(("seam", f"louder in onset than {made.sound.seam_percentile:.0f} % of the loop"))
    table = Table(box=None, pad_edge=False, show_header=False, title=escape(str(out)))
    table.title_justify = "left"
    for name, words in rows:
        table.add_row(name, escape(words))
    console.OUT.print(table)
    for note in made.sound.ignored:
        console.ERR.print(f"not done: {note}", style="yellow", markup=False)
