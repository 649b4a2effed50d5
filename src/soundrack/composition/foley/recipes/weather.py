"""Weather, fire and the ground."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import bubble, scattered
from soundrack.composition.foley.modes import GLASS, STONE, WOOD, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall


def rain(take: Take) -> Sound:
    """Rain on leaves and ground: near drops over the hiss of all the others (Farnell, 2010, chapter 36)."""
    heavy = take.by("intensity", 0.45, 2.0)

    def side() -> Sound:
        far = coloured(take, -1.2, 500.0, 11000.0) * (0.85 + 0.15 * wander(take, 0.7))
        drops = scattered(
            take, 210.0 * heavy, lambda: white(take, 160) * np.exp(-np.arange(160) / take.uniform(10.0, 40.0)), 12, 30.0
        )
        wet = scattered(take, 16.0 * heavy, lambda: bubble(take, take.uniform(900.0, 4200.0)), 12, 20.0)
        return np.asarray(0.26 * heavy**0.5 * far + 0.22 * drops + 0.3 * wet, dtype=np.float64)

    return np.column_stack([side(), side()])


def rain_window(take: Take) -> Sound:
    """Rain on a pane, heard from within: taps on glass; the rain outside is dull."""
    heavy = take.by("intensity", 0.4, 2.2)

    def side() -> Sound:
        taps = scattered(
            take,
            34.0 * heavy,
            lambda: struck(take.part(0.05), GLASS, take.uniform(900.0, 2400.0), 0.45, 0.02),
            14,
            24.0,
        )
        return taps + 0.05 * heavy * coloured(take, -4.0, 300.0, 1800.0)

    return np.column_stack([side(), side()])


def rain_roof(take: Take) -> Sound:
    """Rain on a roof, a tent or an umbrella: dull taps on something stretched."""
    heavy = take.by("intensity", 0.5, 2.0)

    def side() -> Sound:
        taps = scattered(
            take, 120.0 * heavy, lambda: struck(take.part(0.06), WOOD, take.uniform(180.0, 620.0), 0.25, 0.5), 14, 24.0
        )
        return taps + 0.1 * coloured(take, -6.0, 60.0, 900.0)

    return np.column_stack([side(), side()])


def hail(take: Take) -> Sound:
    """Hailstones on a hard ground."""

    def side() -> Sound:
        stones = scattered(
            take,
            take.by("intensity", 50.0, 190.0),
            lambda: struck(take.part(0.07), STONE, take.uniform(900.0, 3200.0), 0.9, 0.5),
            16,
            26.0,
        )
        return stones + 0.04 * coloured(take, -1.0, 1500.0, 12000.0)

    return np.column_stack([side(), side()])


def _rumble(take: Take, high_hz: float) -> Sound:
    return filtered(white(take), lambda hz: edges(hz, 25.0, high_hz, 1) * (hz / 60.0) ** -0.6)


def thunder(take: Take) -> Sound:
    """A stroke: its channel is long and crooked, so that the crack arrives over seconds (Farnell, 2010, chapter 37)."""
    near = 1.0 - take.character.distance
    out = np.zeros(take.frames)
    for _ in range(22):
        start, length = abs(take.rng.standard_normal()) * (0.35 + 1.1 * (1.0 - near)), take.uniform(0.25, 1.3)
        envelope = np.where(take.time_s > start, np.exp(-(take.time_s - start) / length), 0.0)
        top = take.uniform(120.0, 260.0 + 700.0 * near)
        out += take.uniform(0.2, 1.0) * envelope * _rumble(take, top)
    crack = coloured(take, -2.5, 150.0, 9000.0) * fall(take, 0.35) * np.maximum(wander(take, 30.0, -0.4, 1.0), 0.0)
    return np.asarray(out / (np.max(np.abs(out)) + 1e-9) + 0.3 * near**2 * crack, dtype=np.float64)


def wind(take: Take) -> Sound:
    """Wind: gusts move the band and the level of noise (Farnell, 2010, chapter 41)."""
    gusts = wander(take, take.by("speed", 0.12, 0.5))
    strong = take.by("intensity", 0.7, 1.5)

    def side() -> Sound:
        mine = np.clip(gusts + wander(take, 0.6, -0.2, 0.2), 0.0, 1.0)
        curve_ = mine[:: max(len(mine) // 2000, 1)]
        at_ = np.linspace(0.0, 1.0, len(curve_))
        swept = moved(
            white(take),
            lambda hz, at: (
                bell(hz, 220.0 * strong * 3.0 ** np.interp(at, at_, curve_), 0.7) + 0.25 * bell(hz, 110.0, 0.8)
            ),
        )
        return swept * (0.15 + mine**1.5)

    return np.column_stack([side(), side()])


def _whistle(take: Take, hertz: Sound) -> Sound:
    """Return noise in a narrow band whose centre follows a coarse curve."""
    places = np.linspace(0.0, 1.0, len(hertz))
    return moved(white(take), lambda hz, at: bell(hz, np.interp(at, places, hertz), 0.06))


def howling(take: Take) -> Sound:
    """Wind that whistles in gaps: narrow bands whose pitch follows the gusts."""
    gusts = wander(take, take.by("speed", 0.15, 0.45))
    curve_ = gusts[:: max(len(gusts) // 2000, 1)]
    out = np.zeros((take.frames, 2))
    for hertz, place in ((360.0, -0.5), (540.0, 0.4), (820.0, 0.0)):
        whistle = _whistle(take, hertz * 1.7**curve_)
        out += panned(whistle * (0.08 + gusts**2), place)
    return out + panned(0.12 * coloured(take, -5.0, 60.0, 900.0) * (0.4 + gusts), 0.0)


def fire(take: Take) -> Sound:
    """Flames: crackle, hiss and a low lapping (Farnell, 2010, chapter 33)."""
    strong = take.by("intensity", 0.5, 2.2)
    flare = wander(take, 3.0)
    lap = filtered(white(take), lambda hz: edges(hz, 30.0, 260.0)) * (0.3 + flare)
    hiss = band(take, 5200.0, 1.0) * wander(take, 5.0) ** 3

    def spark() -> Sound:
        length = int(take.uniform(20.0, 500.0))
        return filtered(
            white(take, length + 400) * np.exp(-np.arange(length + 400) / (0.15 * length + 6.0)),
            lambda hz: edges(hz, 1200.0, 9000.0),
        )

    left, right = (scattered(take, 9.0 * strong, spark, 10, 34.0) for _ in range(2))
    bed_ = 0.5 * lap * strong**0.5 + 0.05 * hiss
    return np.column_stack([bed_ + 0.9 * left + 0.2 * right, bed_ + 0.9 * right + 0.2 * left])


def earthquake(take: Take) -> Sound:
    """The ground shakes; things rattle on it."""
    shake = 0.4 + 0.6 * wander(take, 2.5)
    low = coloured(take, -7.0, 18.0, 160.0) * shake
    rattle = (
        scattered(take, 34.0, lambda: struck(take.part(0.12), STONE, take.uniform(160.0, 900.0), 0.6), 10, 24.0)
        * shake**3
    )
    return 1.3 * low + 0.4 * rattle


def lava(take: Take) -> Sound:
    """Something thick boils: big slow bubbles over a deep rumble."""
    blobs = scattered(take, take.by("speed", 3.0, 9.0), lambda: bubble(take, take.uniform(70.0, 260.0), 0.5), 12, 16.0)
    return blobs + 0.12 * coloured(take, -7.0, 25.0, 200.0) + 0.02 * band(take, 3000.0, 0.8)


RECIPES = {
    "rain": bed(rain),
    "rain_window": bed(rain_window),
    "rain_roof": bed(rain_roof),
    "hail": bed(hail),
    "thunder": hit(thunder, 6.0, 7.5),
    "wind": bed(wind),
    "howling_wind": bed(howling),
    "fire": bed(fire),
    "earthquake": bed(earthquake),
    "lava": bed(lava),
}
