"""essentia's tempo and key, as its documents call them, at 44.1 kHz."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import essentia  # type: ignore[import-not-found, unused-ignore]
from analyst import Found, serve  # type: ignore[import-not-found, unused-ignore]
from essentia import standard  # type: ignore[import-not-found, unused-ignore]

essentia.log.infoActive = False
essentia.log.warningActive = False


def rhythm(sound: Any, method: str) -> Found:
    bpm, beats, *_ = standard.RhythmExtractor2013(method=method)(sound)
    return {"bpm": float(bpm), "beats_s": sorted(float(beat) for beat in beats)}


def percival(sound: Any) -> Found:
    return {"bpm": float(standard.PercivalBpmEstimator()(sound))}


def key(sound: Any, profile: str) -> Found:
    tonic, mode, *_ = standard.KeyExtractor(profileType=profile)(sound)
    return {"key": f"{tonic} {mode}"}


serve(
    {
        "multifeature": partial(rhythm, method="multifeature"),
        "degara": partial(rhythm, method="degara"),
        "Percival": percival,
        "key bgate": partial(key, profile="bgate"),
        "key edma": partial(key, profile="edma"),
    },
    44_100,
)
