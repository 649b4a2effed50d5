"""What lies between beats: two or three parts, even or swung."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS
from soundrack.analysis.features.neighbourhood import greatest_nearby
from soundrack.analysis.rhythm.linear import linear
from soundrack.analysis.rhythm.onsets import RANGES_HZ, Onsets, sampled
from soundrack.analysis.rhythm.salience import log_strength

_PARTS = {
    "quarter": 1.0 / 4.0,
    "third": 1.0 / 3.0,
    "half": 1.0 / 2.0,
    "two_thirds": 2.0 / 3.0,
    "three_quarters": 3.0 / 4.0,
}

FEATURES = (*(f"{name}_{part}" for part in _PARTS for name in RANGES_HZ), "thirds_beside_half", "octave")
"""Mean log onset strengths between the beats, by range, within 20 ms; by how much the weaker of both thirds is above
the middle, all ranges together; the tempo in octaves from 110 bpm."""

_TYPICAL_BPM = 110.0
_EARLIEST, _LATEST = 0.42, 0.76
"""Where the second of two eighths is looked for. What is later is a sixteenth."""
_PLACES = 35
_PROMINENCE = 1.35
"""How far the second eighth stands out of what lies around it."""


def features(onsets: Onsets, beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what tells beats of three parts from beats of two: float64, shape (len(FEATURES),)."""
    strength = greatest_nearby(onsets.strength, 3)
    lengths = np.diff(beats_s)
    between = {
        name: log_strength(sampled(strength, beats_s[:-1] + part * lengths)).mean(axis=0)
        for name, part in _PARTS.items()
    }
    thirds = min(between["third"].sum(), between["two_thirds"].sum()) - between["half"].sum()
    octave = np.log2(60.0 / np.median(lengths) / _TYPICAL_BPM)
    return np.array([*np.concatenate(list(between.values())), thirds, octave], np.float64)


def compound_log_odds(onsets: Onsets, beats_s: NDArray[np.float64]) -> float:
    """Return the log odds that beats have three parts, as in 6/8, and not two, even or swung."""
    return float(linear("compound", FEATURES)(features(onsets, beats_s)[None])[0])


def swing(onsets: Onsets, beats_s: NDArray[np.float64]) -> float | None:
    """Return where the second of two eighths begins, as a part of the beat.

    Parameters
    ----------
    onsets : Onsets
        The song's.
    beats_s : float64 array, shape (n,)
        Its beats, when their notes begin.

    Returns
    -------
    float or None
        0.5 where eighths are even, 0.67 where they are swung like triplets; None where the place between the beats has
        no second eighth that stands out.
    """
    parts = np.linspace(_EARLIEST, _LATEST, _PLACES)
    places = (beats_s[:-1, None] + parts * np.diff(beats_s)[:, None]) * FPS
    frames = np.arange(len(onsets.strength))
    total = onsets.strength[:, 1:].sum(axis=1)
    curve = np.interp(places, frames, total).mean(axis=0)
    peak = int(curve.argmax())
    if peak in (0, _PLACES - 1) or curve[peak] < _PROMINENCE * np.median(curve):
        return None
    before, at, after = curve[peak - 1 : peak + 2]
    step = 0.5 * (before - after) / (before - 2.0 * at + after)
    return float(parts[peak] + step * (parts[1] - parts[0]))
