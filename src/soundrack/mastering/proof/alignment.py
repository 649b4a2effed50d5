"""Source and master beside each other: the same moments at the master's rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.resampling import resampled

_MARGIN_S = 0.25
"""Heard by the resampler on both sides of an excerpt: longer than its filter."""


def check_pair(source: NDArray[np.float32], master: NDArray[np.float32], offset_frames: int) -> None:
    """Refuse a source and a master that cannot be laid beside each other.

    Raises
    ------
    ValueError
        If they are not both of shape (frames, channels) with the same channels and at least a frame, or `offset_frames`
        lies outside the source.
    """
    if source.ndim != 2 or master.ndim != 2 or source.shape[1] != master.shape[1] or not len(master):
        raise ValueError(f"expected two sounds with the same channels, got shapes {source.shape} and {master.shape}")
    if not 0 <= offset_frames < len(source):
        raise ValueError(f"expected an offset from 0 to {len(source) - 1}, got {offset_frames}")


def common_step(source_rate_hz: int, master_rate_hz: int) -> int:
    """Return how many of the master's frames lie between moments that are whole frames at both rates."""
    return master_rate_hz // math.gcd(source_rate_hz, master_rate_hz)


def excerpt(
    source: NDArray[np.float32],
    source_rate_hz: int,
    master_rate_hz: int,
    start: int,
    frames: int,
    *,
    offset_frames: int = 0,
) -> NDArray[np.float32]:
    """Return what a source plays during an excerpt of its master, at the master's rate.

    Parameters
    ----------
    source : float32 array, shape (frames, channels), C-contiguous
    source_rate_hz, master_rate_hz : int
        Sample rates.
    start, frames : int
        First frame and length of the excerpt in the master, `start` a multiple of :func:`common_step`.
    offset_frames : int
        The source's frame that is the master's first, as after cutting silence.

    Returns
    -------
    float32 array, shape (frames, channels), C-contiguous
        A copy; silent beyond the source's end.
    """
    step = common_step(source_rate_hz, master_rate_hz)
    if start % step:
        raise ValueError(f"expected a start that is a multiple of {step}, got {start}")
    source_step = source_rate_hz // math.gcd(source_rate_hz, master_rate_hz)
    first = offset_frames + start // step * source_step
    lead = min(math.ceil(_MARGIN_S * source_rate_hz / source_step), (first - offset_frames) // source_step)
    stop = first + math.ceil(frames / step) * source_step + math.ceil(_MARGIN_S * source_rate_hz)
    sound = resampled(source[first - lead * source_step : stop], source_rate_hz, master_rate_hz)
    found = np.zeros((frames, source.shape[1]), dtype=np.float32)
    there = sound[lead * step : lead * step + frames]
    found[: len(there)] = there
    return found
