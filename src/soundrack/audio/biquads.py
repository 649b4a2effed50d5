"""Second-order filters, designed and applied.

The designs are those of R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients". Each is
one section: b0, b1, b2, a1, a2 with a0 = 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.lanes import LANES, SECTION, TILE_FRAMES, biquad, load_tile, settle, store_tile

BUTTERWORTH_Q = math.sqrt(0.5)

_MOST_CHANNELS = 8
_FORGOTTEN = 1e-12
"""What is left of a filter's state after the warm-up: 240 dB below what it was."""


def low_pass(frequency_hz: float, rate_hz: int, q: float = BUTTERWORTH_Q) -> NDArray[np.float64]:
    """Return a low-pass section; ``0 < frequency_hz < rate_hz / 2``."""
    cosine, alpha = _angle(frequency_hz, rate_hz, q)
    return _section((1.0 - cosine) / 2.0, 1.0 - cosine, (1.0 - cosine) / 2.0, 1.0 + alpha, -2.0 * cosine, 1.0 - alpha)


def high_pass(frequency_hz: float, rate_hz: int, q: float = BUTTERWORTH_Q) -> NDArray[np.float64]:
    """Return a high-pass section; ``0 < frequency_hz < rate_hz / 2``."""
    cosine, alpha = _angle(frequency_hz, rate_hz, q)
    return _section((1.0 + cosine) / 2.0, -1.0 - cosine, (1.0 + cosine) / 2.0, 1.0 + alpha, -2.0 * cosine, 1.0 - alpha)


def peaking(frequency_hz: float, rate_hz: int, gain_db: float, q: float) -> NDArray[np.float64]:
    """Return a section that raises or lowers what is near a frequency; level far from it."""
    cosine, alpha = _angle(frequency_hz, rate_hz, q)
    a = 10.0 ** (gain_db / 40.0)
    return _section(1.0 + alpha * a, -2.0 * cosine, 1.0 - alpha * a, 1.0 + alpha / a, -2.0 * cosine, 1.0 - alpha / a)


def low_shelf(frequency_hz: float, rate_hz: int, gain_db: float, q: float = BUTTERWORTH_Q) -> NDArray[np.float64]:
    """Return a section that raises or lowers what is below a frequency, by half of `gain_db` at it."""
    return _shelf(frequency_hz, rate_hz, gain_db, q, sign=-1.0)


def high_shelf(frequency_hz: float, rate_hz: int, gain_db: float, q: float = BUTTERWORTH_Q) -> NDArray[np.float64]:
    """Return a section that raises or lowers what is above a frequency, by half of `gain_db` at it."""
    return _shelf(frequency_hz, rate_hz, gain_db, q, sign=1.0)


def filter_in_place(samples: NDArray[np.float32], sections: NDArray[np.float64]) -> None:
    """Pass a sound through second-order sections, one after the other, in place, in double precision.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Finite, 1 to 8 channels; silence is assumed before.
    sections : float64 array, shape (sections, 5)
        Stable filters, b0, b1, b2, a1, a2 each.

    Raises
    ------
    ValueError
        If `samples` or `sections` has another shape, or a section is not stable.

    Examples
    --------
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(48_000) / 48_000).astype(np.float32)[:, None]
    >>> filter_in_place(hum, np.array([high_pass(500.0, 48_000)]))
    >>> round(20 * float(np.log10(np.abs(hum[24_000:]).max())))
    -40
    """
    if samples.ndim != 2 or not 1 <= samples.shape[1] <= _MOST_CHANNELS:
        raise ValueError(f"expected (frames, 1 to {_MOST_CHANNELS} channels), got shape {samples.shape}")
    if sections.ndim != 2 or sections.shape[1] != 5:
        raise ValueError(f"expected sections of b0, b1, b2, a1, a2, got shape {sections.shape}")
    _filter(samples, sections, -(-_memory_frames(sections) // TILE_FRAMES))


def _angle(frequency_hz: float, rate_hz: int, q: float) -> tuple[float, float]:
    if not 0.0 < frequency_hz < rate_hz / 2.0 or q <= 0.0:
        raise ValueError(f"no filter at {frequency_hz} Hz with a Q of {q} at a rate of {rate_hz} Hz")
    omega = 2.0 * math.pi * frequency_hz / rate_hz
    return math.cos(omega), math.sin(omega) / (2.0 * q)


def _shelf(frequency_hz: float, rate_hz: int, gain_db: float, q: float, sign: float) -> NDArray[np.float64]:
    cosine, alpha = _angle(frequency_hz, rate_hz, q)
    a, turned = 10.0 ** (gain_db / 40.0), sign * cosine
    root = 2.0 * math.sqrt(a) * alpha
    return _section(
        a * ((a + 1.0) + (a - 1.0) * turned + root),
        -2.0 * sign * a * ((a - 1.0) + (a + 1.0) * turned),
        a * ((a + 1.0) + (a - 1.0) * turned - root),
        (a + 1.0) - (a - 1.0) * turned + root,
        2.0 * sign * ((a - 1.0) - (a + 1.0) * turned),
        (a + 1.0) - (a - 1.0) * turned - root,
    )


def _section(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> NDArray[np.float64]:
    return np.array([b0, b1, b2, a1, a2]) / a0


def _memory_frames(sections: NDArray[np.float64]) -> int:
    """Return after how many frames the sections have forgotten: their poles' decay, one section after the other."""
    frames = 0.0
    for a1, a2 in sections[:, 3:]:
        radius = float(np.abs(np.roots([1.0, a1, a2])).max(initial=0.0))
        if radius >= 1.0:
            raise ValueError(f"a section with a1 = {a1} and a2 = {a2} is not stable")
        # A double pole decays a little later than a single one: half as much again covers it.
        frames += 1.5 * math.log(_FORGOTTEN) / math.log(max(radius, 1e-3))
    return math.ceil(frames)


@kernel
def _filter(samples: NDArray[np.float32], sections: NDArray[np.float64], warm_up_tiles: int) -> None:
    length, channels = samples.shape
    segments = LANES // channels
    tiles = (length + TILE_FRAMES - 1) // TILE_FRAMES
    per_segment = (tiles + segments - 1) // segments
    stride = per_segment * TILE_FRAMES
    tile, state = np.zeros((TILE_FRAMES, LANES)), np.zeros(SECTION * len(sections))
    # Every segment warms up before any has written: working in place, none hears its neighbour's result.
    for step in range(-warm_up_tiles, per_segment):
        load_tile(samples, 0, channels, step * TILE_FRAMES, stride, segments, TILE_FRAMES, tile)
        for number in range(len(sections)):
            _filter_tile(tile, sections[number], state[number * SECTION :])
        if step >= 0:
            store_tile(tile, 0, channels, step * TILE_FRAMES, stride, segments, samples)


@kernel
def _filter_tile(tile: NDArray[np.float64], section: NDArray[np.float64], state: NDArray[np.float64]) -> None:
    b0, b1, b2, a1, a2 = section
    for n in range(TILE_FRAMES):
        row = tile[n]
        for lane in range(LANES):
            row[lane] = biquad(state, lane, b0, b1, b2, a1, a2, row[lane])
    settle(state, SECTION)
