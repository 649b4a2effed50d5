"""Saturation: a soft clipper for short peaks, before the limiter.

A limiter turns everything down for a peak; a clipper bends the peak alone. For a drum's millisecond that is heard less.
Each channel is clipped on its own: a peak is too short for the image to be seen moving, and linked clipping would bend
a channel that holds no peak.

Bending makes overtones beyond half the sample rate, which fold back. What is taken away, the difference between a sound
and its clipped self, is therefore made at a multiple of the rate, low-passed, brought down to the sample rate, and
subtracted. Where nothing is taken away nothing is filtered: a sample further than 32 frames from every place above the
knee stays as it is, bit for bit. The low-pass lets a peak overshoot the limit a little; that is left to the limiter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.interpolation import cascade, reach, refine, surroundings
from soundrack.audio.kernels import kernel
from soundrack.audio.survey import BLOCK_FRAMES, block_peaks, highest
from soundrack.audio.true_peak import block_reach, unknown_bends
from soundrack.mastering.plan import SaturationStep

_MOST_HALF = 24


@dataclass(frozen=True)
class Kept:
    """Parts of a song: `runs` holds the first frame of each and the one after its last, int64, shape (parts, 2);
    `samples` all their frames, one part after the other, float32, shape (frames, channels)."""

    runs: NDArray[np.int64]
    samples: NDArray[np.float32]


@dataclass(frozen=True)
class Clipping:
    """What a soft clipper did.

    `limit_db` is its limit relative to full scale, `most_db` how far it took the highest peak down, 0.0 for nothing;
    `share` is the share of the song's blocks of 128 frames in which it worked. `removed` holds the mean square of what
    was taken away in each 10 ms, added up over the channels, float64, shape (hops,); the rest after the last whole hop
    counts to that. `kept` is how the song was where it was changed, in the order of the changes, if it was asked for.
    """

    limit_db: float
    most_db: float
    share: float
    removed: NDArray[np.float64]
    kept: tuple[Kept, ...] = ()


def soft_clip(
    samples: NDArray[np.float32],
    rate_hz: int,
    step: SaturationStep,
    limit: float,
    *,
    peaks: NDArray[np.float32] | None = None,
    keep: bool = False,
) -> Clipping:
    """Bend the peaks of a song down towards a limit, in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite.
    rate_hz : int
        Sample rate.
    step : SaturationStep
        The form of the knee, how far a peak may be taken down, and the oversampling.
    limit : float
        Magnitude towards which peaks are bent, full scale = 1.0.
    peaks : float32 array, optional
        :func:`~soundrack.audio.survey.block_peaks` of the samples, where they are known.
    keep : bool
        Whether to keep what is changed, for :func:`put_back`.
    """
    if limit <= 0.0:
        raise ValueError(f"the limit must be positive, not {limit}")
    hop = round(rate_hz / 100)
    removed = np.zeros(max(len(samples) // hop, 1))
    levels = step.oversampling.bit_length() - 1
    through = cascade(max(levels, 1))
    form = _form(step, limit)
    if step.most_db == 0.0:
        return Clipping(20.0 * math.log10(limit), 0.0, 0.0, removed)
    known = block_peaks(samples) if peaks is None else peaks
    top, worked, runs, before = _clip(
        samples,
        known,
        form,
        levels,
        through.margin_frames,
        through.halves,
        through.filters,
        through.most_gain,
        through.most_bend,
        through.first_bend,
        hop,
        removed,
        keep,
    )
    removed /= hop
    kept = float(softened(np.array([top], dtype=np.float32), step, limit)[0])
    most_db = 20.0 * math.log10(top / kept) if top > kept else 0.0
    share = worked / max(len(known), 1)
    return Clipping(20.0 * math.log10(limit), most_db, share, removed, (Kept(runs, before),) if keep else ())


def put_back(samples: NDArray[np.float32], done: Clipping) -> None:
    """Make a song what it was before it was clipped, bit for bit and in place, from what was kept of it."""
    for kept in reversed(done.kept):
        _put_back(samples, kept.runs, kept.samples)


def merged(first: Clipping, second: Clipping) -> Clipping:
    """Return what two passes did together, the second on what the first left."""
    return Clipping(
        second.limit_db,
        first.most_db + second.most_db,
        max(first.share, second.share),
        first.removed + second.removed,
        first.kept + second.kept,
    )


def softened(magnitudes: NDArray[np.float32], step: SaturationStep, limit: float) -> NDArray[np.float32]:
    """Return what the clipper makes of magnitudes, without any oversampling.

    Up to the knee they stay as they are; above it they bend, smoothly up to the second derivative and always rising,
    until they are level at the limit. What that would take down by more than the step's `most_db` rises further,
    proportional to the magnitude and `most_db` below it.

    Parameters
    ----------
    magnitudes : float32 array
        Not negative.
    step : SaturationStep
        Form of the knee.
    limit : float
        As in :func:`soft_clip`.
    """
    out = np.empty_like(magnitudes)
    _fill_excess(magnitudes.reshape(-1), magnitudes.size, _form(step, limit), out.reshape(-1))
    return np.asarray(magnitudes - out, dtype=np.float32)


def _form(step: SaturationStep, limit: float) -> NDArray[np.float32]:
    """Return the knee's begin and width, the largest share that is taken away, and the width of its own knee."""
    begin = limit * 10.0 ** (-step.knee_db / 20.0)
    share = 1.0 - 10.0 ** (-step.most_db / 20.0)
    # The bend of a width has lost half of it when it is level: twice the way to the limit therefore.
    return np.array([begin, 2.0 * (limit - begin), share, max(0.5 * share * begin, 1e-9)], dtype=np.float32)


@kernel
def _fill_excess(values: NDArray[np.float32], length: int, form: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Fill `out` with what is taken away of each value: the lower, smoothly, of what its limit and its bound ask."""
    begin, width, share, blend = form[0], form[1], form[2], form[3]
    zero, one = np.float32(0.0), np.float32(1.0)
    for n in range(length):
        magnitude = abs(values[n])
        over = max(magnitude - begin, zero)
        t = min(over / width, one)
        to_limit = width * (t * t * t - np.float32(0.5) * t * t * t * t) + max(over - width, zero)
        bound = share * magnitude
        near = max(blend - abs(bound - to_limit), zero) / blend
        excess = min(to_limit, bound) - blend * near * near * near * np.float32(1.0 / 6.0)
        excess = excess if over > zero else zero
        out[n] = excess if values[n] >= zero else -excess


@kernel
def _clip(
    samples: NDArray[np.float32],
    peaks: NDArray[np.float32],
    form: NDArray[np.float32],
    levels: int,
    margin: int,
    halves: NDArray[np.int64],
    filters: NDArray[np.float32],
    most_gain: NDArray[np.float32],
    most_bend: NDArray[np.float32],
    first_bend: NDArray[np.float32],
    hop: int,
    removed: NDArray[np.float64],
    keep: bool,
) -> tuple[np.float32, int, NDArray[np.int64], NDArray[np.float32]]:
    """Clip block by block; return the highest magnitude that was met above the knee, in how many blocks, and what was
    changed as it was.

    A block's own values above the knee change those of the margin around it as well. A change waits in `pending` until
    the next block, which looks back by the margin, has no more need of the sound as it was.
    """
    channels = samples.shape[1]
    size = (BLOCK_FRAMES + 2 * margin) << levels
    coarse, fine = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    odd = np.zeros(size // 2 + 2 * _MOST_HALF, dtype=np.float32)
    pending = np.zeros((channels, BLOCK_FRAMES + 2 * margin), dtype=np.float32)
    knee, top = form[0], np.float32(0.0)
    worked, waiting, bends = 0, False, unknown_bends(len(samples))
    runs, kept = np.empty((len(peaks) + 1 if keep else 0, 2), dtype=np.int64), np.empty((0, channels), dtype=np.float32)
    filled = np.zeros(2, dtype=np.int64)
    for block in range(len(peaks)):
        start = block * BLOCK_FRAMES
        hot = False
        if block_reach(samples, peaks, block, margin, most_gain[0], first_bend, bends, knee) > knee:
            for channel in range(channels):
                length = surroundings(samples, start, BLOCK_FRAMES, channel, margin, coarse)
                lead, level, above = 0, 0, knee
                while True:
                    begin, count = (margin << level) - lead, BLOCK_FRAMES << level
                    above = highest(coarse[begin : begin + count + 1])
                    if level == levels:
                        break
                    if above <= knee and reach(coarse, length, above, most_bend[level]) <= knee:
                        break
                    length = refine(halves[level], coarse, length, filters[level], fine)
                    lead = 2 * (lead + halves[level] - 1)
                    coarse, fine = fine, coarse
                    level += 1
                if level < levels or above <= knee:
                    continue
                top, hot = max(top, above), True
                fine[:] = np.float32(0.0)
                lead = margin << levels
                _fill_excess(coarse[begin : begin + count], count, form, fine[lead : lead + count])
                for finer in range(levels - 1, -1, -1):
                    _decimate(halves[finer], fine, size >> (levels - finer), filters[finer], odd)
                for n in range(BLOCK_FRAMES + 2 * margin):
                    pending[channel, n] += fine[n]
        worked += hot
        if hot or waiting:
            kept = _keep(samples, start - margin, BLOCK_FRAMES, runs, kept, filled)
            _take_away(samples, start - margin, BLOCK_FRAMES, pending, hop, removed)
        waiting = hot
    if waiting:
        kept = _keep(samples, len(peaks) * BLOCK_FRAMES - margin, 2 * margin, runs, kept, filled)
        _take_away(samples, len(peaks) * BLOCK_FRAMES - margin, 2 * margin, pending, hop, removed)
    return top, worked, runs[: filled[0]], kept[: filled[1]]


@kernel
def _keep(
    samples: NDArray[np.float32],
    first: int,
    count: int,
    runs: NDArray[np.int64],
    kept: NDArray[np.float32],
    filled: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Add `count` frames from `first` on, as far as there are any, to what is kept, and return it, grown if need be.

    `filled` counts the runs and the frames in them; where there is no room for runs nothing is kept.
    """
    if len(runs) == 0:
        return kept
    part, before = filled[0], filled[1]
    begin = max(0, first)
    stop = max(min(first + count, len(samples)), begin)
    runs[part, 0], runs[part, 1] = begin, stop
    after = before + stop - begin
    if after > len(kept):
        grown = np.empty((max(2 * len(kept), after), samples.shape[1]), dtype=np.float32)
        grown[:before] = kept[:before]
        kept = grown
    kept[before:after] = samples[begin:stop]
    filled[0], filled[1] = part + 1, after
    return kept


@kernel
def _put_back(samples: NDArray[np.float32], runs: NDArray[np.int64], kept: NDArray[np.float32]) -> None:
    filled = 0
    for part in range(len(runs)):
        first, stop = runs[part, 0], runs[part, 1]
        samples[first:stop] = kept[filled : filled + stop - first]
        filled += stop - first


@kernel
def _decimate(
    half: int, values: NDArray[np.float32], count: int, taps: NDArray[np.float32], odd: NDArray[np.float32]
) -> None:
    """Low-pass twice `count` values and keep every second, in place: the way back of :func:`refine`."""
    odd[:_MOST_HALF] = np.float32(0.0)
    odd[_MOST_HALF + count : 2 * _MOST_HALF + count] = np.float32(0.0)
    between = odd[_MOST_HALF:]
    for n in range(count):
        between[n] = values[2 * n + 1]
        values[n] = values[2 * n]
    around = odd[_MOST_HALF - half :]
    # One call for each length, as in refine.
    if half == 24:
        _average(around, count, taps, 24, values)
    elif half == 6:
        _average(around, count, taps, 6, values)
    else:
        _average(around, count, taps, 4, values)


@kernel
def _average(
    around: NDArray[np.float32], count: int, taps: NDArray[np.float32], half: int, values: NDArray[np.float32]
) -> None:
    """Replace each value by its mean with what the filter makes of the values around it."""
    for n in range(count):
        between = np.float32(0.0)
        for tap in range(half):
            between += taps[tap] * (around[n + tap] + around[n + 2 * half - 1 - tap])
        values[n] = np.float32(0.5) * (values[n] + between)


@kernel
def _take_away(
    samples: NDArray[np.float32],
    first: int,
    count: int,
    pending: NDArray[np.float32],
    hop: int,
    removed: NDArray[np.float64],
) -> None:
    """Subtract the first `count` pending frames from the song at `first` and move the rest of them to the front."""
    frames, channels = samples.shape
    begin, stop = max(0, -first), min(count, frames - first)
    rest = pending.shape[1] - count
    for channel in range(channels):
        for n in range(begin, stop):
            value = pending[channel, n]
            samples[first + n, channel] -= value
            removed[min((first + n) // hop, len(removed) - 1)] += np.float64(value) * np.float64(value)
        for n in range(rest):
            pending[channel, n] = pending[channel, count + n]
        pending[channel, rest:] = np.float32(0.0)
