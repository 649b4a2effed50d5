"""Loudness onto the target, under the ceiling.

More gain gives more loudness, but less of it the more the limiter takes back, so the gain is searched: each try makes a
limiting curve and measures the song through it, without rendering. The search ends a hair too loud and is closed by
turning down, which moves loudness by exactly as much and peaks only away from the ceiling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import peak_curve
from soundrack.mastering.limiter import Depth, depth, limiting_curve

_HAIR_LU = 0.01
_MOST_TRIES = 10
_SEARCHED_DB = 80.0
"""However far a gain lies beyond what may be, this much less is not."""
_RESERVE_DB = 2.0
"""How much more gain than the first guess the peaks are measured for."""


@dataclass(frozen=True)
class Level:
    """How a song is brought to level: `curve` holds its gain, limiting included; `reached` says whether to the target.

    `loudness_lufs` is what the song has through the curve.
    """

    curve: NDArray[np.float32]
    gain_db: float
    depth: Depth
    loudness_lufs: float
    reached: bool


class Leveller:
    """Finds the level of one song. The peaks, the costly part, are kept between calls.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, not changed here. Not silent.
    rate_hz : int
        Sample rate.
    """

    def __init__(self, samples: NDArray[np.float32], rate_hz: int) -> None:
        self._samples, self._rate_hz = samples, rate_hz
        self._loudness_lufs = integrated_lufs(hop_power(samples, rate_hz))
        self._floor = math.inf
        self._peaks = np.zeros(0, dtype=np.float32)

    def level(self, target_lufs: float, ceiling_db: float) -> Level:
        """Return the gain that brings the song to the target, or as near as it comes without damage.

        Parameters
        ----------
        target_lufs : float
            Integrated loudness.
        ceiling_db : float
            Highest true peak, dBTP.
        """
        found = self._measured(self._limited(target_lufs - self._loudness_lufs, ceiling_db))
        slope = 0.8
        for _ in range(_MOST_TRIES):
            short_lu = target_lufs - found.loudness_lufs
            if -_HAIR_LU <= short_lu <= 0.0 or found.depth.too_deep:
                break
            more_db = min((short_lu + _HAIR_LU / 2.0) / slope, 3.0)
            tried = self._measured(self._limited(found.gain_db + more_db, ceiling_db))
            slope = min(max((tried.loudness_lufs - found.loudness_lufs) / more_db, 0.2), 1.0)
            found = tried
        if found.depth.too_deep:
            found = self._deepest(ceiling_db, found.gain_db)
        return _trimmed(found, target_lufs)

    def _limited(self, gain_db: float, ceiling_db: float) -> Level:
        """Return the level at a given gain, its loudness not yet measured."""
        gain, ceiling = 10.0 ** (gain_db / 20.0), 10.0 ** (ceiling_db / 20.0)
        if ceiling / gain < self._floor:
            self._floor = ceiling / gain / 10.0 ** (_RESERVE_DB / 20.0)
            self._peaks = peak_curve(self._samples, self._floor)
        curve = limiting_curve(self._peaks, ceiling / gain, self._rate_hz)
        return Level(curve * np.float32(gain), gain_db, depth(curve), math.nan, reached=False)

    def _measured(self, level: Level) -> Level:
        if level.depth.most_db == 0.0:
            loudness = self._loudness_lufs + level.gain_db
        else:
            loudness = integrated_lufs(hop_power(self._samples, self._rate_hz, level.curve))
        return replace(level, loudness_lufs=loudness)

    def _deepest(self, ceiling_db: float, too_much_db: float) -> Level:
        """Return the level of the highest gain that limits no deeper than may be, by bisection on depth alone."""
        low_db, high_db = too_much_db - _SEARCHED_DB, too_much_db
        while high_db - low_db > 0.01:
            middle_db = (low_db + high_db) / 2.0
            if self._limited(middle_db, ceiling_db).depth.too_deep:
                high_db = middle_db
            else:
                low_db = middle_db
        return self._measured(self._limited(low_db, ceiling_db))


def _trimmed(found: Level, target_lufs: float) -> Level:
    """Close what is left downwards; what is left upwards stays, and counts."""
    short_lu = target_lufs - found.loudness_lufs
    trim_db = min(short_lu, 0.0)
    return Level(
        found.curve * np.float32(10.0 ** (trim_db / 20.0)),
        found.gain_db + trim_db,
        found.depth,
        found.loudness_lufs + trim_db,
        reached=short_lu <= 2.0 * _HAIR_LU,
    )
