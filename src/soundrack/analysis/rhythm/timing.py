"""Where exactly the beats are, and what tempo they make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS
from soundrack.analysis.rhythm.pulse import STEP_S

_LATENCY_S = 0.02
"""How much later a note begins than its frame of greatest rise, which already sees it come: 64 ms is what a frame sees.
Measured on the corpus, `docs/rhythm.md`."""
_REACH_FRAMES = 2
_STEADY_S = 0.03
"""How far beats of one tempo lie from an even grid, as they are found."""
_WINDOW = 8
_NOTICEABLE = 0.03
_STEPS = 1.25
_NEARLY = 0.02


def refined(salience: NDArray[np.float32], beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move beats to the tops of the salience nearby, between its frames, and to when their notes are heard to begin.

    Parameters
    ----------
    salience : float32 array, shape (frames,)
        0 to 1.
    beats_s : float64 array, shape (n,)
        Ascending.

    Returns
    -------
    float64 array, shape (n,)
        Ascending, not negative.
    """
    around = np.arange(-_REACH_FRAMES, _REACH_FRAMES + 1)
    frames = np.rint(beats_s * FPS).astype(np.int64)
    weights = np.zeros((len(frames), len(around)))
    places = frames[:, None] + around
    within = (places >= 0) & (places < len(salience))
    weights[within] = salience[places[within]] ** 2
    # what is no peak stays where the tracker put it
    weights[:, _REACH_FRAMES] += 0.02
    centred = (weights * around).sum(axis=1) / weights.sum(axis=1)
    moved = np.where(weights.max(axis=1) > 0.05, (frames + centred) / FPS, beats_s) + _LATENCY_S
    return np.maximum.accumulate(np.maximum(moved, 0.0))


def tempo_bpm(beats_s: NDArray[np.float64]) -> float:
    """Return the tempo of beats: of the even grid that they lie on, or, where they do not, of the median beat."""
    numbers = np.arange(len(beats_s))
    slope, offset = np.polyfit(numbers, beats_s, 1)
    if np.abs(beats_s - offset - slope * numbers).max() <= 2.0 * _STEADY_S:
        return float(60.0 / slope)
    return float(60.0 / np.median(periods_s(beats_s)))


def periods_s(beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of each beat, averaged over the four around: float64, shape (n - 1,)."""
    span = min(4, len(beats_s) - 1)
    spans = (beats_s[span:] - beats_s[:-span]) / span
    before = (len(beats_s) - 1 - len(spans)) // 2
    return np.pad(spans, (before, len(beats_s) - 1 - len(spans) - before), mode="edge")


def tempo_curve(beats_s: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return how the tempo goes on: from when on, in seconds, it is how many beats a minute.

    It begins at the first beat; each further point is where the tempo has moved by 3 %, and by more than the steps make
    that beats are placed in.
    """
    tempi = 60.0 / periods_s(beats_s)
    smooth = np.array([np.median(tempi[max(0, n - _WINDOW // 2) : n + _WINDOW // 2 + 1]) for n in range(len(tempi))])
    curve: list[tuple[float, float]] = []
    noticeable = max(_NOTICEABLE, _STEPS * STEP_S / float(np.median(np.diff(beats_s))))
    for at_s, bpm in zip(beats_s, smooth, strict=False):
        if not curve or abs(bpm / curve[-1][1] - 1.0) > noticeable:
            curve.append((float(at_s), float(bpm)))
    return curve


def stability(beats_s: NDArray[np.float64], bpm: float) -> float:
    """Return the share of the beats whose tempo, over the four around, is within 2 % of `bpm`: 1 as a machine plays."""
    return float((np.abs(60.0 / periods_s(beats_s) / bpm - 1.0) <= _NEARLY).mean())
