"""mir_eval's scores: a line of JSON holds what is true and what was found, the line printed for it the scores.

Told are, where both sides have them: ``beat_f``, ``beat_cmlt``, ``beat_amlt`` and ``downbeat_f`` (70 ms, without the
first 5 s, as MIREX does), ``key_weighted``, ``root``, ``majmin`` and ``sevenths`` (by time), and ``boundary_f`` (3 s,
without the piece's start and end). ``chord_hits`` has, for each chord that was found with a confidence: that, the
seconds in which the triad is right, and the seconds in which that can be said.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import mir_eval  # type: ignore[import-not-found, unused-ignore]
import numpy as np

warnings.simplefilter("ignore")  # of beats that are missing: they score 0


def scores(true: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if true.get("beats_s") and found.get("beats_s") is not None:
        beats, its = (mir_eval.beat.trim_beats(np.array(side["beats_s"], dtype=float)) for side in (true, found))
        told["beat_f"] = mir_eval.beat.f_measure(beats, its)
        _, told["beat_cmlt"], _, told["beat_amlt"] = mir_eval.beat.continuity(beats, its)
    if true.get("downbeats_s") and found.get("downbeats_s") is not None:
        beats, its = (mir_eval.beat.trim_beats(np.array(side["downbeats_s"], dtype=float)) for side in (true, found))
        told["downbeat_f"] = mir_eval.beat.f_measure(beats, its)
    if true.get("key") and "key" in found:
        told["key_weighted"] = mir_eval.key.weighted_score(true["key"], found["key"]) if found["key"] else 0.0
    if true.get("chords") and found.get("chords") is not None:
        told |= chord_scores(true["chords"], found["chords"])
    if true.get("boundaries_s") and found.get("boundaries_s") is not None:
        told["boundary_f"] = boundary_f(true["boundaries_s"], found["boundaries_s"], true["duration_s"])
    told = {name: float(score) for name, score in told.items()}
    if true.get("chords") and found.get("chord_confidences"):
        told["chord_hits"] = chord_hits(true["chords"], found["chords"], found["chord_confidences"])
    return told


def chord_scores(true: list[list[Any]], found: list[list[Any]]) -> dict[str, float]:
    spans = [np.array([chord[:2] for chord in side], dtype=float).reshape(-1, 2) for side in (true, found)]
    labels = [[chord[2] for chord in side] for side in (true, found)]
    intervals, names = mir_eval.util.adjust_intervals(
        spans[1], labels[1], spans[0].min(), spans[0].max(), mir_eval.chord.NO_CHORD, mir_eval.chord.NO_CHORD
    )
    merged, ours, theirs = mir_eval.util.merge_labeled_intervals(spans[0], labels[0], intervals, names)
    lengths = mir_eval.util.intervals_to_durations(merged)
    return {
        name: mir_eval.chord.weighted_accuracy(getattr(mir_eval.chord, name)(ours, theirs), lengths)
        for name in ("root", "majmin", "sevenths")
    }


def chord_hits(true: list[list[Any]], found: list[list[Any]], confidences: list[float]) -> list[list[float]]:
    hits = []
    for (start, end, label), confidence in zip(found, confidences, strict=True):
        right = known = 0.0
        for its_start, its_end, its_label in true:
            shared = min(end, its_end) - max(start, its_start)
            if shared > 0.0:
                (verdict,) = mir_eval.chord.majmin([its_label], [label])
                known += shared * (verdict >= 0)
                right += shared * (verdict > 0)
        hits.append([float(confidence), float(right), float(known)])
    return hits


def boundary_f(true: list[float], found: list[float], duration_s: float) -> float:
    spans = []
    for side in (true, found):
        edges = np.array(sorted({0.0, duration_s, *(edge for edge in side if 0.0 < edge < duration_s)}))
        spans.append(np.column_stack([edges[:-1], edges[1:]]))
    return float(mir_eval.segment.detection(spans[0], spans[1], window=3.0, trim=True)[2])


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(scores(asked["true"], asked["found"])), flush=True)
