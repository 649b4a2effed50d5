"""The drums' pattern as far as styles differ by it: where in a beat or bar the low and the bright strokes fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands

_KICK_HZ = (30.0, 130.0)
_SNARE_HZ = (1500.0, 7000.0)
_NEAR = 2
"""Frames around an instant in which a stroke counts as on it."""
_LOUD = 0.4
"""Of the strong strokes of a song, from which a stroke counts."""
_LEAST_BEATS = 16
_IN_A_BAR = 4


@dataclass(frozen=True)
class Pattern:
    """Parts of the beats, 0 to 1, on which something falls.

    `kick` is a low stroke on the beat, `kick_between` half a beat later. `backbeat` is a bright stroke on the second
    and fourth beat of a bar less those on the first and third, `half_time` one on the third less those on the others;
    both may be negative, and are 0 unless a bar has four beats.
    """

    kick: float
    kick_between: float
    backbeat: float
    half_time: float


def pattern(bands: Bands, beats_s: NDArray[np.float64], positions: NDArray[np.int_]) -> Pattern | None:
    """Return the pattern over a song's beats, or None if there are fewer than 16.

    Parameters
    ----------
    bands : Bands
        The song.
    beats_s : float64 array, shape (n,)
        When the beats are, in seconds.
    positions : int array, shape (n,)
        Which beat of its bar each is, from 1; 0 where there are no bars.
    """
    if beats_s.size < _LEAST_BEATS:
        return None
    between_s = beats_s[:-1] + np.diff(beats_s) / 2
    level = bands.level
    kick, between = _strokes(level[:, bands.between(*_KICK_HZ)], beats_s, between_s)
    snare, _ = _strokes(level[:, bands.between(*_SNARE_HZ)], beats_s, between_s)
    second_or_fourth, third = positions % 2 == 0, positions == 3
    if positions.max() != _IN_A_BAR:
        second_or_fourth = third = np.zeros(positions.size, dtype=np.bool_)
    return Pattern(
        kick=float(kick.mean()),
        kick_between=float(between.mean()),
        backbeat=_difference(snare, second_or_fourth),
        half_time=_difference(snare, third),
    )


def _strokes(level: NDArray[np.float32], *instants_s: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
    """Tell for each instant whether a stroke falls on it."""
    rise = np.maximum(0.0, np.diff(level, axis=0, prepend=level[:1])).mean(axis=1)
    near = np.arange(-_NEAR, _NEAR + 1)
    strengths = [
        rise[np.clip(np.rint(at * FPS).astype(np.intp)[:, None] + near, 0, rise.size - 1)].max(axis=1)
        for at in instants_s
    ]
    strong = np.percentile(np.concatenate(strengths), 90)
    return [each > max(_LOUD * strong, 1e-3) for each in strengths]


def _difference(strokes: NDArray[np.bool_], here: NDArray[np.bool_]) -> float:
    if not here.any() or here.all():
        return 0.0
    return float(strokes[here].mean() - strokes[~here].mean())
