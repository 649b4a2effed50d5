"""Compressor: gain by level (Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design", JAES 60, 2012).

The level is the higher channel's, so that the image stands still. The gain computer is their equation 4 with its knee;
attack and release smooth the reduction in decibels, decoupled and branching (equation 17).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import points_for
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import POINT_S, Curve, Sound, factor, gained

_FLOOR = np.float32(1e-6)


@dataclass(frozen=True)
class Compression:
    """How a compressor works.

    Parameters
    ----------
    threshold_db : float
        Relative to full scale.
    ratio : float
        1 or more; ``inf`` for a limiter.
    attack_ms, release_ms : float
        Time constants, 0 to 5000.
    knee_db : float
        Width of the knee, 0 or more.
    makeup_db : float
        Gain afterwards.
    mix : float
        0 to 1: parallel compression below 1.
    """

    threshold_db: float
    ratio: float
    attack_ms: float = 10.0
    release_ms: float = 120.0
    knee_db: float = 6.0
    makeup_db: float = 0.0
    mix: float = 1.0


def process(sound: Sound, compression: Compression, key: Sound | None = None, out: Sound | None = None) -> Sound:
    """Return a compressed sound.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    compression : Compression
        How.
    key : float32 array, shape (frames, 2), optional
        What the level is taken of: the side chain; the sound itself if not given.
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.
    """
    return gained(sound, gain_curve(sound if key is None else key, compression), out)


def gain_curve(key: Sound, compression: Compression) -> Curve:
    """Return the factors by which a compressor multiplies what it compresses: its only effect.

    Parameters
    ----------
    key : float32 array, shape (frames, 2)
        What the level is taken of.
    compression : Compression
        How.
    """
    reduction = reductions_db(_levels_db(key), compression)
    smooth = np.empty_like(reduction)
    _smoothed(reduction, smooth, pace(compression.attack_ms), pace(compression.release_ms))
    wet = factor(compression.makeup_db - smooth)
    return np.asarray(1.0 + compression.mix * (wet - 1.0), dtype=np.float32)


def reductions_db(levels_db: NDArray[np.float32], compression: Compression) -> NDArray[np.float32]:
    """Return by how much levels are to be lowered, in dB, 0 or more: the static curve."""
    slope = 1.0 - 1.0 / max(compression.ratio, 1.0)
    over = levels_db - np.float32(compression.threshold_db)
    if compression.knee_db <= 0.0:
        return np.asarray(slope * np.maximum(over, 0.0), dtype=np.float32)
    knee = np.clip(over + compression.knee_db / 2.0, 0.0, compression.knee_db) ** 2 / (2.0 * compression.knee_db)
    return np.asarray(slope * np.maximum(knee, over), dtype=np.float32)


def _levels_db(key: Sound) -> NDArray[np.float32]:
    levels = np.empty(points_for(len(key)), dtype=np.float32)
    step_peaks(key, levels)
    return np.asarray(20.0 * np.log10(np.maximum(levels, _FLOOR)), dtype=np.float32)


def pace(time_ms: float) -> float:
    """Return what a smoother of a time constant keeps of the distance from one point of a curve to the next."""
    return math.exp(-POINT_S / (0.001 * time_ms)) if time_ms > 0.0 else 0.0


@kernel
def step_peaks(key: NDArray[np.float32], levels: NDArray[np.float32]) -> None:
    """Fill `levels` with the highest magnitude of each step, at its beginning; at the last point that of the last."""
    for point in range(len(levels)):
        most = np.float32(0.0)
        for n in range(8 * point, min(8 * point + 8, len(key))):
            most = max(most, abs(key[n, 0]), abs(key[n, 1]))
        levels[point] = most
    if len(levels) > 1 and 8 * (len(levels) - 1) >= len(key):
        levels[-1] = levels[-2]


@kernel
def _smoothed(wanted: NDArray[np.float32], smooth: NDArray[np.float32], attack: float, release: float) -> None:
    held, given = 0.0, 0.0
    for point in range(len(wanted)):
        value = np.float64(wanted[point])
        held = max(value, release * held + (1.0 - release) * value)
        given = attack * given + (1.0 - attack) * held
        smooth[point] = given if given > 1e-6 else 0.0
