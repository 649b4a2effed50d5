"""Water: by bubbles, drops and noise."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import bubble, scattered, sequence
from soundrack.composition.foley.modes import contact_noise
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, gesture, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import curve, fall, sine


def drip(take: Take) -> Sound:
    """Single drops into a vessel: each the touch and then its bubble."""
    times = take.times_s(take.by("speed", 0.8, 3.5), 0.25)

    def drop() -> Sound:
        part = take.part(0.3)
        tick = 0.15 * contact_noise(part, 0.8)
        late = sequence(part, [take.uniform(0.012, 0.03)], lambda: bubble(take, take.uniform(750.0, 1500.0), 0.25))
        late[: len(tick)] += tick
        return late * take.uniform(0.5, 1.0)

    return sequence(take, times, drop)


def _flow(take: Take, rate_hz: float, low_hz: float, high_hz: float, hiss: float) -> Sound:
    """Return running water: bubbles by chance, smaller ones more often, and the noise of the surface."""

    def side() -> Sound:
        sizes = scattered(
            take, rate_hz, lambda: bubble(take, low_hz * (high_hz / low_hz) ** take.rng.random(), 0.08), 40, 26.0
        )
        return sizes + hiss * coloured(take, -2.0, 400.0, 9000.0) * (0.8 + 0.2 * wander(take, 2.0))

    return np.column_stack([side(), side()])


def stream(take: Take) -> Sound:
    """A brook over stones (van den Doel, 2005)."""
    return _flow(take, take.by("intensity", 130.0, 420.0), 420.0, 2900.0, 0.035)


def waterfall(take: Take) -> Sound:
    """So many bubbles and drops that they are noise."""

    def side() -> Sound:
        return coloured(take, -2.2, take.by("size", 130.0, 40.0), 8000.0) * (
            0.9 + 0.1 * wander(take, 3.0)
        ) + 0.4 * band(take, 550.0, 1.0) * wander(take, 6.0)

    return np.column_stack([side(), side()])


def pour(take: Take) -> Sound:
    """Into a glass: the column of air above gets shorter and its tone higher."""
    tone = take.by("size", 420.0, 200.0)
    grains = scattered(take, 330.0, lambda: bubble(take, take.uniform(500.0, 3800.0), 0.1), 30, 22.0)
    air = moved(white(take), lambda hz, at: bell(hz, tone * 4.0**at, 0.12) + 0.3 * bell(hz, 2.9 * tone * 4.0**at, 0.1))
    shape = np.minimum(1.0, 12.0 * np.minimum(take.place, 1.0 - take.place))
    return (0.5 * grains + 0.6 * air) * shape


def splash(take: Take) -> Sound:
    """Something falls in: the blow, the cavity's gulp, and what rains back."""
    blow = filtered(white(take), lambda hz: edges(hz, 250.0, 7000.0, 1)) * fall(take, 0.5, 0.006)
    low = take.by("size", 320.0, 90.0)
    gulp = sine(take, low * (1.0 + 1.2 * np.clip((take.time_s - 0.12) / 0.2, 0.0, 1.0))) * np.exp(
        -0.5 * ((take.time_s - 0.18) / 0.06) ** 2
    )
    back = (
        scattered(take, 230.0, lambda: bubble(take, take.uniform(600.0, 4200.0)), 24, 22.0)
        * np.minimum(take.time_s / 0.25, 1.0)
        * np.exp(-take.time_s / 0.5)
    )
    return 0.35 * blow + 0.7 * gulp + 0.8 * back


def bubbles(take: Take) -> Sound:
    """Air let out under water: bubbles in clusters."""
    cluster = np.maximum(wander(take, take.by("speed", 0.7, 2.5)) - 0.35, 0.0)
    small = scattered(take, 46.0, lambda: bubble(take, take.uniform(260.0, 900.0), 0.35), 24, 16.0)
    return small * cluster + 0.15 * small


def boiling(take: Take) -> Sound:
    """A pot boils: a roll of big bubbles, the lid, the steam."""
    roll = scattered(
        take, take.by("intensity", 70.0, 160.0), lambda: bubble(take, take.uniform(180.0, 620.0), 0.2), 30, 14.0
    )
    return (
        roll
        + 0.06 * coloured(take, -3.0, 80.0, 5000.0)
        + 0.12 * filtered(white(take), lambda hz: edges(hz, 70.0, 240.0)) * wander(take, 8.0)
    )


def kettle(take: Take) -> Sound:
    """A kettle begins to hiss and then whistles."""
    rise = np.clip(curve(take, [(0.0, 0.0), (0.35, 0.2), (0.6, 1.0), (1.0, 1.0)]), 0.0, 1.0)
    hertz = (
        take.by("size", 2900.0, 2100.0)
        * (0.75 + 0.25 * rise)
        * (1.0 + 0.003 * np.sin(2.0 * np.pi * 11.0 * take.time_s))
    )
    steam = coloured(take, 1.0, 1500.0, 14000.0)
    return (
        rise**2 * (sine(take, hertz) + 0.3 * sine(take, 2.0 * hertz) + 0.08 * sine(take, 3.0 * hertz))
        + (0.12 + 0.12 * rise) * steam
    )


def frying(take: Take) -> Sound:
    """Fat in a pan: small sharp bursts over a bright hiss."""
    strong = take.by("intensity", 0.5, 2.0)

    def side() -> Sound:
        pops = scattered(
            take, 130.0 * strong, lambda: white(take, 120) * np.exp(-np.arange(120) / take.uniform(4.0, 22.0)), 14, 36.0
        )
        return 0.55 * pops + 0.07 * coloured(take, 2.0, 3000.0, 15000.0) * (0.8 + 0.2 * wander(take, 4.0))

    return np.column_stack([side(), side()])


def fizz(take: Take) -> Sound:
    """A can is opened and its drink settles."""
    hiss = coloured(take, 2.0, 2500.0, 16000.0) * (fall(take, 0.5, 0.01) + 0.1 * np.exp(-take.time_s / 1.0))
    snap = sequence(take, [0.0, 0.03], lambda: contact_noise(take.part(0.1), 0.9))
    fine = scattered(take, 600.0, lambda: bubble(take, take.uniform(4500.0, 9500.0)), 16, 26.0) * np.exp(
        -take.time_s / 1.3
    )
    return 0.35 * hiss + 0.9 * snap + 0.15 * fine * np.minimum(take.time_s / 0.2, 1.0)


def sea(take: Take) -> Sound:
    """Waves on a beach: each rises, breaks, and runs back over sand."""
    every = 1.0 / take.rate_hz(1.0 / take.by("speed", 9.0, 5.0))

    def side(late: float) -> Sound:
        part = ((take.time_s + late) / every) % 1.0
        swell = np.where(part < 0.42, (part / 0.42) ** 2.2, np.exp(-(part - 0.42) / 0.19))
        roar = coloured(take, -5.0, 60.0, 2500.0) * (0.25 + swell)
        foam = coloured(take, 0.0, 1800.0, 12000.0) * np.where(
            part > 0.36, np.exp(-(part - 0.36) / 0.28) * np.minimum((part - 0.36) / 0.06, 1.0), 0.0
        )
        return 0.8 * roar + 0.3 * foam + 0.05 * coloured(take, -3.0)

    start = 0.15 * every
    return np.column_stack([side(start), side(start + 0.07 * every)])


def shower(take: Take) -> Sound:
    """A shower or a tap: fine jets on tiles."""

    def side() -> Sound:
        jets = scattered(take, 900.0, lambda: white(take, 60) * np.exp(-np.arange(60) / 9.0), 8, 20.0)
        tile = band(take, 1900.0, 0.5)
        return 0.25 * coloured(take, 0.5, 900.0, 12000.0) + 0.3 * jets / (np.std(jets) + 1e-9) + 0.15 * tile

    return np.column_stack([side(), side()])


def underwater(take: Take) -> Sound:
    """Below the surface: all is dull, a few bubbles pass."""

    def side() -> Sound:
        dull = coloured(take, -9.0, 30.0, 380.0) * (0.6 + 0.4 * wander(take, 0.4))
        rare = scattered(take, 2.2, lambda: bubble(take, take.uniform(300.0, 800.0), 0.5), 10, 14.0)
        return dull + 0.25 * filtered(rare, lambda hz: edges(hz, 40.0, 900.0))

    return np.column_stack([side(), side()])


RECIPES = {
    "drip": bed(drip),
    "stream": bed(stream),
    "waterfall": bed(waterfall),
    "pour": gesture(pour, 8.0, 9.0),
    "splash": hit(splash, 1.8, 2.4),
    "bubbles": bed(bubbles),
    "boiling": bed(boiling),
    "kettle": gesture(kettle, 15.0),
    "frying": bed(frying),
    "fizz": hit(fizz, 2.4, 3.0),
    "sea": bed(sea),
    "shower": bed(shower),
    "underwater": bed(underwater),
}
