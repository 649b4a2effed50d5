"""Many small sounds: each event a grain at its time, one of a few that are made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.noise import Sound
from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ


def placed(take: Take, times_s: NDArray[np.float64], grains: Sequence[Sound], levels: NDArray[np.float64]) -> Sound:
    """Return events at times, each one of the grains by chance, at levels."""
    kinds = take.rng.integers(0, len(grains), len(times_s)).tolist()
    places = np.minimum((times_s * RATE_HZ).astype(np.int64), take.frames - 1).tolist()
    out = np.zeros(take.frames + max(len(grain) for grain in grains))
    for kind, place, level in zip(kinds, places, levels.tolist(), strict=True):
        grain = grains[kind]
        out[place : place + len(grain)] += level * grain
    return out[: take.frames]


def scattered(take: Take, rate_hz: float, grain: Callable[[], Sound], kinds: int, spread_db: float = 12.0) -> Sound:
    """Return events at the times of a Poisson process, with levels that are spread over so many dB."""
    times = take.times_s(rate_hz, 1.0)
    levels = 10.0 ** (-spread_db * take.rng.random(len(times)) / 20.0)
    return placed(take, times, [grain() for _ in range(kinds)], levels)


def sequence(take: Take, times_s: Sequence[float] | NDArray[np.floating[Any]], event: Callable[[], Sound]) -> Sound:
    """Return events at times, each of them made anew."""
    out = np.zeros(take.frames)
    for time_s in times_s:
        start = round(float(time_s) * RATE_HZ)
        if 0 <= start < take.frames:
            made = event()[: take.frames - start]
            out[start : start + len(made)] += made
    return out


def bubble(take: Take, hertz: float, rise: float = 0.1) -> Sound:
    """Return a bubble: a sinusoid that is damped by its size and rises as it comes to the surface.

    van den Doel, "Physically Based Models for Liquid Sounds", ACM TAP 2, 2005: damping 0.13/r + 0.0072 r**-1.5 with
    the radius r = 3/f.
    """
    radius = 3.0 / hertz
    damping = 0.13 / radius + 0.0072 * radius**-1.5
    count = min(int(7.0 / damping * RATE_HZ), RATE_HZ // 2) + 16
    time = np.arange(count) / RATE_HZ
    swept = hertz * time * (1.0 + 0.5 * rise * damping * time)
    sound = np.sin(2.0 * np.pi * swept) * np.exp(-damping * time)
    return np.asarray(sound * take.uniform(0.7, 1.0) * np.minimum(time * 2000.0, 1.0))
