"""True peak: the highest value a signal reaches between its samples (ITU-R BS.1770-5, Annex 2).

The signal is interpolated (:mod:`soundrack.audio.interpolation`), but nearly all of a song cannot hold the maximum: a
block in which all that could be found stays below the best found so far is passed over. Of a loud song one block in a
thousand is left. The answer is the same as without that gate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES, points_for
from soundrack.audio.interpolation import (
    MARGIN_FRAMES,
    cascade,
    half_taps,
    highest_bend,
    reach,
    refine,
    surroundings,
)
from soundrack.audio.kernels import kernel
from soundrack.audio.survey import BLOCK_FRAMES, Survey, block_peaks, highest

_CURVE_LEVELS = 3


def true_peak_db(samples: NDArray[np.float32], *, oversampling: int = 4, seen: Survey | None = None) -> float:
    """Return the true peak of a signal in dBTP.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Linear PCM, full scale = 1.0. Must be finite. Silence is assumed before and after.
    oversampling : int
        2, 4, 8 or 16. 4 is the standard's; 16 is strict: within 0.01 dB for a steady tone up to 20 kHz.
    seen : Survey, optional
        Of these samples, where it has been taken already.

    Returns
    -------
    float
        Peak over all channels in dB relative to full scale; ``-inf`` for digital silence.

    Raises
    ------
    ValueError
        If `samples` is not two-dimensional or `oversampling` is none of these.

    Examples
    --------
    A sine at a quarter of the rate, sampled 45 degrees off its crests, peaks 3 dB above its samples:

    >>> n = np.arange(48_000)
    >>> tone = (np.sin(2 * np.pi * n / 4 + np.pi / 4) * np.hanning(48_000)).astype(np.float32)[:, None]
    >>> f"samples {20 * np.log10(np.abs(tone).max()):.1f} dB, between them {abs(true_peak_db(tone)):.1f} dB"
    'samples -3.0 dB, between them 0.0 dB'
    """
    levels = {2: 1, 4: 2, 8: 3, 16: 4}.get(oversampling)
    if levels is None:
        raise ValueError(f"oversampling must be 2, 4, 8 or 16, not {oversampling}")
    peaks = block_peaks(samples) if seen is None else seen.peaks
    filters = cascade(levels)
    peak = float(_peak(samples, peaks, filters.filters, filters.most_gain, filters.most_bend))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def peak_curve(samples: NDArray[np.float32], floor: float) -> NDArray[np.float32]:
    """Return the true peak of each step of a gain curve (:mod:`soundrack.audio.gain`), at eight times the rate.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite.
    floor : float
        What does not matter: where the true peak is at most this, some value of at most this is given.

    Returns
    -------
    float32 array, shape (points_for(frames) - 1,)
        Largest magnitude over all channels from one point of the curve to the next.
    """
    curve = np.zeros(points_for(len(samples)) - 1, dtype=np.float32)
    filters = cascade(_CURVE_LEVELS)
    peaks = block_peaks(samples)
    _peak_curve(samples, peaks, np.float32(floor), filters.filters, filters.most_gain, filters.most_bend, curve)
    return curve


@kernel
def _block_reach(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    block: int,
    most_gain: np.float32,
    most_bend: np.float32,
    matters: np.float32,
) -> np.float32:
    """Return a bound on the true peak in a block; -1 is the silence before the song, len(peaks) that after it.

    The closer bound, which costs a look at the samples, is made only where the other one leaves open whether the block
    `matters`.
    """
    near = np.float32(0.0)
    for neighbour in range(max(block - 1, 0), min(block + 2, len(peaks))):
        near = max(near, peaks[neighbour])
    bound = near * most_gain
    frames, channels = samples.shape
    first, last = block * BLOCK_FRAMES - MARGIN_FRAMES, (block + 1) * BLOCK_FRAMES + MARGIN_FRAMES
    if bound <= matters or first < 0 or last > frames:
        return bound
    bend = highest_bend(samples.reshape(-1)[first * channels : last * channels], channels)
    return min(bound, near * np.float32(1.00001) + bend * most_bend)


@kernel
def _peak(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    filters: NDArray[np.float32],
    most_gain: NDArray[np.float32],
    most_bend: NDArray[np.float32],
) -> np.float32:
    channels, levels = samples.shape[1], len(filters)
    best = highest(peaks)
    loudest = best * np.float32(0.9)
    size = (BLOCK_FRAMES + 2 * MARGIN_FRAMES) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    for loud in (True, False):  # the loudest blocks first: the sooner the best is high, the more is passed over
        for block in range(-1, len(peaks) + 1):
            inside = 0 <= block < len(peaks)
            if (inside and peaks[block] >= loudest) != loud:
                continue
            if _block_reach(samples, peaks, block, most_gain[0], most_bend[0], best) <= best:
                continue
            for channel in range(channels):
                length = surroundings(samples, block * BLOCK_FRAMES, BLOCK_FRAMES, channel, coarse)
                for level in range(levels):
                    best = max(best, highest(coarse[:length]))
                    if reach(coarse, length, most_gain[level], most_bend[level]) <= best:
                        break
                    length = refine(level, coarse, length, filters[level], fine)
                    coarse, fine = fine, coarse
                best = max(best, highest(coarse[:length]))
    return best


@kernel
def _peak_curve(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    floor: np.float32,
    filters: NDArray[np.float32],
    most_gain: NDArray[np.float32],
    most_bend: NDArray[np.float32],
    curve: NDArray[np.float32],
) -> None:
    channels, levels = samples.shape[1], len(filters)
    size = (BLOCK_FRAMES + 2 * MARGIN_FRAMES) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    for block in range(len(peaks)):
        if _block_reach(samples, peaks, block, most_gain[0], most_bend[0], floor) <= floor:
            continue
        start = block * BLOCK_FRAMES
        for channel in range(channels):
            length = surroundings(samples, start, BLOCK_FRAMES, channel, coarse)
            lead, level = 0, 0  # place of the first value, in the units of the present grid, from the margin's begin
            while level < levels and reach(coarse, length, most_gain[level], most_bend[level]) > floor:
                length = refine(level, coarse, length, filters[level], fine)
                lead = 2 * (lead + half_taps(level) - 1)
                coarse, fine = fine, coarse
                level += 1
            per_step = STEP_FRAMES << level
            begin = (MARGIN_FRAMES << level) - lead
            for step in range(BLOCK_FRAMES // STEP_FRAMES):
                place = start // STEP_FRAMES + step
                if place < len(curve):
                    first = begin + step * per_step
                    curve[place] = max(curve[place], highest(coarse[first : first + per_step + 1]))
