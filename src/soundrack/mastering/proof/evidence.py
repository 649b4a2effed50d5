"""Evidence: what the quality gate judges a master by, beside the meters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import ABSOLUTE_GATE_LUFS, HOPS_PER_S, HopPower, lufs
from soundrack.audio.measurement import Measurement

TILT_HZ = (100.0, 10_000.0)
"""The range over which the tilt of a spectrum is taken: where nearly all music has something."""
_EMPTY_DB = 60.0
"""A band this far below the highest holds nothing, however far below it is."""


@dataclass(frozen=True)
class Ends:
    """Seconds of silence before and after a sound."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Shape:
    """How a sound lies: `tilt_db` per octave, and the left channel over the right, `balance_db`, None for mono."""

    tilt_db: float
    balance_db: float | None


@dataclass(frozen=True)
class Reduction:
    """What limiter and clipper took off.

    All in dB, 0 or more: the limiter's reduction in all but the busiest 5 % of the time, and at most; the most that the
    clipper took off a peak. `over_3_db` is the share of the time, 0 to 1, in which the limiter took more than 3 dB.
    """

    busy_db: float = 0.0
    most_db: float = 0.0
    over_3_db: float = 0.0
    clipped_db: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """The source, the master as decoded from its file, and what was asked for and done.

    `frames` is how many frames the master has, `frames_due` how many it should have.
    """

    before: Measurement
    after: Measurement
    shape_before: Shape
    shape_after: Shape
    ends: Ends
    reduction: Reduction
    target_lufs: float
    ceiling_db: float
    frames: int
    frames_due: int


def ends(power: NDArray[np.float64]) -> Ends:
    """Return how much silence a sound begins and ends with.

    Parameters
    ----------
    power : float64 array, shape (hops,)
        Its K-weighted power (:func:`~soundrack.audio.loudness.hop_power`). A hop of 10 ms below -70 LUFS, the absolute
        gate of BS.1770, is silent.

    Returns
    -------
    Ends
        To 10 ms; the whole length at both ends of a sound that is silent throughout.
    """
    heard = np.flatnonzero(lufs(power) > ABSOLUTE_GATE_LUFS)
    first, last = (heard[0], heard[-1] + 1) if len(heard) else (len(power), 0)
    return Ends(float(first) / HOPS_PER_S, float(len(power) - last) / HOPS_PER_S)


def shape(weighted: HopPower, centres_hz: NDArray[np.float64], levels_db: NDArray[np.float64]) -> Shape:
    """Return a sound's tilt and balance.

    Parameters
    ----------
    weighted : HopPower
        Its K-weighted power by channel.
    centres_hz, levels_db : float64 arrays, shape (bands,)
        Its spectrum in third octaves (:func:`~soundrack.audio.spectrum.band_levels_db`); at least two bands lie from
        100 Hz to 10 kHz.

    Returns
    -------
    Shape
        The tilt is the slope of the straight line through the levels from 100 Hz to 10 kHz over the logarithm of
        frequency, by least squares: 0 for pink noise, +3 for white, negative where treble is weaker. The balance is
        infinite where one channel is silent, and 0 where both are.
    """
    judged = (centres_hz >= TILT_HZ[0] * 0.99) & (centres_hz <= TILT_HZ[1] * 1.01)
    levels = levels_db[judged]
    octaves = np.log2(centres_hz[judged])
    octaves = octaves - octaves.mean()
    slope = float((octaves * np.maximum(levels, levels.max() - _EMPTY_DB)).sum() / (octaves**2).sum())
    return Shape(slope, _balance_db(weighted.channels) if weighted.channels.shape[1] == 2 else None)


def _balance_db(power: NDArray[np.float64]) -> float:
    left, right = power.sum(axis=0).tolist()
    if left == right:
        return 0.0
    if left == 0.0 or right == 0.0:
        return math.copysign(math.inf, left - right)
    return 10.0 * math.log10(left / right)
