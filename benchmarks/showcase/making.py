"""From an item to its files: the sound, two pictures, and the facts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.showcase.items import Item
from soundrack import analysis, composition
from soundrack.analysis import Enclosures
from soundrack.audio.encoding import Depth
from soundrack.composition import cutting, foley, remix
from soundrack.composition.samples import SampleOrder, sample

SEED = 7
STYLE_S = 40.0
_Facts = dict[str, Any]


def made(item: Item, folder: Path) -> _Facts:
    """Return an item's facts; its files are made if they are not there."""
    told = folder / f"{item.name}.json"
    if not told.exists():
        file = folder / f"{item.name}.flac"
        began = time.process_time()
        facts = _MAKERS[item.group](item, file)
        facts["cpu_s"] = time.process_time() - began
        facts |= _heard(item, file, folder)
        told.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    facts = json.loads(told.read_text(encoding="utf-8"))
    assert isinstance(facts, dict)
    return facts


def _song(item: Item, file: Path) -> _Facts:
    duration_s = STYLE_S if item.group == "styles" else item.seconds
    order = composition.Order(item.prompt, lyrics=item.words, duration_s=duration_s, seed=SEED)
    return _composed(composition.compose(order, composition.Outputs(file, depth=Depth.S16)))


def _composed(song: composition.Composition) -> _Facts:
    plan = song.plan
    form = " ".join(f"{section.label.value}:{section.bars}" for section in plan.form)
    band = ", ".join(player.instrument.replace("_", " ") for player in plan.band)
    voice = "" if plan.voice is None else f"; {plan.voice.value} voice"
    style = (plan.substyle or plan.style).replace("_", " ")
    return {
        "planned": {"tempo_bpm": plan.tempo_bpm, "key": plan.key.name},
        "plan": f"{style}, {plan.tempo_bpm:g} bpm, {plan.metre.name}, {plan.key.name}; {form}; {band}{voice}",
        "notes": list(song.notes),
    }


def _effect(item: Item, file: Path) -> _Facts:
    order = foley.EffectOrder(item.prompt or "", item.seconds or 0.0, SEED)
    made_of = foley.deliver(foley.effect(order), foley.Outputs(file, depth=Depth.S16), seed=SEED).sound
    return {"plan": made_of.why, "notes": [f"not done: {each}" for each in made_of.ignored]}


def _loop(item: Item, file: Path) -> _Facts:
    order = SampleOrder(item.prompt or "", bars=item.bars, loopable=True, seed=SEED)
    made_of = foley.deliver(sample(order), foley.Outputs(file, depth=Depth.S16), seed=SEED).sound
    return {
        "plan": f"{made_of.why} {', '.join(made_of.recipes)}".replace("_", " "),
        "seam_percentile": made_of.seam_percentile,
        "notes": [f"not done: {each}" for each in made_of.ignored],
    }


def _remixed(item: Item, file: Path) -> _Facts:
    order = remix.RemixOrder(_source(item, file), item.prompt, instrumental=item.instrumental, seed=SEED)
    done = remix.remix(order, composition.Outputs(file, depth=Depth.S16))
    told = _composed(done.song)
    told["plan"] = f"keeps the {done.kept.value} of {item.source}, {done.rate:.3f} times as fast; {told['plan']}"
    return told


def _cut(item: Item, file: Path) -> _Facts:
    order = cutting.CutOrder(item.seconds or 0.0, start=cutting.Start.BEGINNING)
    done = cutting.cut(_source(item, file), order, cutting.Outputs(file, depth=Depth.S16))
    source = "" if item.source is None else item.source.replace("_", " ")
    pieces = len(done.pieces)
    count = "1 piece" if pieces == 1 else f"{pieces} pieces"
    return {
        "plan": f"{source}, {done.source_s:.1f} s, to {done.target_s:g} s: {count}, on {done.on}, ending {done.ending}",
        "notes": list(done.notes),
    }


def _source(item: Item, file: Path) -> Path:
    return file.with_name(f"{item.source}.flac")


_MAKERS: dict[str, Callable[[Item, Path], _Facts]] = {
    "styles": _song,
    "songs": _song,
    "effects": _effect,
    "loops": _loop,
    "remixes": _remixed,
    "cuts": _cut,
}


def _heard(item: Item, file: Path, folder: Path) -> _Facts:
    """Return what the analysis engine says of a file, and draw it."""
    pictures = Enclosures(waveform=folder / f"{item.name}-waveform.png", spectrogram=folder / f"{item.name}.png")
    report = analysis.analyze(file, enclosures=pictures)
    told = report.as_dict(report_id=item.name, filename=file.name)
    return {
        "duration_s": report.duration_s,
        "heard": {
            "tempo_bpm": told["tempo"]["bpm"],
            "key": told["key"]["name"],
            "genre": told["genre"]["primary"],
        },
        "loudness": told["loudness"],
    }
