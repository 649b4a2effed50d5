"""A split in bands that add up to the whole again.

Linkwitz-Riley crossovers of fourth order (S. Linkwitz, "Active Crossover Networks for Noncoincident Drivers", J. Audio
Eng. Soc. 24, 1976): each side is a Butterworth filter twice, and both sides together are an all-pass. The high side is
made as that all-pass less the low side, and is split again by the next crossover; whatever lies below passes through
that one's all-pass, so that all bands meet in phase. The sum's magnitude is flat.

A section is a state-variable filter with trapezoidal integrators: its low-pass and its all-pass come from one state,
and single precision is enough down to the lowest crossover at the highest rate, where that of a direct form is not.
Three bands differ from the same in double precision by less than -110 dB, and twice the places of a song fit in a
register.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

CONTROL_FRAMES = 64
"""A band's power is told, and its gain given, once in so many frames; between, the gain is a straight line."""

_LANES = 32
"""Four registers of eight: enough independent work to hide the latency of the feedback."""
_MOST_CHANNELS = 8
_MOST_CROSSOVERS = 4
_FORGOTTEN = 1e-8
"""What may be left of a filter's state after the warm-up: 160 dB below what it was."""
_DAMPING = math.sqrt(2.0)

_SECTION = 2 * _LANES
_GAIN = 3 * _SECTION
_SLOPE = _GAIN + _LANES
_LOW_POWER = _SLOPE + _LANES
_HIGH_POWER = _LOW_POWER + _LANES
_STATE = _HIGH_POWER + _LANES
"""What a crossover keeps, in one row: its three sections' states, the gain of its low band and that gain's growth from
frame to frame, and the power of what is below it and above. Distances within a row are constants, from which the
compiler sees that nothing overlaps."""

_OUT_OF_PHASE = np.float32(2.0 * _DAMPING)
_NOTHING = np.float32(1e-30)
_PER_BLOCK = np.float32(1.0 / CONTROL_FRAMES)


def control_points(frames: int) -> int:
    """Return how many control blocks `frames` frames have, the last perhaps not full."""
    return -(-frames // CONTROL_FRAMES)


def crossovers(rate_hz: int, cutoffs_hz: Sequence[float]) -> NDArray[np.float32]:
    """Return the filters of a split, for :func:`band_power` and :func:`mix_bands_in_place`.

    Parameters
    ----------
    rate_hz : int
        Sample rate.
    cutoffs_hz : sequence of float
        One to four crossover frequencies, ascending, above 0 and below ``rate_hz / 2``. They make one band more.

    Returns
    -------
    float32 array, shape (len(cutoffs_hz), 3)
        For each frequency the coefficients of a Butterworth state-variable filter: with ``g = tan(pi f / rate)``,
        ``a = 1 / (1 + g (g + sqrt 2))``, then ``g a``, then ``g² a``.

    Raises
    ------
    ValueError
        If there are more or fewer frequencies, or they do not ascend within these bounds.

    Examples
    --------
    >>> crossovers(48_000, (160.0, 3000.0)).shape
    (2, 3)
    """
    inside = all(low < high for low, high in zip((0.0, *cutoffs_hz), (*cutoffs_hz, rate_hz / 2), strict=True))
    if not inside or not 1 <= len(cutoffs_hz) <= _MOST_CROSSOVERS:
        raise ValueError(f"no split at {', '.join(map(str, cutoffs_hz))} Hz at a rate of {rate_hz} Hz")
    filters = []
    for cutoff_hz in cutoffs_hz:
        g = math.tan(math.pi * cutoff_hz / rate_hz)
        a = 1.0 / (1.0 + g * (g + _DAMPING))
        filters.append((a, g * a, g * g * a))
    return np.array(filters, dtype=np.float32)


def band_power(samples: NDArray[np.float32], filters: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean square of each band over all channels in each control block.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels.
    filters : float32 array
        From :func:`crossovers`.

    Returns
    -------
    float32 array, shape (control_points(frames), bands)
        From the lowest band to the highest; a last block that is not full counts as if silence followed.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    _refuse_other_shapes(samples)
    power = np.zeros((control_points(len(samples)), len(filters) + 1), dtype=np.float32)
    _measure(samples, filters, _warm_up_blocks(filters), power)
    return power


def mix_bands_in_place(samples: NDArray[np.float32], filters: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
    """Split a sound, apply a gain to each band, and add the bands up again in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels.
    filters : float32 array
        From :func:`crossovers`.
    gains : float32 array, shape (control_points(frames) + 1, bands)
        Factors at the beginning of each control block and at the end of the last.

    Raises
    ------
    ValueError
        If `samples` or `gains` has another shape.
    """
    _refuse_other_shapes(samples)
    expected = control_points(len(samples)) + 1, len(filters) + 1
    if gains.shape != expected:
        raise ValueError(f"expected gains at {expected[0]} points for {expected[1]} bands, got shape {gains.shape}")
    _mix(samples, filters, _warm_up_blocks(filters), gains)


def _refuse_other_shapes(samples: NDArray[np.float32]) -> None:
    if samples.ndim != 2 or not 1 <= samples.shape[1] <= _MOST_CHANNELS:
        raise ValueError(f"expected (frames, 1 to {_MOST_CHANNELS} channels), got shape {samples.shape}")


def _warm_up_blocks(filters: NDArray[np.float32]) -> int:
    """Return after how many control blocks the split has forgotten where it began.

    A frame leaves of a Butterworth section's state what its poles' radius is: the root of ``1 - 2 sqrt(2) g a``. Two
    sections in a row take a little longer than one: half as long again covers it.
    """
    frames = sum(1.5 * math.log(_FORGOTTEN) / (0.5 * math.log1p(-2.0 * _DAMPING * float(ga))) for _, ga, _ in filters)
    return math.ceil(frames / CONTROL_FRAMES)


@kernel
def _measure(
    samples: NDArray[np.float32], filters: NDArray[np.float32], warm_up: int, power: NDArray[np.float32]
) -> None:
    """Run the split over the song, its segments side by side, and fill `power`."""
    channels = samples.shape[1]
    segments = _LANES // channels
    blocks, bands = power.shape
    per_segment = (blocks + segments - 1) // segments
    tile, state = np.zeros((CONTROL_FRAMES, _LANES), np.float32), np.zeros((bands - 1, _STATE), np.float32)
    for step in range(-warm_up, per_segment):
        _load(samples, segments, step * CONTROL_FRAMES, per_segment * CONTROL_FRAMES, tile)
        for number in range(bands - 1):
            _weigh_bands(tile, filters[number], state[number])
        if step >= 0:
            _tell_power(state, step, per_segment, segments, channels, power)


@kernel
def _mix(samples: NDArray[np.float32], filters: NDArray[np.float32], warm_up: int, gains: NDArray[np.float32]) -> None:
    """Run the split over the song, its segments side by side, and put the bands' sum under their gains in its place."""
    channels = samples.shape[1]
    segments = _LANES // channels
    blocks, bands = len(gains) - 1, gains.shape[1]
    per_segment = (blocks + segments - 1) // segments
    stride = per_segment * CONTROL_FRAMES
    tile, total = np.zeros((CONTROL_FRAMES, _LANES), np.float32), np.zeros((CONTROL_FRAMES, _LANES), np.float32)
    state = np.zeros((bands, _STATE), np.float32)
    # Every segment warms up before any has written: working in place, none hears its neighbour's result.
    for step in range(-warm_up, per_segment):
        start = step * CONTROL_FRAMES
        _load(samples, segments, start, stride, tile)
        _take_gains(gains, step, per_segment, segments, channels, state)
        total[:] = np.float32(0.0)
        for number in range(bands - 1):
            _split_and_add(tile, total, filters[number], state[number])
        _add_highest(tile, total, state[bands - 1])
        if step >= 0:
            _store(total, segments, start, stride, samples)


@kernel
def _load(samples: NDArray[np.float32], segments: int, start: int, stride: int, tile: NDArray[np.float32]) -> None:
    """Fill `tile` from `start + segment * stride` of each segment; lane ``segment * channels + channel`` has a channel.

    Outside the song there is silence.
    """
    length, channels = samples.shape
    for segment in range(segments):
        first, lane = start + segment * stride, segment * channels
        whole = first >= 0 and first + CONTROL_FRAMES <= length
        if whole and channels == 2:
            for n in range(CONTROL_FRAMES):
                tile[n, lane] = samples[first + n, 0]
                tile[n, lane + 1] = samples[first + n, 1]
        else:
            for n in range(CONTROL_FRAMES):
                inside = 0 <= first + n < length
                for channel in range(channels):
                    tile[n, lane + channel] = samples[first + n, channel] if inside else np.float32(0.0)


@kernel
def _store(tile: NDArray[np.float32], segments: int, start: int, stride: int, samples: NDArray[np.float32]) -> None:
    """Put a tile back where :func:`_load` took it from; what lies beyond the song's end is dropped."""
    length, channels = samples.shape
    for segment in range(segments):
        first, lane = start + segment * stride, segment * channels
        frames = min(CONTROL_FRAMES, length - first)
        if channels == 2:
            for n in range(frames):
                samples[first + n, 0] = tile[n, lane]
                samples[first + n, 1] = tile[n, lane + 1]
        else:
            for n in range(frames):
                for channel in range(channels):
                    samples[first + n, channel] = tile[n, lane + channel]


@kernel
def _section(state: NDArray[np.float32], at: int, a: float, ga: float, gga: float, x: float) -> tuple[float, float]:
    """Return the low-pass and the all-pass of a section, whose two integrators are ``state[at]`` and a lane row on."""
    first, second = state[at], state[at + _LANES]
    difference = x - second
    band = a * first + ga * difference
    low = second + ga * first + gga * difference
    state[at] = band + band - first
    state[at + _LANES] = low + low - second
    return low, x - _OUT_OF_PHASE * band


@kernel
def _weigh_bands(tile: NDArray[np.float32], section: NDArray[np.float32], state: NDArray[np.float32]) -> None:
    """Take what lies below a crossover out of a tile, and add up the power of what is below and above."""
    a, ga, gga = section
    state[_LOW_POWER:] = np.float32(0.0)
    for n in range(CONTROL_FRAMES):
        row = tile[n]
        for lane in range(_LANES):
            once, all_pass = _section(state, lane, a, ga, gga, row[lane])
            low, _ = _section(state, _SECTION + lane, a, ga, gga, once)
            high = all_pass - low
            row[lane] = high
            state[_LOW_POWER + lane] += low * low
            state[_HIGH_POWER + lane] += high * high
    _settle(state)


@kernel
def _split_and_add(
    tile: NDArray[np.float32], total: NDArray[np.float32], section: NDArray[np.float32], state: NDArray[np.float32]
) -> None:
    """Take what lies below a crossover out of a tile, and add it under its gain to the lower bands in phase."""
    a, ga, gga = section
    for n in range(CONTROL_FRAMES):
        row, below, time = tile[n], total[n], np.float32(n)
        for lane in range(_LANES):
            once, all_pass = _section(state, lane, a, ga, gga, row[lane])
            low, _ = _section(state, _SECTION + lane, a, ga, gga, once)
            _, in_phase = _section(state, 2 * _SECTION + lane, a, ga, gga, below[lane])
            row[lane] = all_pass - low
            below[lane] = in_phase + low * (state[_GAIN + lane] + time * state[_SLOPE + lane])
    _settle(state)


@kernel
def _add_highest(tile: NDArray[np.float32], total: NDArray[np.float32], state: NDArray[np.float32]) -> None:
    for n in range(CONTROL_FRAMES):
        row, below, time = tile[n], total[n], np.float32(n)
        for lane in range(_LANES):
            below[lane] += row[lane] * (state[_GAIN + lane] + time * state[_SLOPE + lane])


@kernel
def _settle(state: NDArray[np.float32]) -> None:
    """Put to rest what has decayed to nothing: denormal numbers are a hundred times slower on many processors."""
    for at in range(_GAIN):
        state[at] = state[at] if abs(state[at]) >= _NOTHING else np.float32(0.0)


@kernel
def _take_gains(
    gains: NDArray[np.float32], step: int, per_segment: int, segments: int, channels: int, state: NDArray[np.float32]
) -> None:
    for segment in range(segments):
        place = min(max(segment * per_segment + step, 0), len(gains) - 2)
        for band in range(len(state)):
            early, late = gains[place, band], gains[place + 1, band]
            for channel in range(channels):
                lane = segment * channels + channel
                state[band, _GAIN + lane] = early
                state[band, _SLOPE + lane] = (late - early) * _PER_BLOCK


@kernel
def _tell_power(
    state: NDArray[np.float32], step: int, per_segment: int, segments: int, channels: int, power: NDArray[np.float32]
) -> None:
    blocks, bands = power.shape
    for segment in range(segments):
        place = segment * per_segment + step
        if place >= blocks:
            continue
        for band in range(bands):
            # the highest band is what the last crossover leaves above
            row, kind = (band, _LOW_POWER) if band < bands - 1 else (band - 1, _HIGH_POWER)
            total = np.float32(0.0)
            for channel in range(channels):
                total += state[row, kind + segment * channels + channel]
            power[place, band] = total * _PER_BLOCK / np.float32(channels)
