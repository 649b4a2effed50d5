"""Gate: what is soft becomes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import points_for
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.compressor import pace, step_peaks
from soundrack.composition.effects.sound import POINT_S, Curve, Sound, gained


@dataclass(frozen=True)
class Gate:
    """How a gate works.

    Parameters
    ----------
    open_db, close_db : float
        From which level it opens, and below which it closes; relative to full scale.
    hold_ms : float
        How long it stays open at least.
    attack_ms, release_ms : float
        Time constants of opening and closing.
    floor_db : float
        What is left of what is shut out.
    """

    open_db: float = -40.0
    close_db: float = -46.0
    hold_ms: float = 40.0
    attack_ms: float = 1.0
    release_ms: float = 60.0
    floor_db: float = -80.0


def process(sound: Sound, gate: Gate, key: Sound | None = None) -> Sound:
    """Return a gated sound.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    gate : Gate
        How.
    key : float32 array, shape (frames, 2), optional
        What opens it: the sound itself if not given.
    """
    return gained(sound, gain_curve(sound if key is None else key, gate))


def gain_curve(key: Sound, gate: Gate) -> Curve:
    """Return the factors by which a gate multiplies, from the key that opens it."""
    levels = np.empty(points_for(len(key)), dtype=np.float32)
    step_peaks(key, levels)
    gains = np.empty_like(levels)
    bounds = np.array([10.0 ** (gate.open_db / 20.0), 10.0 ** (min(gate.close_db, gate.open_db) / 20.0)])
    floor = 10.0 ** (gate.floor_db / 20.0)
    hold = round(0.001 * gate.hold_ms / POINT_S)
    _gate(levels, gains, bounds, hold, pace(gate.attack_ms), pace(gate.release_ms), floor)
    return gains


@kernel
def _gate(
    levels: NDArray[np.float32],
    gains: NDArray[np.float32],
    bounds: NDArray[np.float64],
    hold: int,
    attack: float,
    release: float,
    floor: float,
) -> None:
    is_open, since, gain = False, 0, floor
    for point in range(len(levels)):
        if levels[point] >= bounds[0]:
            is_open, since = True, 0
        elif levels[point] < bounds[1]:
            since += 1
            is_open = is_open and since <= hold
        goal = 1.0 if is_open else floor
        kept = attack if goal > gain else release
        gain = goal + kept * (gain - goal)
        gains[point] = gain
