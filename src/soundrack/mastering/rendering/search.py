"""The gain that gives a loudness, searched on statistics: the power of each 10 ms, and peaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.kernels import kernel
from soundrack.audio.loudness import HOPS_PER_S, integrated_lufs
from soundrack.audio.survey import BLOCK_FRAMES
from soundrack.mastering.plan import LimiterStep, SaturationStep
from soundrack.mastering.rendering.limiter import GainReduction, gain_reduction, limiting_curve
from soundrack.mastering.rendering.saturation import softened

_AIM = 0.012
"""By how much of the loudness that limiting costs the search aims above the target. Within 10 ms the gain is lowest
where the sound is loudest: a little more is lost than the mean gain says."""
_MOST_GAIN_DB = 60.0
_MOST_STEP_DB = 6.0
_MOST_TRIES = 40
_NOTHING = 1e-9
_LOST_SHARE = 0.35
"""How many dB of a block's power go with each that its peak is taken down: measured on music, 0.25 to 0.6."""


@dataclass(frozen=True)
class Try:
    """A gain, the limiting curve it needs, and what loudness is left of it; `lost_lu` is what limiting takes."""

    gain_db: float
    curve: NDArray[np.float32]
    limiting: GainReduction
    loudness_lufs: float
    lost_lu: float


def searched(
    at: Callable[[float], Try],
    start_db: float,
    target_lufs: float,
    limiter: LimiterStep,
    *,
    tolerance_db: float,
    slope: float = 0.9,
) -> tuple[Try, float]:
    """Return the gain that gives the loudness, or the highest one within the limiter's bounds, and the slope there.

    Both the loudness above its target and the reduction beyond its bounds rise with the gain. Where the higher of the
    two is zero is what is looked for: by secants, between one gain too low and one too high as soon as there are both.
    """

    def excess_db(tried: Try) -> float:
        return max(tried.loudness_lufs - target_lufs - _AIM * tried.lost_lu, tried.limiting.beyond_db(limiter))

    low: Try | None = None
    high: Try | None = None
    before: Try | None = None
    gain_db = start_db
    for number in range(_MOST_TRIES):
        tried = at(gain_db)
        excess, beyond_db = excess_db(tried), tried.limiting.beyond_db(limiter)
        bounded = excess == beyond_db
        if beyond_db <= 0.0 and (-tolerance_db if bounded else -tolerance_db / 8.0) <= excess <= tolerance_db:
            return tried, slope
        if before is not None and before.gain_db != gain_db and math.isfinite(excess_db(before)):
            slope = min(max((excess - excess_db(before)) / (gain_db - before.gain_db), 0.1), 1.0)
        before = tried
        low, high = (tried, high) if excess < 0.0 else (low, tried)
        aim_db = -tolerance_db / 2.0 if bounded else tolerance_db / 3.0
        step_db = min((aim_db - excess) / slope, _MOST_STEP_DB)
        gain_db = min(gain_db + step_db, start_db + _MOST_GAIN_DB)
        if low is not None and high is not None:
            wide_db = high.gain_db - low.gain_db
            if wide_db < tolerance_db / 8.0:
                break
            inside = low.gain_db + 0.02 * wide_db < gain_db < high.gain_db - 0.02 * wide_db
            if not inside or number >= _MOST_TRIES // 2:
                gain_db = (low.gain_db + high.gain_db) / 2.0
    if high is not None and (low is None or high.limiting.beyond_db(limiter) <= 0.0):
        return high, slope
    return low or tried, slope


def tried(
    peaks: NDArray[np.float32],
    power: NDArray[np.float64],
    step_frames: int,
    rate_hz: int,
    gain_db: float,
    ceiling_db: float,
    limiter: LimiterStep,
) -> Try:
    """Return what a gain gives, by peaks of steps of any length and the power of each 10 ms."""
    ceiling = 10.0 ** ((ceiling_db - gain_db) / 20.0)
    curve = limiting_curve(peaks, ceiling, rate_hz * STEP_FRAMES / step_frames, limiter)
    loudness = integrated_lufs(power * mean_squares(curve, step_frames, rate_hz, len(power)) * 10.0 ** (gain_db / 10.0))
    lost_lu = max(integrated_lufs(power) + gain_db - loudness, 0.0) if math.isfinite(loudness) else 0.0
    return Try(gain_db, curve, gain_reduction(curve), loudness, lost_lu)


def guessed(
    blocks: NDArray[np.float32],
    power: NDArray[np.float64],
    rate_hz: int,
    target_lufs: float,
    ceiling_db: float,
    limiter: LimiterStep,
    saturation: SaturationStep | None,
) -> Try:
    """Return about the gain that brings a song to a loudness, and its curve, one point to a block.

    Parameters
    ----------
    blocks : float32 array, shape (blocks,)
        :func:`~soundrack.audio.survey.block_peaks` of the song.
    power : float64 array, shape (hops,)
        Its :func:`~soundrack.audio.loudness.hop_power`.
    rate_hz : int
        Its sample rate.
    target_lufs, ceiling_db : float
        Integrated loudness and highest true peak.
    limiter : LimiterStep
        Times and bounds of the limiter.
    saturation : SaturationStep, optional
        The soft clipper before it: each block's peak is taken down as by the clipper.
    """

    def at(gain_db: float) -> Try:
        peaks, left = blocks, power
        if saturation is not None:
            limit = 10.0 ** ((ceiling_db - gain_db + saturation.left_db) / 20.0)
            peaks = softened(blocks, saturation, limit)
            ratio = peaks / np.maximum(blocks, np.float32(_NOTHING))
            kept = np.asarray(ratio**_LOST_SHARE, dtype=np.float32)
            left = power * mean_squares(kept, BLOCK_FRAMES, rate_hz, len(power))
        return tried(peaks, left, BLOCK_FRAMES, rate_hz, gain_db, ceiling_db, limiter)

    start_db = target_lufs - integrated_lufs(power)
    return searched(at, start_db, target_lufs, limiter, tolerance_db=0.02)[0]


def mean_squares(curve: NDArray[np.float32], step_frames: int, rate_hz: int, hops: int) -> NDArray[np.float64]:
    """Return the mean of a curve's squares in each 10 ms, shape (hops,)."""
    squares = np.empty(hops)
    _fill_mean_squares(curve, step_frames, round(rate_hz / HOPS_PER_S), squares)
    return squares


@kernel
def _fill_mean_squares(curve: NDArray[np.float32], step_frames: int, hop: int, out: NDArray[np.float64]) -> None:
    """Fill `out` with the mean of the squared gain at the points in each hop, at least one."""
    for place in range(len(out)):
        first = min(place * hop // step_frames, len(curve) - 1)
        stop = max(min((place + 1) * hop // step_frames, len(curve)), first + 1)
        total = 0.0
        for point in range(first, stop):
            total += np.float64(curve[point]) * np.float64(curve[point])
        out[place] = total / (stop - first)
