"""The feel: at what pace the backbeat goes, beside the beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm.linear import linear
from soundrack.analysis.rhythm.onsets import RANGES_HZ, Onsets, sampled
from soundrack.analysis.rhythm.salience import log_strength

FEATURES = tuple(f"{name}_{place}" for place in ("third", "backbeat", "first") for name in RANGES_HZ)
"""Mean log onset strengths in bars of four: of the third beat and of the second and fourth, each beside the bar's mean,
and of the first."""

_LEAST_BARS = 4
_DRUMS = 0.35
"""By how much a backbeat's high onsets stand out of those on the first and third beat, or the other way round."""


def features(onsets: Onsets, beats_s: NDArray[np.float64], positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what a half-time feel is told by, in bars of four: float64, shape (len(FEATURES),)."""
    first, second, third, fourth = _by_position(onsets, beats_s, positions)
    mean = (first + second + third + fourth) / 4.0
    return np.concatenate((third - mean, (second + fourth) / 2.0 - mean, first - mean))


def feel(onsets: Onsets, beats_s: NDArray[np.float64], positions: NDArray[np.int64]) -> str | None:
    """Return the feel of a song in four beats a bar.

    Parameters
    ----------
    onsets : Onsets
        The song's.
    beats_s, positions : float64 and int64 arrays, shape (n,)
        Its beats and where in their bars they are.

    Returns
    -------
    {"straight", "half_time", "double_time"} or None
        Half-time where the snare falls on the third beat alone, double-time where it falls between all beats; None
        where the bars are not of four beats, too few, or without a backbeat of any kind.
    """
    if positions.max(initial=0) != 4 or (positions == 1).sum() < _LEAST_BARS:
        return None
    if _on_off_beats(onsets, beats_s):
        return "double_time"
    described = features(onsets, beats_s, positions)
    if linear("half_time", FEATURES)(described[None])[0] > 0.0:
        return "half_time"
    return "straight" if np.abs(described).max() > _DRUMS else None


def _on_off_beats(onsets: Onsets, beats_s: NDArray[np.float64]) -> bool:
    """Tell whether low drums fall on the beats and the others halfway between."""
    on = log_strength(sampled(onsets.nearby, beats_s)).mean(axis=0)
    off = log_strength(sampled(onsets.nearby, (beats_s[:-1] + beats_s[1:]) / 2.0)).mean(axis=0)
    return bool(on[0] - off[0] > 2.0 * _DRUMS and (off[1:] - on[1:] > 2.0 * _DRUMS).all())


def _by_position(
    onsets: Onsets, beats_s: NDArray[np.float64], positions: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    strength = log_strength(sampled(onsets.nearby, beats_s)).astype(np.float64)
    return [strength[positions == place].mean(axis=0) for place in range(1, 5)]
