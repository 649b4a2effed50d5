"""The limiter: how loud a song may be at each moment for its true peak to stay below the ceiling.

It never touches the song. From the song's true peaks, measured once, it makes a gain curve; loudness can then be
searched on curves alone, and the sound is rendered once.

The needed gain is held at its minimum from a hold time before to a look-ahead after each moment, so that the gain has
arrived when a peak does, and does not ripple at twice the frequency of a bass note. It recovers in two stages: quickly
after a lone peak, towards the average need where need is dense, so that it does not pump. Last it is smoothed over the
look-ahead by a window whose weights are positive and add up to one: an average of values none of which is above what
is needed is not above it either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.kernels import kernel
from soundrack.mastering.plan import LimiterStep

_SMOOTHED_AT_ONCE = 2048
_ARRIVED = 1e-4
"""So near to where it is going, 0.001 dB, the gain goes the rest of the way: else it would creep towards it for many
seconds, and leave no quiet part alone."""

_COUNTED_POINTS = 16
"""For statistics every sixteenth point is enough: in 3 ms the gain hardly moves, and it is held for longer."""


@dataclass(frozen=True)
class GainReduction:
    """How hard a limiter works, over the whole song.

    `mean_db`, `busy_db` and `p99_db` are the mean of the reduction in dB and what it stays below for 95 and 99 % of the
    time; `most_db` is its highest value. `over_1_db` and `over_3_db` are the shares of the time in which it is more.
    """

    mean_db: float
    busy_db: float
    p99_db: float
    most_db: float
    over_1_db: float
    over_3_db: float

    def beyond_db(self, step: LimiterStep) -> float:
        """Return by how much the reduction exceeds the bounds of a step; what is left of them is negative."""
        return max(self.busy_db - step.most_busy_db, self.most_db - step.most_depth_db)


def limiting_curve(
    peaks: NDArray[np.float32], ceiling: float, rate_hz: float, step: LimiterStep | None = None
) -> NDArray[np.float32]:
    """Return the gain curve that keeps a song below a ceiling.

    Parameters
    ----------
    peaks : float32 array, shape (steps,)
        The song's true peak in each step (:func:`~soundrack.audio.true_peak.peak_curve`).
    ceiling : float
        Highest magnitude allowed, full scale = 1.0.
    rate_hz : float
        The song's sample rate; that of steps other than `STEP_FRAMES` long, times `STEP_FRAMES`.
    step : LimiterStep, optional
        The times; a step's usual ones if not given.

    Returns
    -------
    float32 array, shape (steps + 1,)
        Factors in (0, 1]; over each step, both ends times the step's peak are at most `ceiling`. Where nothing is
        reduced, some seconds after the last reduction at the latest, exactly 1.0.
    """
    times = LimiterStep() if step is None else step
    at_points = np.ones(len(peaks) + 1, dtype=np.float32)
    if not _need(peaks, np.float32(ceiling), at_points):
        return at_points
    ahead, back = _steps(times.look_ahead_ms, rate_hz), _steps(times.hold_ms, rate_hz)
    held = _held(at_points, back, ahead)
    paces = (times.quick_release_ms, times.sustained_fall_ms, times.sustained_rise_ms)
    _recover(held, np.array([_pace(ms, rate_hz) for ms in paces]))
    window = np.hanning(ahead + 3)[1:-1].astype(np.float32)
    curve = np.empty_like(held)
    _smooth(held, window / window.sum(), at_points, curve)
    return curve


def masked_frames(rate_hz: float, step: LimiterStep) -> int:
    """Return how far apart two peaks may be at most that hold the gain below what one between them needs."""
    return (_steps(step.look_ahead_ms, rate_hz) + _steps(step.hold_ms, rate_hz)) * STEP_FRAMES


def gain_reduction(curve: NDArray[np.float32]) -> GainReduction:
    """Return how hard a limiting curve works."""
    least = float(curve.min(initial=1.0))
    if least == 1.0:
        return GainReduction(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    gains = np.sort(curve[::_COUNTED_POINTS])
    count = len(gains)
    p95, p99 = (-20.0 * float(np.log10(gains[int(share * count)])) for share in (0.05, 0.01))
    over_1, over_3 = (float(np.searchsorted(gains, np.float32(10.0 ** (-db / 20.0)))) / count for db in (1.0, 3.0))
    mean = -20.0 * float(np.log10(gains).mean(dtype=np.float64))
    return GainReduction(mean, p95 + 0.0, p99 + 0.0, -20.0 * float(np.log10(least)), over_1, over_3)


def reduction_over_time_db(curve: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Return the deepest reduction of a limiting curve in each 100 ms, dB, float64, shape (tenths of a second,)."""
    starts = np.arange(0, len(curve) - 1, rate_hz / (10 * STEP_FRAMES)).astype(np.int64)
    least = np.minimum.reduceat(curve, starts).astype(np.float64)
    reduction: NDArray[np.float64] = -20.0 * np.log10(least) + 0.0
    return reduction


def _steps(time_ms: float, rate_hz: float) -> int:
    return max(1, round(time_ms * 0.001 * rate_hz / STEP_FRAMES))


def _pace(time_ms: float, rate_hz: float) -> float:
    """Return the share of the way that a one-pole smoother goes in one step."""
    return float(1.0 - np.exp(-STEP_FRAMES / (time_ms * 0.001 * rate_hz)))


@kernel
def _need(peaks: NDArray[np.float32], ceiling: np.float32, gains: NDArray[np.float32]) -> bool:
    """Lower the gains at both ends of each step to what its peak needs; return whether any needs less than 1.0."""
    needed = False
    for n in range(len(peaks)):
        if peaks[n] > ceiling:
            gain = ceiling / peaks[n]
            gains[n] = min(gains[n], gain)
            gains[n + 1] = gain
            needed = True
    return needed


@kernel
def _smooth(
    held: NDArray[np.float32], window: NDArray[np.float32], most: NDArray[np.float32], curve: NDArray[np.float32]
) -> None:
    """Average over what came before, as if the first gain had always been; a rounding above `most` is cut off.

    It is the reduction that is averaged: where there is none, the gain stays exactly 1.0.
    """
    reach = len(window) - 1
    for start in range(0, len(held), _SMOOTHED_AT_ONCE):
        stop = min(start + _SMOOTHED_AT_ONCE, len(held))
        out = curve[start:stop]
        out[:] = np.float32(0.0)
        for tap in range(len(window)):
            weight, first = window[tap], start - reach + tap
            before = min(max(-first, 0), stop - start)
            for n in range(before):
                out[n] += weight * (np.float32(1.0) - held[0])
            values = held[max(first, 0) : max(first, 0) + stop - start - before]
            late = out[before:]
            for n in range(len(late)):
                late[n] += weight * (np.float32(1.0) - values[n])
        limit = most[start:stop]
        for n in range(stop - start):
            out[n] = min(np.float32(1.0) - out[n], limit[n])


@kernel
def _held(gains: NDArray[np.float32], back: int, ahead: int) -> NDArray[np.float32]:
    """Return the least of the gains from `back` points before to `ahead` points after each, 1.0 beyond both ends.

    A window as long as a block lies in two blocks at most: the least of it is that of one block's end and of the next
    one's beginning, both kept as running minima (van Herk, "A fast algorithm for local minimum and maximum filters on
    rectangular and octagonal kernels", Pattern Recognition Letters 13, 1992). Blocks without reduction are passed over.
    """
    length, size = len(gains), back + ahead + 1
    held = np.ones_like(gains)
    to_end = np.ones(size, dtype=np.float32)
    for start in range(-back, length, size):
        stop = start + size
        least = np.float32(1.0)
        for n in range(max(start, 0), min(stop + size, length)):
            least = min(least, gains[n])
        if least == np.float32(1.0):
            continue
        least = np.float32(1.0)
        for j in range(size - 1, -1, -1):
            if 0 <= start + j < length:
                least = min(least, gains[start + j])
            to_end[j] = least
        least = np.float32(1.0)
        for j in range(min(size, length - start - back)):
            held[start + back + j] = min(to_end[j], least)
            if stop + j < length:
                least = min(least, gains[stop + j])
    return held


@kernel
def _recover(curve: NDArray[np.float32], paces: NDArray[np.float64]) -> None:
    """Let the gain fall at once and rise in two stages, in place."""
    quick, fall, rise = paces[0], paces[1], paces[2]
    gain, sustained = np.float64(curve[0]), np.float64(curve[0])
    for n in range(len(curve)):
        allowed = np.float64(curve[n])
        far = abs(allowed - sustained) > _ARRIVED
        sustained += (allowed - sustained) * ((fall if allowed < sustained else rise) if far else 1.0)
        if allowed < gain:
            gain = allowed
        else:
            goal = min(allowed, sustained)
            if goal > gain:
                gain += (goal - gain) * (quick if goal - gain > _ARRIVED else 1.0)
        curve[n] = np.float32(gain)
