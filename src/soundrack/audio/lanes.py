"""Recursive filters as wide arithmetic: many places of a song at once.

A recursive filter cannot be vectorised along time, since each output needs the last. A song however can be cut into
segments of equal length which run side by side, one channel of one segment in each lane of a vector. Each segment
starts a little early, until its filters have forgotten that they began at rest; what they forget decays like their
impulse response, so with enough warm-up nothing is left of it in double precision.

All filters of a chain are applied to a frame before the next frame is looked at: while one filter waits for its own
last output, the others have work. Their states lie in one flat array, LANES values to a delay, so that the compiler
sees from their distance alone that no two of them overlap, and vectorises the whole chain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

LANES = 16
"""Four registers of four doubles: enough independent work to hide the latency of the feedback."""
SECTION = 2 * LANES
"""Length of the state of one second-order section."""
TILE_FRAMES = 64
"""Frames taken in at a time: a tile of 64 frames in 16 lanes stays in the first-level cache."""

_NOTHING = 1e-100


@kernel
def biquad(
    state: NDArray[np.float64], at: int, b0: float, b1: float, b2: float, a1: float, a2: float, x: float
) -> float:
    """Return the next output of a second-order section (a0 = 1, transposed direct form II).

    Its two delays are ``state[at]`` and ``state[at + LANES]``, where `at` is the section's place plus the lane.
    """
    y: float = b0 * x + state[at]
    state[at] = b1 * x - a1 * y + state[at + LANES]
    state[at + LANES] = b2 * x - a2 * y
    return y


@kernel
def settle(state: NDArray[np.float64], length: int) -> None:
    """Put to rest what has decayed to nothing in the first `length` states.

    In the silence after a sound a filter's state shrinks until it is denormal, which many processors work on a hundred
    times slower; once a tile is often enough to stop it before that.
    """
    for at in range(length):
        state[at] = state[at] if abs(state[at]) >= _NOTHING else 0.0


@kernel
def load_tile(
    samples: NDArray[np.float32],
    first_channel: int,
    channels: int,
    start: int,
    stride: int,
    segments: int,
    frames: int,
    tile: NDArray[np.float64],
) -> None:
    """Fill `tile`, shape (TILE_FRAMES, LANES), with `frames` frames from `start + segment * stride` of each segment.

    Lane ``channel * segments + segment`` holds the channel ``first_channel + channel``; outside the song there is
    silence.
    """
    length = len(samples)
    for segment in range(segments):
        first = start + segment * stride
        whole = first >= 0 and first + frames <= length
        for channel in range(channels):
            lane, source = channel * segments + segment, first_channel + channel
            if whole:
                for n in range(frames):
                    tile[n, lane] = samples[first + n, source]
            else:
                for n in range(frames):
                    tile[n, lane] = samples[first + n, source] if 0 <= first + n < length else 0.0


@kernel
def store_tile(
    tile: NDArray[np.float64],
    first_channel: int,
    channels: int,
    start: int,
    stride: int,
    segments: int,
    samples: NDArray[np.float32],
) -> None:
    """Put a tile back where :func:`load_tile` took it from; what lies beyond the song's end is dropped."""
    for segment in range(segments):
        first = start + segment * stride
        frames = min(TILE_FRAMES, len(samples) - first)
        for channel in range(channels):
            lane, target = channel * segments + segment, first_channel + channel
            for n in range(frames):
                samples[first + n, target] = np.float32(tile[n, lane])
