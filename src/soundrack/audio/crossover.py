"""A split in three bands that add up to the whole again.

Linkwitz-Riley crossovers of fourth order (S. Linkwitz, "Active Crossover Networks for Noncoincident Drivers", J. Audio
Eng. Soc. 24, 1976): each side is a Butterworth filter twice, and both sides together are an all-pass. The high side is
made as that all-pass less the low side, one section instead of two; the low band passes through the upper crossover's
all-pass, so that all three meet in phase. The sum's magnitude is flat.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.lanes import LANES, SECTION, TILE_FRAMES, biquad, load_tile, settle, store_tile

BANDS = 3
CONTROL_FRAMES = TILE_FRAMES
"""A band's power is told, and its gain given, once in so many frames; between, the gain is a straight line."""

_MOST_CHANNELS = 8
_WARM_UP_TILES = 128


def control_points(frames: int) -> int:
    """Return how many control blocks `frames` frames have, the last perhaps not full."""
    return -(-frames // CONTROL_FRAMES)


def crossovers(rate_hz: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return the filters of a three-band split, for :func:`band_power` and :func:`mix_bands_in_place`.

    Parameters
    ----------
    rate_hz : int
        Sample rate.
    low_hz, high_hz : float
        The crossover frequencies, ``100 <= low_hz < high_hz < rate_hz / 2``: the warm-up is made for these.

    Returns
    -------
    float64 array, shape (2, 3)
        For the lower, then for the upper frequency: b0 of the Butterworth low-pass (b1 = 2 b0, b2 = b0), and a1 and a2,
        which it has in common with the all-pass (b0 = a2, b1 = a1, b2 = 1).
    """
    return np.array([_butterworth(hz, rate_hz) for hz in (low_hz, high_hz)])


def _butterworth(cutoff_hz: float, rate_hz: int) -> tuple[float, float, float]:
    k = math.tan(math.pi * cutoff_hz / rate_hz)
    a0 = 1.0 + math.sqrt(2.0) * k + k * k
    return k * k / a0, 2.0 * (k * k - 1.0) / a0, (1.0 - math.sqrt(2.0) * k + k * k) / a0


def band_power(samples: NDArray[np.float32], filters: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the mean square of each band over all channels in each control block.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels.
    filters : float64 array
        From :func:`crossovers`.

    Returns
    -------
    float32 array, shape (control_points(frames), 3)
        Low, middle, high.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    _refuse_other_shapes(samples)
    power = np.zeros((control_points(len(samples)), BANDS), dtype=np.float32)
    _split(samples, filters, np.zeros((0, BANDS), dtype=np.float32), power)
    return power


def mix_bands_in_place(samples: NDArray[np.float32], filters: NDArray[np.float64], gains: NDArray[np.float32]) -> None:
    """Split a sound, apply a gain to each band, and add the bands up again in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels.
    filters : float64 array
        From :func:`crossovers`.
    gains : float32 array, shape (control_points(frames) + 1, 3)
        Factors at the beginning of each control block and at the end of the last.

    Raises
    ------
    ValueError
        If `samples` or `gains` has another shape.
    """
    _refuse_other_shapes(samples)
    if gains.shape != (control_points(len(samples)) + 1, BANDS):
        raise ValueError(f"expected gains at {control_points(len(samples)) + 1} points, got shape {gains.shape}")
    _split(samples, filters, gains, np.zeros((0, BANDS), dtype=np.float32))


def _refuse_other_shapes(samples: NDArray[np.float32]) -> None:
    if samples.ndim != 2 or not 1 <= samples.shape[1] <= _MOST_CHANNELS:
        raise ValueError(f"expected (frames, 1 to {_MOST_CHANNELS} channels), got shape {samples.shape}")


_POWER = 7 * SECTION
_GAIN = _POWER + BANDS * LANES
_SLOPE = _GAIN + BANDS * LANES
_STATE = _SLOPE + BANDS * LANES
"""Where the bands' powers, gains and the gains' growth from frame to frame lie behind the seven sections' states."""


@kernel
def _split(
    samples: NDArray[np.float32],
    filters: NDArray[np.float64],
    gains: NDArray[np.float32],
    power: NDArray[np.float32],
) -> None:
    """Run the split over the song and do with the bands what there is an array for: gains to apply, power to fill."""
    length, channels = samples.shape
    segments = LANES // channels
    tiles = (length + TILE_FRAMES - 1) // TILE_FRAMES
    per_segment = (tiles + segments - 1) // segments
    stride = per_segment * TILE_FRAMES
    tile, state = np.zeros((TILE_FRAMES, LANES)), np.zeros(_STATE)
    # Every segment warms up before any has written: working in place, none hears its neighbour's result.
    for step in range(-_WARM_UP_TILES, per_segment):
        start = step * TILE_FRAMES
        load_tile(samples, 0, channels, start, stride, segments, TILE_FRAMES, tile)
        state[_POWER:_GAIN] = 0.0
        if len(gains) > 0 and step >= 0:
            _take_gains(gains, step, per_segment, segments, channels, state)
        _split_tile(tile, filters, state)
        if step < 0:
            continue
        if len(gains) > 0:
            store_tile(tile, 0, channels, start, stride, segments, samples)
        if len(power) > 0:
            _tell_power(state, step, per_segment, segments, channels, power)


@kernel
def _low_pass(state: NDArray[np.float64], at: int, b0: float, a1: float, a2: float, x: float) -> float:
    return biquad(state, at, b0, 2.0 * b0, b0, a1, a2, x)


@kernel
def _all_pass(state: NDArray[np.float64], at: int, a1: float, a2: float, x: float) -> float:
    return biquad(state, at, a2, a1, 1.0, a1, a2, x)


@kernel
def _split_tile(tile: NDArray[np.float64], filters: NDArray[np.float64], state: NDArray[np.float64]) -> None:
    """Split a tile, add up the bands' powers, and put the bands' sum under their gains in its place."""
    l0, l1, l2 = filters[0]
    h0, h1, h2 = filters[1]
    for n in range(TILE_FRAMES):
        row = tile[n]
        for lane in range(LANES):
            once = _low_pass(state, lane, l0, l1, l2, row[lane])
            below = _low_pass(state, SECTION + lane, l0, l1, l2, once)
            above = _all_pass(state, 2 * SECTION + lane, l1, l2, row[lane]) - below
            low = _all_pass(state, 3 * SECTION + lane, h1, h2, below)
            once = _low_pass(state, 4 * SECTION + lane, h0, h1, h2, above)
            middle = _low_pass(state, 5 * SECTION + lane, h0, h1, h2, once)
            high = _all_pass(state, 6 * SECTION + lane, h1, h2, above) - middle
            state[_POWER + lane] += low * low
            state[_POWER + LANES + lane] += middle * middle
            state[_POWER + 2 * LANES + lane] += high * high
            row[lane] = (
                low * state[_GAIN + lane]
                + middle * state[_GAIN + LANES + lane]
                + high * state[_GAIN + 2 * LANES + lane]
            )
            state[_GAIN + lane] += state[_SLOPE + lane]
            state[_GAIN + LANES + lane] += state[_SLOPE + LANES + lane]
            state[_GAIN + 2 * LANES + lane] += state[_SLOPE + 2 * LANES + lane]
    settle(state, _POWER)


@kernel
def _take_gains(
    gains: NDArray[np.float32], step: int, per_segment: int, segments: int, channels: int, state: NDArray[np.float64]
) -> None:
    for segment in range(segments):
        place = min(segment * per_segment + step, len(gains) - 2)
        for band in range(BANDS):
            early, late = np.float64(gains[place, band]), np.float64(gains[place + 1, band])
            for channel in range(channels):
                at = band * LANES + channel * segments + segment
                state[_GAIN + at] = early
                state[_SLOPE + at] = (late - early) / TILE_FRAMES


@kernel
def _tell_power(
    state: NDArray[np.float64], step: int, per_segment: int, segments: int, channels: int, power: NDArray[np.float32]
) -> None:
    for segment in range(segments):
        place = segment * per_segment + step
        if place >= len(power):
            continue
        for band in range(BANDS):
            total = 0.0
            for channel in range(channels):
                total += state[_POWER + band * LANES + channel * segments + segment]
            power[place, band] = np.float32(total / (TILE_FRAMES * channels))
