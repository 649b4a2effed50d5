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
    PIECE_FRAMES,
    Cascade,
    bend_around,
    cascade,
    reach,
    refine,
    surroundings,
)
from soundrack.audio.kernels import kernel
from soundrack.audio.survey import BLOCK_FRAMES, Survey, block_peaks, highest

_STRICT = 16


def true_peak_db(samples: NDArray[np.float32], *, oversampling: int = 4, seen: Survey | None = None) -> float:
    """Return the true peak of a signal in dBTP.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Linear PCM, full scale = 1.0. Must be finite. Silence is assumed before and after.
    oversampling : int
        2, 4, 8 or 16. 4 is the standard's; 16 is strict: within 0.013 dB for all that lies below 0.97 of half the
        rate, 21.4 kHz at 44.1 kHz.
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
    through = _cascade(oversampling)
    peaks = block_peaks(samples) if seen is None else seen.peaks
    margin, halves = through.margin_frames, through.halves
    peak = float(_peak(samples, peaks, margin, halves, through.filters, *_bounds(through)))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def peak_curve(
    samples: NDArray[np.float32],
    floor: float,
    *,
    oversampling: int = 8,
    masked_frames: int = 0,
    peaks: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return the true peak of each step of a gain curve (:mod:`soundrack.audio.gain`).

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite.
    floor : float
        What does not matter: where the true peak is at most this, some value of at most this is given.
    oversampling : int
        2, 4, 8 or 16.
    masked_frames : int
        A peak between two others that are no lower and no further apart than this does not matter either: instead of
        the true peak, the steps of its block have some value that is no higher.
    peaks : float32 array, optional
        :func:`~soundrack.audio.survey.block_peaks` of the samples, where they are known.

    Returns
    -------
    float32 array, shape (points_for(frames) - 1,)
        Largest magnitude over all channels from one point of the curve to the next.

    Raises
    ------
    ValueError
        If `oversampling` is none of these.
    """
    curve = np.zeros(points_for(len(samples)) - 1, dtype=np.float32)
    through = _cascade(oversampling)
    blocks = block_peaks(samples) if peaks is None else peaks
    apart = masked_frames // BLOCK_FRAMES - 1  # so many blocks on, even its last frame is near enough to this first one
    _peak_curve(
        samples,
        blocks,
        np.float32(floor),
        apart,
        through.margin_frames,
        through.halves,
        through.filters,
        *_bounds(through),
        curve,
    )
    return curve


def _cascade(oversampling: int) -> Cascade:
    levels = {2: 1, 4: 2, 8: 3, 16: 4}.get(oversampling)
    if levels is None:
        raise ValueError(f"oversampling must be 2, 4, 8 or 16, not {oversampling}")
    return cascade(levels, strict=oversampling == _STRICT)


def _bounds(through: Cascade) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    return through.most_gain, through.most_bend, through.first_bend


@kernel
def unknown_bends(frames: int) -> NDArray[np.float32]:
    """Return room for what :func:`block_reach` looks at once and keeps."""
    return np.full(frames // PIECE_FRAMES + 1, -1.0, dtype=np.float32)


@kernel
def block_reach(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    block: int,
    margin: int,
    most_gain: np.float32,
    first_bend: NDArray[np.float32],
    bends: NDArray[np.float32],
    matters: np.float32,
) -> np.float32:
    """Return a bound on the true peak from a block's first frame to the next block's.

    Block -1 is the silence before the song, len(peaks) that after it.

    The closer bound, which costs a look at the samples, is made only where the other one leaves open whether the block
    `matters`.
    """
    near = np.float32(0.0)
    for neighbour in range(max(block - 1, 0), min(block + 2, len(peaks))):
        near = max(near, peaks[neighbour])
    bound = near * most_gain
    frames, channels = samples.shape
    first, last = block * BLOCK_FRAMES - margin, (block + 1) * BLOCK_FRAMES + margin
    if bound <= matters or first < 0 or last > frames:
        return bound
    flat, following = samples.reshape(-1), (block + 1) * BLOCK_FRAMES * channels
    own = max(peaks[block], highest(flat[following : following + channels]))
    start = block * BLOCK_FRAMES
    bend = bend_around(samples, start, BLOCK_FRAMES, PIECE_FRAMES, bends) * first_bend[0]
    if margin > PIECE_FRAMES:
        bend += bend_around(samples, start, BLOCK_FRAMES, margin, bends) * first_bend[1]
    return min(bound, own * np.float32(1.00001) + bend)


@kernel
def _peak(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    margin: int,
    halves: NDArray[np.int64],
    filters: NDArray[np.float32],
    most_gain: NDArray[np.float32],
    most_bend: NDArray[np.float32],
    first_bend: NDArray[np.float32],
) -> np.float32:
    channels, levels = samples.shape[1], len(filters)
    best = highest(peaks)
    loudest, bends = best * np.float32(0.9), unknown_bends(len(samples))
    size = (BLOCK_FRAMES + 2 * margin) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    for loud in (True, False):  # the loudest blocks first: the sooner the best is high, the more is passed over
        for block in range(-1, len(peaks) + 1):
            inside = 0 <= block < len(peaks)
            if (inside and peaks[block] >= loudest) != loud:
                continue
            if block_reach(samples, peaks, block, margin, most_gain[0], first_bend, bends, best) <= best:
                continue
            for channel in range(channels):
                length = surroundings(samples, block * BLOCK_FRAMES, BLOCK_FRAMES, channel, margin, coarse)
                lead, level = 0, 0
                while True:
                    begin = (margin << level) - lead
                    own = highest(coarse[begin : begin + (BLOCK_FRAMES << level) + 1])
                    best = max(best, own)
                    if level == levels or reach(coarse, length, own, most_bend[level]) <= best:
                        break
                    length = refine(halves[level], coarse, length, filters[level], fine)
                    lead = 2 * (lead + halves[level] - 1)
                    coarse, fine = fine, coarse
                    level += 1
    return best


@kernel
def _peak_curve(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    floor: np.float32,
    apart: int,
    margin: int,
    halves: NDArray[np.int64],
    filters: NDArray[np.float32],
    most_gain: NDArray[np.float32],
    most_bend: NDArray[np.float32],
    first_bend: NDArray[np.float32],
    curve: NDArray[np.float32],
) -> None:
    channels, levels = samples.shape[1], len(filters)
    flat, per_frames = samples.reshape(-1), STEP_FRAMES * channels
    size = (BLOCK_FRAMES + 2 * margin) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    bends = unknown_bends(len(samples))
    for block in range(len(peaks)):
        matters = max(floor, _mask(peaks, block, apart))
        bound = block_reach(samples, peaks, block, margin, most_gain[0], first_bend, bends, matters)
        if bound <= floor:
            continue
        start = block * BLOCK_FRAMES
        if bound <= matters:
            for place in range(start // STEP_FRAMES, min((start + BLOCK_FRAMES) // STEP_FRAMES, len(curve))):
                curve[place] = highest(flat[place * per_frames : (place + 1) * per_frames])
            continue
        for channel in range(channels):
            length = surroundings(samples, start, BLOCK_FRAMES, channel, margin, coarse)
            lead, level = 0, 0  # place of the first value, in the units of the present grid, from the margin's begin
            while level < levels:
                begin = (margin << level) - lead
                own = highest(coarse[begin : begin + (BLOCK_FRAMES << level) + 1])
                if own <= matters and reach(coarse, length, own, most_bend[level]) <= matters:
                    break
                length = refine(halves[level], coarse, length, filters[level], fine)
                lead = 2 * (lead + halves[level] - 1)
                coarse, fine = fine, coarse
                level += 1
            per_step = STEP_FRAMES << level
            begin = (margin << level) - lead
            for step in range(BLOCK_FRAMES // STEP_FRAMES):
                place = start // STEP_FRAMES + step
                if place < len(curve):
                    first = begin + step * per_step
                    curve[place] = max(curve[place], highest(coarse[first : first + per_step + 1]))


@kernel
def _mask(peaks: NDArray[np.float32], block: int, apart: int) -> np.float32:
    """Return the highest of what a block can have on both sides of it, the two at most `apart` blocks from another."""
    best = np.float32(0.0)
    for ahead in range(1, apart):
        behind = apart - ahead
        before, after = np.float32(0.0), np.float32(0.0)
        for other in range(max(block - behind, 0), block):
            before = max(before, peaks[other])
        for other in range(block + 1, min(block + ahead + 1, len(peaks))):
            after = max(after, peaks[other])
        best = max(best, min(before, after))
    return best
