"""Gain that changes over time, given every eighth frame with straight lines between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

STEP_FRAMES = 8
"""Distance of a curve's points. At 44.1 kHz they come 5500 times a second: ample for a gain that moves in milliseconds,
and an eighth of the work of a gain for every frame."""

UNITY = np.zeros(0, dtype=np.float32)
"""The curve that changes nothing."""


def points_for(frames: int) -> int:
    """Return how many points a curve over `frames` frames has: one at each step, and one at or past the end."""
    return -(-frames // STEP_FRAMES) + 1


def under_gain(samples: NDArray[np.float32], first_frame: int, curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a block of a song with a gain curve applied.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        The block. It is not changed.
    first_frame : int
        The block's place in the song.
    curve : float32 array, shape (points_for(song's frames),)
        Factors over the whole song.
    """
    out = np.empty_like(samples)
    _apply(samples, first_frame, curve, out)
    return out


@kernel
def gain_at(curve: NDArray[np.float32], frame: int) -> np.float32:
    """Return the factor at one frame."""
    point = frame // STEP_FRAMES
    share = np.float32(frame % STEP_FRAMES) * np.float32(1.0 / STEP_FRAMES)
    return np.float32(curve[point] + (curve[point + 1] - curve[point]) * share)


@kernel
def _apply(
    samples: NDArray[np.float32], first_frame: int, curve: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    frames, channels = samples.shape
    for n in range(frames):
        factor = gain_at(curve, first_frame + n)
        for channel in range(channels):
            out[n, channel] = samples[n, channel] * factor
