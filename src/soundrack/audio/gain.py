"""Gain that changes over time, given every eighth frame with straight lines between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

STEP_FRAMES = 8
"""Distance of a curve's points. At 44.1 kHz they come 5500 times a second: ample for a gain that moves in milliseconds,
and an eighth of the work of a gain for every frame."""

_FACTORS_AT_ONCE = 256

UNITY = np.zeros(0, dtype=np.float32)
"""The curve that changes nothing."""


def points_for(frames: int) -> int:
    """Return how many points a curve over `frames` frames has: one at each step, and one at or past the end."""
    return -(-frames // STEP_FRAMES) + 1


def under_gain(
    samples: NDArray[np.float32],
    first_frame: int,
    curve: NDArray[np.float32],
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return a block of a song with a gain curve applied.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        The block. It is not changed, but where it is `out` itself.
    first_frame : int
        The block's place in the song.
    curve : float32 array, shape (points_for(song's frames),)
        Factors over the whole song.
    out : float32 array, optional
        Where the result is put, of the block's shape; may be the block itself.
    """
    out = np.empty_like(samples) if out is None else out
    _apply(samples, first_frame, curve, out)
    return out


@kernel
def fill_factors(curve: NDArray[np.float32], first_frame: int, frames: int, out: NDArray[np.float32]) -> None:
    """Fill `out` with the factors of `frames` frames from `first_frame` on."""
    done = 0
    while done < frames:
        point, offset = (first_frame + done) // STEP_FRAMES, (first_frame + done) % STEP_FRAMES
        early, slope = curve[point], (curve[point + 1] - curve[point]) * np.float32(1.0 / STEP_FRAMES)
        if offset == 0 and frames - done >= STEP_FRAMES:
            part = out[done : done + STEP_FRAMES]
            for n in range(STEP_FRAMES):
                part[n] = early + slope * np.float32(n)
            done += STEP_FRAMES
        else:
            out[done] = early + slope * np.float32(offset)
            done += 1


@kernel
def _apply(
    samples: NDArray[np.float32], first_frame: int, curve: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    frames, channels = samples.shape
    flat, flat_out = samples.reshape(-1), out.reshape(-1)
    factors = np.empty(_FACTORS_AT_ONCE, dtype=np.float32)
    for start in range(0, frames, _FACTORS_AT_ONCE):
        count = min(_FACTORS_AT_ONCE, frames - start)
        fill_factors(curve, first_frame + start, count, factors)
        if channels == 2:
            here, there = flat[2 * start :], flat_out[2 * start :]
            for n in range(count):
                there[2 * n] = here[2 * n] * factors[n]
                there[2 * n + 1] = here[2 * n + 1] * factors[n]
        else:
            for n in range(count):
                for channel in range(channels):
                    out[start + n, channel] = samples[start + n, channel] * factors[n]
