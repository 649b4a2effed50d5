"""What our analysis finds, in the peers' words, and what it takes."""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.analysis.labels import harte
from soundrack.analysis.engine import analyze


def answer(path: Path) -> dict[str, Any]:
    """Return what is found in a file, with ``cpu_s`` for the whole report, decoding and all, and ``stages_s`` of it."""
    started_s = time.process_time()
    marks: list[tuple[str, float]] = []
    report = analyze(path, progress=lambda stage, _: marks.append((stage, time.process_time())))
    ended_s = time.process_time()
    stages_s: dict[str, float] = {}
    for (stage, from_s), (_, to_s) in pairwise([*marks, ("", ended_s)]):
        stages_s[stage] = stages_s.get(stage, 0.0) + to_s - from_s
    return told(report.as_dict(report_id="an_1", filename=path.name)) | {
        "cpu_s": ended_s - started_s,
        "stages_s": stages_s,
    }


def told(report: dict[str, Any]) -> dict[str, Any]:
    """Return what a report tells that is measured here, with how sure it is."""
    tempo, key = report["tempo"], report["key"]
    sections = report["structure"]["sections"]
    return {
        "bpm": tempo["bpm"],
        "bpm_confidence": tempo["confidence"],
        "beats_s": tempo["beats_s"],
        "downbeats_s": tempo["downbeats_s"],
        "metre": tempo["time_signature"],
        "key": key["name"],
        "key_confidence": key["confidence"],
        "chords": [
            [chord["start_s"], chord["end_s"], harte(chord["label"])] for chord in report["create_report"]["chords"]
        ],
        "chord_confidences": [chord["confidence"] for chord in report["create_report"]["chords"]],
        "boundaries_s": [section["start_s"] for section in sections][1:],
    }


def main() -> None:
    """Print an answer as JSON for each argument, the first asked twice, as peers/analyst.py does."""
    answer(Path(sys.argv[1]))
    for path in sys.argv[1:]:
        print(json.dumps(answer(Path(path))), flush=True)


if __name__ == "__main__":
    main()
