"""The rhythm's table: how right it is, on both halves of each set."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from benchmarks.rhythm import examples
from benchmarks.rhythm.examples import Example
from benchmarks.rhythm.scoring import f_measure, same, same_but_octave
from soundrack.analysis.rhythm import Rhythm, rhythm

_COLUMNS = ("songs", "Acc1", "Acc2", "beat F", "downbeat F", "metre", "told", "sure", "right")


def table(*, wrong: bool = False) -> None:
    """Print it; with `wrong`, each song that is not right too."""
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    cpu_s = minutes = 0.0
    for example in _all():
        started_s = time.process_time()
        found = rhythm(example.bands)
        cpu_s, minutes = cpu_s + time.process_time() - started_s, minutes + example.bands.duration_s / 60.0
        scores = _scores(example, found)
        rows[f"{_set(example)}, {example.half}"].append(scores)
        if wrong and min(value for name, value in scores.items() if name in ("right", "beat F", "downbeat F")) < 0.8:
            print(_told(example, found, scores))
    print(f"{'set':24}" + "".join(f"{name:>11}" for name in _COLUMNS))
    for name, scored in sorted(rows.items()):
        means = {
            column: np.mean([each[column] for each in scored if column in each] or [np.nan]) for column in _COLUMNS[1:]
        }
        print(f"{name:24}{len(scored):11d}" + "".join(f"{means[column]:11.3f}" for column in _COLUMNS[1:]))
    print(f"{cpu_s / minutes:.3f} CPU s per minute of audio, the bands not counted")


def _all() -> Iterator[Example]:
    yield from examples.rendered()
    yield from examples.fresh()
    yield from examples.clips()
    yield from examples.charted()
    yield from examples.beatless()


def _set(example: Example) -> str:
    rare = example.kind == "rendered" and example.truth is not None and not example.truth["common"]
    return "rare metres" if rare else example.kind


def _scores(example: Example, found: Rhythm) -> dict[str, float]:
    scores = {"told": float(found.bpm is not None), "sure": found.confidence}
    if example.bpm is None:
        return scores | {"right": float(found.bpm is None)}
    guess = found.bpm if found.bpm is not None else found.alternatives[0].bpm if found.alternatives else None
    scores |= {"right": float(same(found.bpm, example.bpm)), "Acc1": float(same(guess, example.bpm))}
    scores["Acc2"] = float(same_but_octave(guess, example.bpm))
    if (truth := example.truth) is not None:
        scores["beat F"] = f_measure(truth["beats_s"], found.beats_s)
        scores["downbeat F"] = f_measure(truth["downbeats_s"], found.downbeats_s)
        scores["metre"] = float(found.metre == truth["metre"])
    return scores


def _told(example: Example, found: Rhythm, scores: dict[str, float]) -> str:
    known = (
        "" if example.truth is None else " ".join(str(example.truth[key]) for key in ("metre", "style", "tempo_kind"))
    )
    told = f"{found.bpm and round(found.bpm, 1)} {found.metre} sure {found.confidence:.2f}"
    fs = " ".join(f"{name} {scores[name]:.2f}" for name in ("beat F", "downbeat F") if name in scores)
    others = [(round(other.bpm, 1), round(other.confidence, 2)) for other in found.alternatives]
    return f"{example.name} ({example.half}) {example.bpm} {known}: {told}, {fs} {others}"
