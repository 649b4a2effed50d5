"""Overlapping blocks: a song's spectrum from moment to moment, and what is added to it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_BLOCKS_AT_ONCE = 32

Change = Callable[[NDArray[np.complex64]], NDArray[np.bool_]]
"""Turns spectra, shape (blocks, size), into those of what is to be added, in place; tells for which blocks any is. What
it leaves in the others is not used.

Both channels are the real and imaginary part of one signal: a frequency and its negative must be treated alike.
"""


def block_frames(duration_s: float, rate_hz: int) -> int:
    """Return the power of two nearest to a duration, 64 at least: other lengths take half as long again."""
    return 1 << max(round(math.log2(duration_s * rate_hz)), 6)


def add_changes(samples: NDArray[np.float32], size: int, change: Change) -> None:
    """Add to a song, in place, what a function makes of the spectra of its blocks.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Where nothing is added, it keeps its bits. Silence is assumed before and after.
    size : int
        Frames of a block, even. Blocks overlap by half; the root of a Hann window is applied before and after.
    change : Change
        Called with some blocks at a time, in their order.
    """
    hop, channels = size // 2, samples.shape[1]
    window = np.repeat(np.sin(np.pi * (np.arange(size) + 0.5) / size), 2).astype(np.float32)[None]
    blocks = -(-len(samples) // hop) + 1
    work = np.zeros((_BLOCKS_AT_ONCE, size), dtype=np.complex64)
    before = np.zeros((hop, channels), dtype=np.float32)  # the song there, as it was before anything was added
    left = np.zeros((hop, channels), dtype=np.float32)  # what the last block adds to its second half
    for first in range(0, blocks, _BLOCKS_AT_ONCE):
        count = min(_BLOCKS_AT_ONCE, blocks - first)
        start = (first - 1) * hop
        _take(samples, start, window, before, work[:count].view(np.float32))
        spectra = scipy.fft.fft(work[:count], axis=1)
        some = np.flatnonzero(change(spectra))
        added = scipy.fft.ifft(spectra[some], axis=1, overwrite_x=True)
        if len(some) or left.any():
            _give(added.view(np.float32), some[None], count, start, window, left, samples)


@kernel
def _take(
    samples: NDArray[np.float32],
    start: int,
    window: NDArray[np.float32],
    before: NDArray[np.float32],
    blocks: NDArray[np.float32],
) -> None:
    """Fill the blocks from `start` on, windowed; the first half of the first from `before`, which is then renewed."""
    hop, channels = before.shape
    for block in range(len(blocks)):
        row = blocks[block]
        for half in range(2):
            first = start + (block + half) * hop
            there = min(max(len(samples) - first, 0), hop)
            old = block == 0 and half == 0
            part = before if old else samples[max(first, 0) : max(first, 0) + there]
            weights = window[0, 2 * half * hop : 2 * (half + 1) * hop]
            target = row[2 * half * hop : 2 * (half + 1) * hop]
            if not old and there < hop:
                target[:] = np.float32(0.0)
            if channels == 2:
                flat = part.reshape(-1)
                for n in range(len(flat)):
                    target[n] = weights[n] * flat[n]
            else:
                for n in range(len(part)):
                    target[2 * n] = weights[2 * n] * part[n, 0]
    first = start + len(blocks) * hop
    for n in range(hop):
        for channel in range(channels):
            before[n, channel] = samples[first + n, channel] if first + n < len(samples) else np.float32(0.0)


@kernel
def _give(
    added: NDArray[np.float32],
    some: NDArray[np.int64],
    count: int,
    start: int,
    window: NDArray[np.float32],
    left: NDArray[np.float32],
    samples: NDArray[np.float32],
) -> None:
    """Add the blocks numbered in `some`, of `count` from `start` on, and what is left of the block before.

    What the last one adds to its second half is left for the next call, which still needs the song as it is there.
    """
    hop, channels = left.shape
    for n in range(hop):
        for channel in range(channels):
            if 0 <= start + n < len(samples):
                samples[start + n, channel] += left[n, channel]
            left[n, channel] = np.float32(0.0)
    for at in range(some.shape[1]):
        row, block = added[at], some[0, at]
        for half in range(2):
            first = start + (block + half) * hop
            if block + half == count:
                target, there = left, hop
            else:
                there = min(max(len(samples) - first, 0), hop) if first >= 0 else 0
                target = samples[max(first, 0) : max(first, 0) + there]
            weights, values = window[0, 2 * half * hop :], row[2 * half * hop :]
            if channels == 2:
                flat = target.reshape(-1)
                for n in range(2 * there):
                    flat[n] += weights[n] * values[n]
            else:
                for n in range(there):
                    target[n, 0] += weights[2 * n] * values[2 * n]
