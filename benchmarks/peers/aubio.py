"""aubio's tempo, at 44.1 kHz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import aubio  # type: ignore[import-not-found, unused-ignore]
import numpy as np
from analyst import Found, serve  # type: ignore[import-not-found, unused-ignore]

_RATE_HZ, _HOP = 44_100, 512


def tempo(sound: Any) -> Found:
    tracker = aubio.tempo("default", 1024, _HOP, _RATE_HZ)
    beats = [
        float(tracker.get_last_s())
        for start in range(0, len(sound) - _HOP, _HOP)
        if tracker(sound[start : start + _HOP])[0]
    ]
    bpm = 60.0 / float(np.median(np.diff(beats))) if len(beats) > 2 else None
    return {"bpm": bpm, "beats_s": beats}


serve({"tempo": tempo}, _RATE_HZ)
