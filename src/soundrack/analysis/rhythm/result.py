"""What is found of a song's rhythm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TempoPoint:
    """From `at_s` on, the tempo is `bpm`."""

    at_s: float
    bpm: float


@dataclass(frozen=True)
class Alternative:
    """Another tempo that may be the one that people tap, and how sure it is, 0 to 1."""

    bpm: float
    confidence: float


def _no_times() -> NDArray[np.float64]:
    return np.zeros(0)


def _no_positions() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class Rhythm:
    """A song's rhythm.

    `bpm` is its tempo in beats per minute, None where there is none to tell; `confidence` the probability that it is
    right, to 4 %, 0 to 1. `metre` is as ``4/4``, None where bars cannot be told; in 6/8 and 9/8 a beat is a dotted
    quarter. `metre_confidence` is the probability that it is right.

    `beats_s` is float64, shape (n,), ascending; `positions`, int64, shape (n,), where in its bar each is: 1 is the
    downbeat, and 0 stands where there is no metre. Both are empty where there is no tempo.

    `tempo_curve` begins at the first beat and has a point wherever the tempo has moved by 3 %. `stability` is the share
    of the beats whose tempo, over four, is within 2 % of `bpm`. `swing` is where the second of two eighths begins, as a
    part of the beat; `feel` is ``straight``, ``half_time`` or ``double_time``. `alternatives` are other metrical
    levels, the likeliest first.
    """

    bpm: float | None = None
    confidence: float = 0.0
    metre: str | None = None
    metre_confidence: float = 0.0
    beats_s: NDArray[np.float64] = field(default_factory=_no_times)
    positions: NDArray[np.int64] = field(default_factory=_no_positions)
    tempo_curve: tuple[TempoPoint, ...] = ()
    stability: float | None = None
    swing: float | None = None
    feel: str | None = None
    alternatives: tuple[Alternative, ...] = ()

    @property
    def downbeats_s(self) -> NDArray[np.float64]:
        """When bars begin: float64, shape (bars,)."""
        downbeats: NDArray[np.float64] = self.beats_s[self.positions == 1]
        return downbeats

    def as_dict(self) -> dict[str, Any]:
        """Return the part ``tempo`` of a result, rounded to what the numbers mean."""
        return {
            "bpm": _rounded(self.bpm, 2),
            "confidence": round(self.confidence, 2),
            "time_signature": self.metre,
            "beats_s": self.beats_s.round(3).tolist(),
            "downbeats_s": self.downbeats_s.round(3).tolist(),
            "curve": [{"at_s": round(point.at_s, 3), "bpm": round(point.bpm, 2)} for point in self.tempo_curve],
            "stability": _rounded(self.stability, 2),
            "alternatives": [
                {"bpm": round(other.bpm, 2), "confidence": round(other.confidence, 2)} for other in self.alternatives
            ],
            "swing": _rounded(self.swing, 2),
            "feel": self.feel,
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
