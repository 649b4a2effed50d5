"""Recursive filters as wide arithmetic: many places of a song at once.

A recursive filter cannot be vectorised along time, since each output needs the last. A song however can be cut into
segments of equal length which run side by side, one channel of one segment in each lane of a vector. Each segment
starts a little early, until its filters have forgotten that they began at rest; what they forget decays like their
impulse response, so with enough warm-up nothing is left of it in double precision.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

LANES = 16
"""Two registers of eight doubles, or four of four: enough independent work to hide the latency of the feedback."""
TILE_FRAMES = 64
"""Frames that pass through one filter at a time: a tile of 64 frames in 16 lanes stays in the first-level cache."""


@kernel
def load_tile(
    samples: NDArray[np.float32], start: int, stride: int, segments: int, frames: int, tile: NDArray[np.float64]
) -> None:
    """Fill `tile`, shape (TILE_FRAMES, LANES), with `frames` frames from `start + segment * stride` of each segment.

    Lane ``segment * channels + channel`` holds that channel; outside the song there is silence.
    """
    length, channels = samples.shape
    for segment in range(segments):
        first, lane = start + segment * stride, segment * channels
        if first >= 0 and first + frames <= length:
            for n in range(frames):
                for channel in range(channels):
                    tile[n, lane + channel] = samples[first + n, channel]
        else:
            for n in range(frames):
                inside = 0 <= first + n < length
                for channel in range(channels):
                    tile[n, lane + channel] = samples[first + n, channel] if inside else 0.0


@kernel
def biquad_tile(tile: NDArray[np.float64], frames: int, section: NDArray[np.float64], z: NDArray[np.float64]) -> None:
    """Pass a tile through one second-order section in place.

    `section` holds b0, b1, b2, a1, a2 (a0 = 1); `z`, shape (2, LANES), its state (transposed direct form II).
    """
    b0, b1, b2, a1, a2 = section[0], section[1], section[2], section[3], section[4]
    z1, z2 = z[0], z[1]
    for n in range(frames):
        row = tile[n]
        for lane in range(LANES):
            x = row[lane]
            y = b0 * x + z1[lane]
            z1[lane] = b1 * x - a1 * y + z2[lane]
            z2[lane] = b2 * x - a2 * y
            row[lane] = y
