"""Damage: how far a limiter and a clipper take a song from itself, in one number, to compare settings by.

Turning a whole song down does no harm, so what counts is what is left when level is taken out: at each moment the gain
differs from its mean around that moment, and that difference times the sound is an error that was not in the song. What
a clipper takes away is an error outright. Both are compared with the power of the song where it is loud, as a
null test does: the error's power over the song's power, both K-weighted as far as that is known without rendering.

A limiter's error moves with the gain, slowly, and lies next to each partial in the spectrum, where it is masked; a
clipper's lies anywhere. It counts four times its power, 6 dB. That weight is a choice of this house, not a standard's;
it makes both even where 1 dB is taken off the peaks of drums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import MOMENTARY_HOPS
from soundrack.audio.survey import BLOCK_FRAMES
from soundrack.mastering.plan import LimiterStep, LoudnessStep, SaturationStep
from soundrack.mastering.rendering.saturation import softened
from soundrack.mastering.rendering.search import guessed, mean_squares

_AROUND_HOPS = 5 * MOMENTARY_HOPS
"""Two seconds: what moves more slowly is level."""
_CLIPPED_WEIGHT = 4.0
_CLIPPED_SHARE = 0.12
"""For how much of a block of 128 frames the clipper works at its strongest: on music 0.06 to 0.3, the more the deeper
the peaks."""
_FLOOR = 1e-12


@dataclass(frozen=True)
class Damage:
    """Errors relative to the song, in dB: by the limiter's moving gain, by the clipper, and both, weighted.

    -120 dB stands for none. `short_lu` is how far the loudness stays below its target.
    """

    limiting_db: float
    clipping_db: float
    total_db: float
    short_lu: float


def damage(
    curve: NDArray[np.float32],
    step_frames: int,
    removed: NDArray[np.float64],
    power: NDArray[np.float64],
    rate_hz: int,
    short_lu: float = 0.0,
) -> Damage:
    """Return the damage of a gain curve and of what a clipper has removed.

    Parameters
    ----------
    curve : float32 array, shape (points,)
        Factors, one each `step_frames` frames.
    step_frames : int
        Frames from one point of the curve to the next.
    removed : float64 array, shape (hops,) or empty
        The mean square of what a clipper took away in each 10 ms, before the gain
        (:class:`~soundrack.mastering.rendering.saturation.Clipping`).
    power : float64 array, shape (hops,)
        :func:`~soundrack.audio.loudness.hop_power` of the song before the gain.
    rate_hz : int
        Sample rate.
    short_lu : float
        Passed on.
    """
    if not len(power):
        return Damage(_db(0.0), _db(0.0), _db(0.0), short_lu)
    gains = np.sqrt(mean_squares(curve, step_frames, rate_hz, len(power)))
    around = _mean_around(gains, _AROUND_HOPS)
    heard = power * around**2
    loud = heard > heard[heard > 0.0].mean() / 10.0 if heard.any() else np.zeros(len(heard), dtype=np.bool_)
    song = max(float(heard[loud].sum()), _FLOOR)
    taken = np.zeros(len(power))
    taken[: min(len(removed), len(power))] = removed[: len(power)]
    limiting = float((power * (gains - around) ** 2)[loud].sum()) / song
    clipping = float((taken * around**2)[loud].sum()) / song
    return Damage(_db(limiting), _db(clipping), _db(limiting + _CLIPPED_WEIGHT * clipping), short_lu)


def alternatives_damage(
    blocks: NDArray[np.float32],
    power: NDArray[np.float64],
    rate_hz: int,
    loudness: LoudnessStep,
    alternatives: list[tuple[LimiterStep, SaturationStep | None]],
) -> list[Damage]:
    """Foresee the damage of several settings, by block statistics alone: some milliseconds each for a song.

    Parameters
    ----------
    blocks : float32 array, shape (blocks,)
        :func:`~soundrack.audio.survey.block_peaks` of the song before clipping and limiting.
    power : float64 array, shape (hops,)
        Its :func:`~soundrack.audio.loudness.hop_power`.
    rate_hz : int
        Its sample rate.
    loudness : LoudnessStep
        Target and ceiling.
    alternatives : list of a limiter and a soft clipper or None
        What to compare.

    Returns
    -------
    list of Damage
        In the same order. One that misses the target, `short_lu` above 0.1 or so, cannot be compared with one that
        reaches it by damage alone.
    """
    return [_foreseen(blocks, power, rate_hz, loudness, *each) for each in alternatives]


def _foreseen(
    blocks: NDArray[np.float32],
    power: NDArray[np.float64],
    rate_hz: int,
    loudness: LoudnessStep,
    limiter: LimiterStep,
    saturation: SaturationStep | None,
) -> Damage:
    found = guessed(blocks, power, rate_hz, loudness.target_lufs, loudness.ceiling_db, limiter, saturation)
    removed = np.zeros(0)
    if saturation is not None:
        limit = 10.0 ** ((loudness.ceiling_db - found.gain_db + saturation.left_db) / 20.0)
        taken = np.append(blocks - softened(blocks, saturation, limit), np.float32(0.0))
        removed = _CLIPPED_SHARE * mean_squares(taken, BLOCK_FRAMES, rate_hz, len(power))
    short_lu = max(loudness.target_lufs - found.loudness_lufs, 0.0)
    return damage(found.curve, BLOCK_FRAMES, removed, power, rate_hz, short_lu)


def _db(power: float) -> float:
    return 10.0 * math.log10(max(power, _FLOOR))


def _mean_around(values: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Return the mean of so many values around each, of fewer at both ends."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    places = np.arange(len(values))
    first, stop = np.maximum(places - hops // 2, 0), np.minimum(places + hops // 2 + 1, len(values))
    means: NDArray[np.float64] = (sums[stop] - sums[first]) / (stop - first)
    return means
