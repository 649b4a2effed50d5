"""Tables of scores, as Markdown: a row for each method, tuned-on and held-out half side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.analysis.scores import Scores
from benchmarks.analysis.sets import HALVES, Item

TASKS: dict[str, dict[str, str]] = {
    "tempo": {"acc1": "Acc1", "acc2": "Acc2", "metre": "metre"},
    "beats": {"beat_f": "beat F", "beat_cmlt": "CMLt", "beat_amlt": "AMLt", "downbeat_f": "downbeat F"},
    "key": {"key_correct": "correct", "key_weighted": "weighted"},
    "chords": {"root": "root", "majmin": "majmin", "sevenths": "sevenths"},
    "structure": {"boundary_f": "boundaries F, 3 s"},
}
"""By task: its scores and their columns' heads."""

_BINS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Result:
    """What a method found in a recording, and how right that is."""

    item: Item
    method: str
    found: dict[str, Any]
    scores: dict[str, Any]


def task(name: str, results: Sequence[Result]) -> None:
    """Print a task's table for each set that has its truth."""
    columns = TASKS[name]
    for kind in _unique(result.item.set for result in results):
        own = [result for result in results if result.item.set == kind]
        told = [score for score in columns if any(score in result.scores for result in own)]
        if not told:
            continue
        counts = " + ".join(str(len({r.item.path for r in own if r.item.half == half})) for half in HALVES)
        print(f"\n| {name}: {kind} ({counts}) | {' | '.join(columns[score] for score in told)} |")
        print("|---" * (len(told) + 1) + "|")
        for method in _unique(result.method for result in own):
            rows = [result for result in own if result.method == method]
            cells = [_pair(rows, score) for score in told]
            if any(cell for cell in cells):
                print(f"| {method} | {' | '.join(cells)} |")


def calibration(results: Sequence[Result], method: str) -> None:
    """Print how often what a method tells with a confidence is right: tempo and key by songs, chords by seconds."""
    own = [result for result in results if result.method == method]
    measured = {
        "tempo (Acc1)": [
            (result.item.half, result.found["bpm_confidence"], result.scores["acc1"], 1.0)
            for result in own
            if "acc1" in result.scores and result.found["bpm"] is not None
        ],
        "key (correct)": [
            (result.item.half, result.found["key_confidence"], result.scores["key_correct"], 1.0)
            for result in own
            if "key_correct" in result.scores and result.found["key"] is not None
        ],
        "chords (majmin, seconds)": [
            (result.item.half, *hit) for result in own for hit in result.scores.get("chord_hits", []) if hit[2] > 0.0
        ],
    }
    for name, hits in measured.items():
        print(f"\n| {name}: told with | {' | '.join(f'{half}: told, right, of' for half in HALVES)} |")
        print("|---|---|---|")
        for low, high in pairwise(_BINS):
            cells = [_share([hit[1:] for hit in hits if hit[0] == half], low, high) for half in HALVES]
            if any(cells):
                print(f"| {low:.1f} to {high:.1f} | {' | '.join(cells)} |")
    silent = {half: [r for r in own if r.item.half == half and r.found["bpm"] is None] for half in HALVES}
    keyless = {half: [r for r in own if r.item.half == half and r.found["key"] is None] for half in HALVES}
    print(
        f"\nNo tempo told: {' / '.join(str(len(silent[half])) for half in HALVES)}; "
        f"no key told: {' / '.join(str(len(keyless[half])) for half in HALVES)} (tune / held)"
    )


def _share(hits: list[tuple[float, ...]], low: float, high: float) -> str:
    inside = [hit for hit in hits if low <= hit[0] < high or (hit[0] == high == 1.0)]
    total = sum(weight for _, _, weight in inside)
    if not total:
        return ""
    # right is counted in songs, or in seconds of the chord's own
    told = sum(confidence * weight for confidence, _, weight in inside) / total
    return f"{told:.2f}, {sum(right for _, right, _ in inside) / total:.2f}, {total:.0f}"


def _pair(rows: list[Result], score: str) -> str:
    halves = [_mean([row.scores for row in rows if row.item.half == half], score) for half in HALVES]
    return " / ".join(halves) if any(halves) else ""


def _mean(scores: list[Scores], name: str) -> str:
    told = [score[name] for score in scores if name in score]
    return f"{sum(told) / len(told):.3f}" if told else ""


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
