"""How often the judges are right on what is not ours: clicks, rendered songs with exact truth, and clips."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.analysis import ours, peers
from benchmarks.analysis.sets import Item, items
from benchmarks.composition.verdicts import METHODS, PROFILES, key_relation, tempo_relation
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.theory import Key

_SETS = ("ACE-28", "rendered")
_CLICKS_S = 50.0


def main(_: list[str]) -> None:
    """Print a table a set."""
    peers.ready(("essentia",))
    _clicks()
    for name in _SETS:
        mine = [each for each in items() if each.set == name]
        print(f"{name}: {len(mine)} recordings")
        answers = peers.answers("essentia", [each.path for each in mine])
        known = [ours.answer(each.path) for each in mine]
        for method in METHODS:
            _print(method, [tempo_relation(told[method]["bpm"], _bpm(item)) for told, item in _both(answers, mine)])
        _print("our tempo", [tempo_relation(told["bpm"], _bpm(item)) for told, item in _both(known, mine)])
        for profile in PROFILES:
            _print(profile, [key_relation(told[profile]["key"], _key(item)) for told, item in _both(answers, mine)])
        _print("our key", [key_relation(told["key"], _key(item)) for told, item in _both(known, mine)])


def _clicks() -> None:
    """Print what is heard in clicks of 40 to 180 bpm, four to a bar, without anything else."""
    tempi = list(range(40, 184, 4))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{bpm}.flac") for bpm in tempi]
        for bpm, path in zip(tempi, paths, strict=True):
            soundfile.write(path, _click_track(bpm), RATE_HZ)
        answers = peers.answers("essentia", paths)
    print(f"clicks: {len(tempi)} tempi from {tempi[0]} to {tempi[-1]} bpm")
    for method in METHODS:
        found = {bpm: told[method]["bpm"] for bpm, told in zip(tempi, answers, strict=True)}
        relations = {bpm: tempo_relation(heard, bpm) for bpm, heard in found.items()}
        _print(method, list(relations.values()))
        print("        " + ", ".join(f"{bpm}: {found[bpm]:.1f}" for bpm, kind in relations.items() if kind != "right"))


def _click_track(bpm: float) -> NDArray[np.float32]:
    track = np.zeros(round(_CLICKS_S * RATE_HZ), dtype=np.float32)
    t = np.arange(round(0.06 * RATE_HZ)) / RATE_HZ
    for number, at_s in enumerate(np.arange(0.5, _CLICKS_S - 1.0, 60.0 / bpm).tolist()):
        hz, level = (1500.0, 0.7) if number % 4 == 0 else (1000.0, 0.5)
        at = round(at_s * RATE_HZ)
        track[at : at + len(t)] += (level * np.sin(2.0 * np.pi * hz * t) * np.exp(-80.0 * t)).astype(np.float32)
    return track


def _both(answers: list[dict[str, Any]], mine: list[Item]) -> list[tuple[dict[str, Any], Item]]:
    return list(zip(answers, mine, strict=True))


def _bpm(item: Item) -> float:
    return float(item.true["bpm"])


def _key(item: Item) -> Key:
    return Key.parse(str(item.true["key"]))


def _print(name: str, told: list[str]) -> None:
    counts = Counter(told)
    shares = ", ".join(f"{kind} {100.0 * count / len(told):.0f} %" for kind, count in counts.most_common())
    print(f"    {name:14}{shares}")
