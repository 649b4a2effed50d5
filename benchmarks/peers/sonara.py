"""sonara's tempo, beats, key, chords and parts, at 22.05 kHz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import sonara  # type: ignore[import-not-found, unused-ignore]
from analyst import Found, serve  # type: ignore[import-not-found, unused-ignore]

_RATE_HZ, _HOP = 22_050, 512


def everything(sound: Any) -> Found:
    features = ["bpm", "beats", "beatgrid", "key", "chords", "structure"]
    told = sonara.analyze_signal(sound, sr=_RATE_HZ, features=features)
    return {
        "bpm": told.get("bpm"),
        "beats_s": [frame * _HOP / _RATE_HZ for frame in told.get("beats", [])],
        "downbeats_s": [frame * _HOP / _RATE_HZ for frame in told.get("downbeats", [])],
        "key": told.get("key"),
        "chords": [
            [event["start_sec"], event["end_sec"], _harte(event["label"])] for event in told.get("chord_events", [])
        ],
        "boundaries_s": [segment["start_sec"] for segment in told.get("segments", [])][1:],
    }


def _harte(label: str) -> str:
    if label in ("", "N"):
        return "N"
    return f"{label[:-1]}:min" if label.endswith("m") else f"{label}:maj"


serve({"all": everything}, _RATE_HZ)
