"""Noises: coloured, in bands, slowly wandering, and shaped from moment to moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ

Sound = NDArray[np.float64]
Response = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""From frequencies in Hz, shape (bins,), and places from 0 to 1, shape (steps, 1), to gains (steps, bins)."""

_WINDOW, _HOP = 2048, 512


def white(take: Take, frames: int | None = None) -> Sound:
    """Return white noise with an RMS of 1."""
    return take.rng.standard_normal(take.frames if frames is None else frames)


def filtered(sound: Sound, gains: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Sound:
    """Filter without a change of phase, by what is told for frequencies in Hz; silence surrounds the sound."""
    size = next_fast_len(len(sound) + RATE_HZ // 20)
    response = gains(np.maximum(np.fft.rfftfreq(size, 1.0 / RATE_HZ), 1.0))
    return np.asarray(irfft(rfft(sound, size) * response, size)[: len(sound)], dtype=np.float64)


def coloured(take: Take, slope_db: float, low_hz: float = 30.0, high_hz: float = 16_000.0) -> Sound:
    """Return noise that falls by so many dB an octave between two edges, with an RMS of 1."""

    def gains(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return (hz / 1000.0) ** (slope_db / 6.0206) * edges(hz, low_hz, high_hz)

    return unit(filtered(white(take), gains))


def band(take: Take, centre_hz: float, octaves: float, frames: int | None = None) -> Sound:
    """Return noise in a band with the shape of a bell, with an RMS of 1."""
    return unit(filtered(white(take, frames), lambda hz: bell(hz, centre_hz, octaves)))


def edges(hz: NDArray[np.float64], low_hz: float, high_hz: float, order: int = 2) -> NDArray[np.float64]:
    """Return the gains of a high-pass and a low-pass with slopes of 6 dB an octave times the order."""
    low, high = (low_hz / hz) ** (2 * order), (hz / high_hz) ** (2 * order)
    return np.asarray(1.0 / np.sqrt((1.0 + low) * (1.0 + high)), dtype=np.float64)


def bell(hz: NDArray[np.float64], centre_hz: float | NDArray[np.float64], octaves: float) -> NDArray[np.float64]:
    """Return gains around a centre that fall to 0.6 after so many octaves on both sides."""
    return np.asarray(np.exp(-0.5 * (np.log2(hz / centre_hz) / octaves) ** 2), dtype=np.float64)


def moved(sound: Sound, response: Response) -> Sound:
    """Filter by gains that change with time, by a short-time Fourier transform."""
    steps = len(sound) // _HOP + 2
    padded = np.concatenate([np.zeros(_WINDOW // 2), sound, np.zeros(_WINDOW + _HOP)])
    window = np.sin(np.pi * np.arange(_WINDOW) / _WINDOW)
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:steps]
    hz = np.maximum(np.fft.rfftfreq(_WINDOW, 1.0 / RATE_HZ), 1.0)
    gains = response(hz, np.minimum(np.arange(steps) * _HOP / max(len(sound) - 1, 1), 1.0)[:, None])
    blocks = irfft(rfft(views * window, axis=1) * gains, _WINDOW, axis=1) * (window / 2.0)
    out = np.zeros((steps + _WINDOW // _HOP) * _HOP)
    for number in range(_WINDOW // _HOP):
        lane = blocks[:, number * _HOP : (number + 1) * _HOP].reshape(-1)
        out[number * _HOP : number * _HOP + len(lane)] += lane
    return out[_WINDOW // 2 : _WINDOW // 2 + len(sound)]


def wander(take: Take, rate_hz: float, low: float = 0.0, high: float = 1.0) -> Sound:
    """Return a smooth random curve between two values that turns about so many times a second."""
    knots = max(int(np.ceil(take.seconds * rate_hz * 2.0)), 1) + 3
    values = take.rng.random(knots)
    place = np.arange(take.frames) / RATE_HZ * rate_hz * 2.0
    whole = place.astype(np.int64)
    part = place - whole
    part = part * part * (3.0 - 2.0 * part)
    return np.asarray(low + (high - low) * (values[whole] * (1.0 - part) + values[whole + 1] * part))


def unit(sound: Sound) -> Sound:
    """Return a sound with an RMS of 1; silence stays silence."""
    rms = float(np.sqrt(np.mean(sound * sound))) if len(sound) else 0.0
    return sound / rms if rms > 1e-12 else sound
