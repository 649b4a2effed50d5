"""Flat tops: where a waveform was cut off at a level, and stays there for three samples or more.

A smooth crest can look flat for a moment too, when its frequency is low; but it leaves its level slowly, and what was
cut off leaves it at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.survey import BLOCK_FRAMES

_LEAST_FRAMES = 3
_NEAR_PEAK = 0.97
"""What is cut off lies at the song's highest level, or close to it where the channels were turned down unequally."""
_FLAT, _STEP = 2.5 * 2.0**-15, 25.0 * 2.0**-15
"""What counts as level: two and a half steps of 16 bits, so that dither hides nothing; and what as leaving it."""
_MOST_KEPT = 1 << 16


@dataclass(frozen=True)
class FlatTops:
    """`count` of flat tops, over all channels; `at_frames`, where they begin, int64, ascending by channel (the first
    65,536); `longest_frames`."""

    count: int
    at_frames: NDArray[np.int64]
    longest_frames: int


def find(samples: NDArray[np.float32], peaks: NDArray[np.float32]) -> FlatTops:
    """Find flat tops.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0.
    peaks : float32 array
        The largest magnitude of each block (:class:`~soundrack.audio.survey.Survey`): only blocks near the song's peak
        are looked at.
    """
    kept = np.zeros(_MOST_KEPT, dtype=np.int64)
    told = np.zeros(2, dtype=np.int64)
    highest = peaks.max(initial=np.float32(0.0))
    if highest > _STEP:
        _find(samples, peaks, np.float32(_NEAR_PEAK * highest), kept, told)
    return FlatTops(int(told[0]), kept[: min(told[0], _MOST_KEPT)], int(told[1]))


@kernel
def _find(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    least: np.float32,
    kept: NDArray[np.int64],
    told: NDArray[np.int64],
) -> None:
    """Fill `kept` with the places of flat tops of at least the magnitude `least`; `told` with their number and length.

    Each run is counted in the block in which it begins.
    """
    frames, channels = samples.shape
    for channel in range(channels):
        for block in range(len(peaks)):
            if peaks[block] < least:
                continue
            n, end = block * BLOCK_FRAMES, min((block + 1) * BLOCK_FRAMES, frames)
            while n < end:
                value = samples[n, channel]
                level = abs(value)
                if level < least or (n > 0 and abs(samples[n - 1, channel] - value) <= np.float32(_FLAT)):
                    n += 1
                    continue
                last = n
                while last + 1 < frames and abs(samples[last + 1, channel] - value) <= np.float32(_FLAT):
                    last += 1
                before = abs(value - samples[n - 1, channel]) if n > 0 else np.float32(0.0)
                after = abs(value - samples[last + 1, channel]) if last + 1 < frames else np.float32(0.0)
                if last - n + 1 >= _LEAST_FRAMES and max(before, after) > np.float32(_STEP):
                    if told[0] < len(kept):
                        kept[told[0]] = n
                    told[0] += 1
                    told[1] = max(told[1], last - n + 1)
                n = last + 1
