"""``soundrack sample``."""

from __future__ import annotations

from pathlib import Path

from soundrack.cli.fx import depth, told
from soundrack.composition.foley import Outputs, deliver
from soundrack.composition.samples import SampleOrder, sample
from soundrack.composition.theory import Key

_USUAL_S = 8.0


def run(
    prompt: str,
    duration: float | None,
    bars: int | None,
    loopable: bool,
    bpm: float | None,
    key: str | None,
    seed: int,
    bits: int,
    out: Path,
    midi: Path | None,
    plan: Path | None,
    as_json: bool,
) -> None:
    """Make a musical sample and tell what it is."""
    order = SampleOrder(
        prompt,
        duration_s=_USUAL_S if duration is None and bars is None else duration,
        loopable=loopable,
        seed=seed,
        bars=bars,
        tempo_bpm=bpm,
        key=None if key is None else Key.parse(key),
    )
    outputs = Outputs(out, depth=depth(bits), midi=midi, plan=plan)
    outputs.check()
    told(deliver(sample(order), outputs, seed=seed), out, as_json)
