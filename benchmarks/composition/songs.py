"""The songs that are judged, kept in a folder, so that they may be judged again: what was asked, planned and played."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.composition.prompts import Prompt
from soundrack import composition
from soundrack.composition.performance import Clock
from soundrack.composition.score.score import Score
from soundrack.composition.styles.accompaniment import accompaniment

_PAIRED = 6
"""Of so many songs of a half one is composed again, and has a second variation."""


@dataclass(frozen=True)
class Song:
    """A song: its file, its prompt, and what is known of it without hearing it.

    `facts` has ``style``, ``substyle``, ``bpm``, ``key``, ``scale``, ``metre``, ``band``, ``form``, ``understood``,
    ``ignored``, ``notes``, ``beats_s`` and ``downbeats_s`` as played, ``cpu_s``, and, for one of six, ``repeats`` (the
    same order gave the same bytes).
    """

    path: Path
    prompt: Prompt
    facts: dict[str, Any]

    @property
    def other(self) -> Path | None:
        """Its second variation, if there is one."""
        path = self.path.with_name(f"{self.path.stem}-b.flac")
        return path if path.exists() else None


def song(prompt: Prompt, folder: Path, *, pairs: bool) -> Song:
    """Return a song of a prompt, composed if it is not in the folder."""
    stem = hashlib.sha256(json.dumps(prompt.as_dict(), sort_keys=True).encode()).hexdigest()[:8]
    path = folder / f"{prompt.number:03}-{prompt.style}-{stem}.flac"
    papers = path.with_suffix(".json")
    facts = json.loads(papers.read_text()) if papers.exists() and path.exists() else None
    paired = pairs and prompt.number // 2 % _PAIRED == 0
    if facts is None or (paired and "repeats" not in facts):
        folder.mkdir(parents=True, exist_ok=True)
        facts = _composed(prompt, path, paired=paired)
        papers.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    return Song(path, prompt, facts)


def _composed(prompt: Prompt, path: Path, *, paired: bool) -> dict[str, Any]:
    started_s = time.process_time()
    made = composition.compose(_order(prompt, 0), composition.Outputs(path))
    cpu_s = time.process_time() - started_s
    plan = made.plan
    facts: dict[str, Any] = {
        "prompt": prompt.as_dict(),
        "style": plan.style,
        "substyle": plan.substyle,
        "bpm": plan.tempo_bpm,
        "key": plan.key.name,
        "scale": plan.scale,
        "metre": plan.metre.name,
        "band": [f"{player.role}: {player.instrument}" for player in plan.band],
        "form": [f"{each.label} {each.bars} {each.energy:.2f} {each.group}" for each in plan.form],
        "understood": list(plan.understood),
        "ignored": list(plan.ignored),
        "notes": list(made.notes),
        "chords": [each.roman for each in made.score.harmony],
        "bars_s": plan.duration_s,
        "cpu_s": round(cpu_s, 2),
        **beats(made.score),
    }
    if paired:
        again = path.with_name(f"{path.stem}-again.flac")
        composition.compose(_order(prompt, 0), composition.Outputs(again))
        facts["repeats"] = again.read_bytes() == path.read_bytes()
        again.unlink()
        composition.compose(_order(prompt, 1), composition.Outputs(path.with_name(f"{path.stem}-b.flac")))
    return facts


def _order(prompt: Prompt, variation: int) -> composition.Order:
    return composition.Order(prompt.text, duration_s=prompt.duration_s, seed=prompt.seed, variation=variation)


def beats(score: Score) -> dict[str, list[float]]:
    """Return when the beats and the first beats of bars of a score are, in seconds of the song's file."""
    metre = score.plan.metre
    clock = Clock.of(score, accompaniment(score.plan.style).performance.swings)
    places = np.arange(0.0, score.length - 1e-6, metre.beat_quarters)
    seconds = clock.straight(places)
    first = np.mod(places + 1e-6, metre.bar_quarters) < 1e-3
    return {
        "beats_s": [round(float(each), 4) for each in seconds],
        "downbeats_s": [round(float(each), 4) for each in seconds[first]],
    }
