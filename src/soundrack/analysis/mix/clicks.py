"""Clicks: a few samples that bend far more sharply than everything on both sides of them.

An onset is no click: after it the sound goes on. What bends as sharply again and again is made so, and no click either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_BLOCK_FRAMES = 32
_BESIDE = (2, 6)
"""In blocks: where the surroundings of a block begin and end, on either side."""
_CLICK = 40.0
"""The sharpest bend against the mean one on the rougher side; in noise it comes to six."""
_LEAST = 0.02
_MOST_SHARP_FRAMES = 8
"""Samples that bend by a quarter as sharply: a click has few, a short drum many."""
_MOST_PER_S = 4


def find(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Return when something clicks, in seconds, ascending, float64, shape (clicks,).

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0.
    rate_hz : int
        Sample rate.
    """
    begin, end = _BESIDE
    blocks = len(samples) // _BLOCK_FRAMES
    if blocks < 2 * end + 1:
        return np.zeros(0)
    found: list[int] = []
    for channel in range(samples.shape[1]):
        highest, sums = np.zeros(blocks, dtype=np.float32), np.zeros(blocks, dtype=np.float32)
        _bends(samples, channel, highest, sums)
        running = np.concatenate(([0.0], np.cumsum(sums, dtype=np.float64)))
        means = (running[end - begin :] - running[: begin - end]) / ((end - begin) * _BLOCK_FRAMES)
        rough = np.maximum(means[: -end - begin], means[end + begin :])
        middle = highest[end : end + len(rough)]
        hot = np.flatnonzero((middle > _CLICK * rough) & (middle > _LEAST)) + end
        found += [block * _BLOCK_FRAMES for block in hot.tolist() if _is_short(samples[:, channel], block)]
    frames = np.unique(np.array(found, dtype=np.int64) // (4 * _BLOCK_FRAMES)) * 4 * _BLOCK_FRAMES
    nearby = np.searchsorted(frames, frames + rate_hz // 2) - np.searchsorted(frames, frames - rate_hz // 2)
    alone: NDArray[np.float64] = frames[nearby <= _MOST_PER_S] / rate_hz
    return alone


def _is_short(column: NDArray[np.float32], block: int) -> bool:
    first = max((block - 2) * _BLOCK_FRAMES, 0)
    bends = np.abs(np.diff(column[first : first + 5 * _BLOCK_FRAMES], 2))
    return int((bends > bends.max(initial=0.0) / 4.0).sum()) <= _MOST_SHARP_FRAMES


@kernel
def _bends(samples: NDArray[np.float32], channel: int, highest: NDArray[np.float32], sums: NDArray[np.float32]) -> None:
    """Fill, for each block but the first and last, the highest second difference and the sum of all."""
    for block in range(1, len(highest) - 1):
        best, total = np.float32(0.0), np.float32(0.0)
        for n in range(block * _BLOCK_FRAMES, (block + 1) * _BLOCK_FRAMES):
            here = samples[n, channel]
            bend = abs(samples[n - 1, channel] - (here + here) + samples[n + 1, channel])
            best = max(best, bend)
            total += bend
        highest[block], sums[block] = best, total
