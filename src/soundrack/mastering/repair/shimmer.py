"""Shimmer: narrow sounds above 8 kHz that come and go from moment to moment, as of thin metal.

In music the treble is the smoother the higher: what stands out of its surroundings for a moment is rarer above 8 kHz
than from 2 to 8 kHz. Where it is more frequent, and frequent at all, a machine has made it.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.errors import Invalid
from soundrack.mastering.repair.blocks import add_changes, block_frames
from soundrack.mastering.repair.generators import Profile
from soundrack.mastering.repair.spectra import as_mono
from soundrack.mastering.repair.steps import ShimmerStep

_BLOCK_S = 0.0213
_RUNS, _RUN_S = 12, 2.0
_MIDDLE_HZ, _FROM_HZ, _TO_HZ = 2000.0, 8000.0, 16_000.0
_LEAST_TOP_HZ = 12_000.0
_NEAR, _FAR = 3, 9
"""Bins beside a sound that are part of it, and those that surround it."""
_HOT = 8.0
"""Power of what stands out, relative to its surroundings: 9 dB."""
_OVER = 1.2
_LEAST_POWER = 1e-12
"""Mean power of a bin, full scale = 1.0, below which nothing shimmers that can be heard."""


def hot_percent(samples: NDArray[np.float32], rate_hz: int, from_hz: float, to_hz: float) -> float:
    """Return how much of a range stands out of its surroundings by 9 dB, in percent; 0.02 in noise.

    Looks at twelve stretches of two seconds.
    """
    return _hot_percents(samples, rate_hz, ((from_hz, to_hz),))[0]


def find(samples: NDArray[np.float32], rate_hz: int, profile: Profile) -> ShimmerStep | None:
    """Return a treatment where more stands out above 8 kHz than below, and more than the profile allows."""
    top_hz = min(_TO_HZ, 0.47 * rate_hz)
    if top_hz < _LEAST_TOP_HZ:
        return None
    middle, treble = _hot_percents(samples, rate_hz, ((_MIDDLE_HZ, _FROM_HZ), (_FROM_HZ, top_hz)))
    if treble < profile.shimmer_percent or treble < _OVER * middle:
        return None
    return ShimmerStep(
        from_hz=_FROM_HZ,
        to_hz=top_hz,
        reason=(
            f"{treble:.1f} % of what lies from {_FROM_HZ / 1000.0:.0f} to {top_hz / 1000.0:.0f} kHz stands out for a "
            f"moment, against {middle:.1f} % from {_MIDDLE_HZ / 1000.0:.0f} to {_FROM_HZ / 1000.0:.0f} kHz."
        ),
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: ShimmerStep) -> None:
    """Lower what stands out, in place; moments in which nothing does keep their bits.

    Raises
    ------
    Invalid
        If the song's rate cannot hold the range.
    """
    size = block_frames(_BLOCK_S, rate_hz)
    first, last = _bins(step.from_hz, step.to_hz, rate_hz)
    if first >= last:
        raise Invalid(f"At {rate_hz} Hz nothing shimmers above {step.from_hz:g} Hz.", field="repair")
    least = np.float32(10.0 ** (-step.most_db / 20.0))
    add_changes(samples, size, lambda blocks: _excess(blocks, first, last, least))


def _bins(from_hz: float, to_hz: float, rate_hz: int) -> tuple[int, int]:
    """Return the first bin of a range and the one after its last, both with surroundings."""
    size = block_frames(_BLOCK_S, rate_hz)
    return max(round(from_hz * size / rate_hz), _FAR), min(round(to_hz * size / rate_hz), size // 2 - _FAR)


def _hot_percents(
    samples: NDArray[np.float32], rate_hz: int, ranges_hz: tuple[tuple[float, float], ...]
) -> list[float]:
    size = block_frames(_BLOCK_S, rate_hz)
    blocks = min(int(_RUN_S * rate_hz / size), len(samples) // size)
    counts = np.zeros((len(ranges_hz), 2), dtype=np.int64)
    runs = max(1, min(_RUNS, len(samples) // max(blocks * size, 1)))
    window = np.hanning(size).astype(np.float32)
    window *= np.sqrt(np.float32(2.0)) / window.sum()
    for start in np.linspace(0, len(samples) - blocks * size, runs).astype(int) if blocks else ():
        part = as_mono(samples[start : start + blocks * size]).reshape(blocks, size)
        spectra = scipy.fft.rfft(part * window, axis=1)
        powers = spectra.real**2 + spectra.imag**2
        for count, (from_hz, to_hz) in zip(counts, ranges_hz, strict=True):
            _count_hot(powers, *_bins(from_hz, to_hz, rate_hz), count)
    return [100.0 * float(hot) / float(max(total, 1)) for hot, total in counts]


@kernel
def _surroundings(powers: NDArray[np.float32], at: int) -> np.float32:
    """Return the mean power beside a bin, without the bins that are part of its sound."""
    total = np.float32(0.0)
    for offset in range(_NEAR, _FAR):
        total += powers[at - offset] + powers[at + offset]
    return total / np.float32(2 * (_FAR - _NEAR))


@kernel
def _count_hot(powers: NDArray[np.float32], first: int, last: int, count: NDArray[np.int64]) -> None:
    """Add to `count` how many bins stand out, and how many there are, in the moments in which something sounds.

    A bin that stands out most of the time is a held tone or a line, and does not count.
    """
    hot = np.zeros(last - first, dtype=np.int64)
    moments = 0
    for block in range(len(powers)):
        row = powers[block]
        if row[first:last].sum() < np.float32(_LEAST_POWER) * (last - first):
            continue
        moments += 1
        for at in range(first, last):
            hot[at - first] += row[at] > np.float32(_HOT) * _surroundings(row, at)
    for at in range(last - first):
        if 2 * hot[at] <= moments:
            count[0] += hot[at]
            count[1] += moments


@kernel
def _excess(blocks: NDArray[np.complex64], first: int, last: int, least: np.float32) -> NDArray[np.bool_]:
    """Turn spectra into the negative of what is taken away from them; tell in which blocks that is anything.

    The others are left as they are.
    """
    size = blocks.shape[1]
    some = np.zeros(len(blocks), dtype=np.bool_)
    power = np.zeros(size // 2 + 1, dtype=np.float32)
    gains = np.ones(size // 2 + 1, dtype=np.float32)
    for block in range(len(blocks)):
        row = blocks[block]
        for at in range(first - _FAR + 1, last + _FAR - 1):
            here, there = row[at], row[size - at]
            power[at] = here.real**2 + here.imag**2 + there.real**2 + there.imag**2
        gains[:] = np.float32(1.0)
        for at in range(first, last):
            around = _surroundings(power, at)
            if power[at] > np.float32(_HOT) * around:
                some[block] = True
                gain = max(np.sqrt(np.float32(_HOT) * around / power[at]), least)
                # Its window spreads a sound over the bins beside its own.
                for near in range(at - _NEAR + 1, at + _NEAR):
                    gains[near] = min(gains[near], gain)
        if not some[block]:
            continue
        low, high = first - _NEAR, last + _NEAR
        row[:low] = np.complex64(0.0)
        row[high : size - high + 1] = np.complex64(0.0)
        row[size - low + 1 :] = np.complex64(0.0)
        for at in range(low, high):
            taken = gains[at] - np.float32(1.0)
            row[at] = row[at] * taken
            row[size - at] = row[size - at] * taken
    return some
