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
from soundrack.audio.lanes import LANES, TILE_FRAMES, biquad_tile, load_tile

BANDS = 3
CONTROL_FRAMES = TILE_FRAMES
"""A band's power is told, and its gain given, once in so many frames; between, the gain is a straight line."""

_WARM_UP_TILES = 128


def control_points(frames: int) -> int:
    """Return how many control blocks `frames` frames have, the last perhaps not full."""
    return -(-frames // CONTROL_FRAMES)


def crossovers(rate_hz: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return the sections of a three-band split, for :func:`band_power` and :func:`mix_bands_in_place`.

    Parameters
    ----------
    rate_hz : int
        Sample rate.
    low_hz, high_hz : float
        The crossover frequencies, ``100 <= low_hz < high_hz < rate_hz / 2``: the warm-up is made for these.

    Returns
    -------
    float64 array, shape (4, 5)
        Low-pass and all-pass for the lower, then for the upper frequency: b0, b1, b2, a1, a2 each.
    """
    return np.array([section for hz in (low_hz, high_hz) for section in _low_and_all_pass(hz, rate_hz)])


def _low_and_all_pass(cutoff_hz: float, rate_hz: int) -> tuple[list[float], list[float]]:
    k = math.tan(math.pi * cutoff_hz / rate_hz)
    a0 = 1.0 + math.sqrt(2.0) * k + k * k
    a1, a2 = 2.0 * (k * k - 1.0) / a0, (1.0 - math.sqrt(2.0) * k + k * k) / a0
    return [k * k / a0, 2.0 * k * k / a0, k * k / a0, a1, a2], [a2, a1, 1.0, a1, a2]


def band_power(samples: NDArray[np.float32], sections: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the mean square of each band over all channels in each control block.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, up to 8 channels.
    sections : float64 array
        From :func:`crossovers`.

    Returns
    -------
    float32 array, shape (control_points(frames), 3)
        Low, middle, high.
    """
    power = np.zeros((control_points(len(samples)), BANDS), dtype=np.float32)
    _split(samples, sections, np.zeros((0, BANDS), dtype=np.float32), power)
    return power


def mix_bands_in_place(samples: NDArray[np.float32], sections: NDArray[np.float64], gains: NDArray[np.float32]) -> None:
    """Split a sound, apply a gain to each band, and add the bands up again in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, up to 8 channels.
    sections : float64 array
        From :func:`crossovers`.
    gains : float32 array, shape (control_points(frames) + 1, 3)
        Factors at the beginning of each control block and at the end of the last.
    """
    _split(samples, sections, gains, np.zeros((0, BANDS), dtype=np.float32))


@kernel
def _split(
    samples: NDArray[np.float32],
    sections: NDArray[np.float64],
    gains: NDArray[np.float32],
    power: NDArray[np.float32],
) -> None:
    """Run the split over the song and do with the bands what there is an array for: gains to apply, power to fill."""
    length, channels = samples.shape
    segments = LANES // channels
    tiles = (length + TILE_FRAMES - 1) // TILE_FRAMES
    per_segment = (tiles + segments - 1) // segments
    stride = per_segment * TILE_FRAMES
    low, middle, high = (
        np.zeros((TILE_FRAMES, LANES)),
        np.zeros((TILE_FRAMES, LANES)),
        np.zeros((TILE_FRAMES, LANES)),
    )
    state = np.zeros((7, 2, LANES))
    # Every segment warms up before any has written: working in place, none hears its neighbour's result.
    for step in range(-_WARM_UP_TILES, per_segment):
        load_tile(samples, step * TILE_FRAMES, stride, segments, TILE_FRAMES, low)
        middle[:] = low
        biquad_tile(low, TILE_FRAMES, sections[0], state[0])
        biquad_tile(low, TILE_FRAMES, sections[0], state[1])
        biquad_tile(middle, TILE_FRAMES, sections[1], state[2])
        _subtract(middle, low)
        high[:] = middle
        biquad_tile(low, TILE_FRAMES, sections[3], state[3])
        biquad_tile(middle, TILE_FRAMES, sections[2], state[4])
        biquad_tile(middle, TILE_FRAMES, sections[2], state[5])
        biquad_tile(high, TILE_FRAMES, sections[3], state[6])
        _subtract(high, middle)
        if step < 0:
            continue
        for segment in range(segments):
            place = segment * per_segment + step
            if place >= tiles:
                continue
            lane = segment * channels
            if len(power) > 0:
                power[place, 0] = _lane_power(low, lane, channels)
                power[place, 1] = _lane_power(middle, lane, channels)
                power[place, 2] = _lane_power(high, lane, channels)
            if len(gains) > 0:
                _mix(low, middle, high, lane, gains, place, samples)


@kernel
def _subtract(tile: NDArray[np.float64], other: NDArray[np.float64]) -> None:
    for n in range(TILE_FRAMES):
        for lane in range(LANES):
            tile[n, lane] -= other[n, lane]


@kernel
def _lane_power(tile: NDArray[np.float64], lane: int, channels: int) -> np.float32:
    total = 0.0
    for n in range(TILE_FRAMES):
        for channel in range(lane, lane + channels):
            total += tile[n, channel] * tile[n, channel]
    return np.float32(total / (TILE_FRAMES * channels))


@kernel
def _mix(
    low: NDArray[np.float64],
    middle: NDArray[np.float64],
    high: NDArray[np.float64],
    lane: int,
    gains: NDArray[np.float32],
    place: int,
    samples: NDArray[np.float32],
) -> None:
    start = place * TILE_FRAMES
    frames = min(TILE_FRAMES, len(samples) - start)
    for n in range(frames):
        late = np.float64(n) * (1.0 / TILE_FRAMES)
        early = 1.0 - late
        g0 = gains[place, 0] * early + gains[place + 1, 0] * late
        g1 = gains[place, 1] * early + gains[place + 1, 1] * late
        g2 = gains[place, 2] * early + gains[place + 1, 2] * late
        for channel in range(samples.shape[1]):
            at = lane + channel
            samples[start + n, channel] = low[n, at] * g0 + middle[n, at] * g1 + high[n, at] * g2
