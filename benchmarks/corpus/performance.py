"""A score in time: when each note sounds, as people play it, and what is true of the song."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.corpus import Truth
from benchmarks.corpus.composing import compose
from benchmarks.corpus.drums import HALF_TIME
from benchmarks.corpus.plan import Plan
from benchmarks.corpus.score import METRES, Part, Score, Span
from benchmarks.corpus.tempo import Clock, clock, drawn_changes

Event = tuple[float, float, int, int]
"""Start and end in seconds, MIDI number, velocity."""

_TAIL_S = 2.5
_DRUM_S = 0.15
_TOGETHER_S = 0.05


def perform(plan: Plan) -> tuple[list[dict[str, Any]], Truth]:
    """Return what the instruments of a planned song play, and the song's truth.

    Returns
    -------
    parts : list of dict
        ``role``, ``program``, ``pan`` (0 left, 1 right) and ``events``, sorted.
    truth : dict
        As the package says; without what is known only of the finished sound.
    """
    score = compose(plan)
    rng = np.random.default_rng([8888, plan.seed])
    metre = METRES[plan.metre]
    quarters = score.bars * metre.bar_q
    # what is told of a style is its beat: in 6/8 a dotted quarter
    tempo = plan.tempo * metre.beat_q if metre.name != "7/8" else plan.tempo
    boundaries = [section.start_bar * metre.bar_q for section in score.sections[1:]]
    lead_in_s = float(rng.choice([0.0, 0.0, 0.1, 0.4, 1.0, 2.0]))
    changes = drawn_changes(plan.tempo_kind, quarters, metre.bar_q, tempo, boundaries, rng)
    time = clock(quarters, changes, lead_in_s, plan.swing, 0.5 if plan.style.swing_unit == "sixteenth" else 1.0)
    loose_s = float(rng.uniform(0.001, 0.012))
    if plan.loose_ms is not None:
        loose_s = plan.loose_ms / 1000.0
    parts = [_played(part, time, loose_s, rng) for part in score.parts]
    end_s = max(event[1] for part in parts for event in part["events"]) + _TAIL_S
    return parts, _truth(plan, score, time, parts, end_s)


def _played(part: Part, time: Clock, loose_s: float, rng: np.random.Generator) -> dict[str, Any]:
    offset_s = float(rng.normal(0.0, 0.5 * loose_s))
    events = []
    for note in part.notes:
        start_s = max(
            0.0, time.played(note.start_q) + offset_s + float(rng.normal(0.0, loose_s)) + 0.001 * note.late_ms
        )
        end_s = (
            start_s + _DRUM_S
            if part.role == "drums"
            else max(time.played(note.start_q + note.length_q), start_s + 0.05)
        )
        events.append((round(start_s, 5), round(end_s, 5), note.pitch, int(np.clip(note.velocity, 20, 127))))
    return {"role": part.role, "program": part.program, "pan": part.pan, "events": sorted(events)}


def _truth(plan: Plan, score: Score, time: Clock, parts: list[dict[str, Any]], end_s: float) -> Truth:
    metre = score.metre
    places = [
        (bar * metre.bar_q + beat, number) for bar in range(score.bars) for number, beat in enumerate(metre.beats_q, 1)
    ]
    beats = [time.at(place) for place, _ in places]
    bars = [time.at(bar * metre.bar_q) for bar in range(score.bars + 1)]
    per_bar = len(metre.beats_q)
    spans = score.spans
    keys = _merged([(span.start_q, span.end_q, span.key.name) for span in spans])
    half_time = plan.drums and any(name in HALF_TIME for name in plan.style.grooves) and _snare_on_third(score)
    return {
        "name": plan.name,
        "set": "rendered",
        "half": plan.half,
        "seed": plan.seed,
        "style": plan.style.name,
        "soundfont": plan.soundfont,
        "duration_s": round(end_s, 4),
        "common": metre.common,
        "bpm": round(60.0 / float(np.median(np.diff(beats))), 3) if metre.name != "7/8" else round(plan.tempo, 3),
        "tempo_kind": plan.tempo_kind,
        "tempo_curve": [
            {"at_s": _s(start), "bpm": round(60.0 * per_bar / (end - start), 3)} for start, end in pairwise(bars)
        ],
        "feel": "half_time" if half_time else "straight",
        "metre": metre.name,
        "beats_s": [_s(beat) for beat in beats],
        "beats_heard": round(_heard(beats, parts), 3),
        "positions": [number for _, number in places],
        "downbeats_s": [_s(bar) for bar in bars[:-1]],
        "swing": plan.swing,
        "swing_unit": plan.style.swing_unit,
        "tuning_cents": plan.tuning_cents,
        "key": _longest(spans, time),
        "key_segments": _timed(keys, time, "name", end_s, stretched=True),
        "chords": _chords(spans, time, parts, end_s),
        "sections": [
            {
                "start_s": _s(bars[section.start_bar]),
                "end_s": _s(bars[section.start_bar + section.bars]),
                "start_bar": section.start_bar + 1,
                "bars": section.bars,
                "label": section.label,
                "group": section.group,
            }
            for section in score.sections
        ],
        "melody": [
            {"start_s": start, "end_s": end, "note": pitch}
            for part in parts
            if part["role"] == "lead"
            for start, end, pitch, _ in part["events"]
        ],
        "drums": any(part["role"] == "drums" for part in parts),
    }


def _heard(beats: list[float], parts: list[dict[str, Any]]) -> float:
    """Return the share of the beats on which a note begins."""
    starts = np.array(sorted(event[0] for part in parts for event in part["events"]))
    nearest = np.abs(starts[:, None] - np.array(beats)[None, :]).min(axis=0)
    return float((nearest < _TOGETHER_S).mean())


def _snare_on_third(score: Score) -> bool:
    backbeats = {
        note.start_q % 4.0
        for part in score.parts
        if part.role == "drums"
        for note in part.notes
        if note.pitch in (37, 38, 39) and note.velocity > 95 and note.start_q % 1.0 == 0.0
    }
    return score.metre.name == "4/4" and 2.0 in backbeats and not backbeats & {1.0, 3.0}


def _chords(spans: list[Span], time: Clock, parts: list[dict[str, Any]], end_s: float) -> list[dict[str, Any]]:
    """Return the chords' labels over the whole file: ``N`` before the first, and once the last is released."""
    names = _merged([(span.start_q, span.end_q, span.chord.label(span.key) if span.chord else "N") for span in spans])
    told = _timed(names, time, "label", end_s, stretched=False)
    released = max(event[1] for part in parts if part["role"] != "drums" for event in part["events"])
    if told[-1]["label"] != "N":
        told[-1]["end_s"] = _s(released)
    if told[0]["start_s"] > 0.0:
        told.insert(0, {"start_s": 0.0, "end_s": told[0]["start_s"], "label": "N"})
    return [*told, {"start_s": told[-1]["end_s"], "end_s": _s(end_s), "label": "N"}]


def _merged(spans: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    merged: list[tuple[float, float, str]] = []
    for start, end, name in spans:
        if merged and merged[-1][2] == name:
            merged[-1] = (merged[-1][0], end, name)
        else:
            merged.append((start, end, name))
    return merged


def _timed(
    spans: list[tuple[float, float, str]], time: Clock, field: str, end_s: float, *, stretched: bool
) -> list[dict[str, Any]]:
    told = [{"start_s": _s(time.at(start)), "end_s": _s(time.at(end)), field: name} for start, end, name in spans]
    if stretched:
        told[0]["start_s"], told[-1]["end_s"] = 0.0, _s(end_s)
    return told


def _longest(spans: list[Span], time: Clock) -> str:
    lengths: dict[str, float] = {}
    for span in spans:
        lengths[span.key.name] = lengths.get(span.key.name, 0.0) + time.at(span.end_q) - time.at(span.start_q)
    return max(lengths, key=lambda name: lengths[name])


def _s(seconds: float) -> float:
    return round(seconds, 4)
