"""Impacts, blows and things that break."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import sequence
from soundrack.composition.foley.modes import GLASS, METAL, RUBBER, STONE, WOOD, struck
from soundrack.composition.foley.noise import Sound, band, coloured, edges, filtered, moved, white
from soundrack.composition.foley.recipe import gesture, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import driven, fall, sine, turns


def impact(take: Take) -> Sound:
    """A trailer's hit: a falling sine, a dull blow and a long dark tail."""
    low = take.by("size", 62.0, 30.0)
    drop = sine(take, low * (1.0 + 2.2 * np.exp(-take.time_s / 0.05))) * fall(take, 2.6)
    blow = coloured(take, -5.0, 40.0, take.by("brightness", 1200.0, 5000.0)) * fall(take, 0.35)
    tail = coloured(take, -4.0, 60.0, 1500.0) * fall(take, 3.2, 0.02)
    return driven(1.4 * drop + 0.7 * blow, 1.6) + 0.12 * tail


def thud(take: Take) -> Sound:
    """Something heavy and soft falls: a short low blow, then what comes to rest."""
    low = take.by("size", 130.0, 60.0)
    body = sine(take, low * (1.0 + 0.5 * np.exp(-take.time_s / 0.02))) * fall(take, 0.22)
    slap = coloured(take, -6.0, 80.0, 900.0) * fall(take, 0.12)
    rest = np.roll(coloured(take, -5.0, 100.0, 1500.0) * fall(take, 0.25, 0.03), min(int(0.14 * 44100), take.frames))
    return body + 0.6 * slap + 0.1 * rest


def punch(take: Take) -> Sound:
    """A film's punch: a slap of cloth and skin over a short low blow."""
    low = sine(take, take.by("size", 150.0, 80.0) * np.exp(-take.time_s / 0.12)) * fall(take, 0.14)
    smack = band(take, take.by("brightness", 900.0, 2600.0), 0.9) * fall(take, 0.07)
    return 1.1 * low + 0.7 * smack


def clang(take: Take) -> Sound:
    """A sheet or a pipe of metal is hit."""
    return struck(take, METAL, take.by("size", 620.0, 170.0), take.by("intensity", 0.55, 0.95), 1.0)


def anvil(take: Take) -> Sound:
    """A hammer on an anvil: few high modes and the block below."""
    ring = struck(take, METAL, take.by("size", 1900.0, 1250.0), 0.98, 1.4)
    block = struck(take, STONE, 240.0, 0.6)
    return ring + 0.5 * block


def sword(take: Take) -> Sound:
    """Blades meet and slide along each other."""
    ring = struck(take, METAL, take.by("size", 2300.0, 1300.0), 1.0, 0.8)
    edge = take.uniform(4500.0, 5500.0)
    slide = moved(
        white(take), lambda hz, at: edges(hz, 2500.0, 14000.0) * np.exp(-((hz / (edge + 4000.0 * at) - 1.0) ** 2))
    )
    return ring + 0.9 * slide * fall(take, 0.5, 0.02)


def chain(take: Take) -> Sound:
    """Links of a chain fall on each other."""
    times = take.times_s(take.by("speed", 14.0, 34.0), 0.9)

    def link() -> Sound:
        return struck(take.part(0.16), METAL, take.uniform(1400.0, 3600.0), 0.9, 0.1) * take.uniform(0.2, 1.0)

    return sequence(take, times, link)


def wood_hit(take: Take) -> Sound:
    """A block or a board of wood is hit."""
    return struck(take, WOOD, take.by("size", 700.0, 210.0), take.by("intensity", 0.45, 0.8), 1.2)


def stone_hit(take: Take) -> Sound:
    """A stone falls on stones and rolls to rest."""
    times = np.cumsum(np.concatenate([[0.0], 0.17 * 0.78 ** np.arange(9) * take.rng.uniform(0.6, 1.3, 9)]))
    level = iter(0.72 ** np.arange(10) * take.rng.uniform(0.6, 1.2, 10))
    low = take.by("size", 620.0, 180.0)
    return sequence(
        take, times, lambda: struck(take.part(0.2), STONE, low * take.uniform(0.85, 1.2), 0.75) * next(level)
    )


def glass_break(take: Take) -> Sound:
    """A pane bursts, then its pieces fall: a bang, then modes of many sizes (Gaver, 1993)."""
    bang = filtered(white(take), lambda hz: edges(hz, 900.0, 14000.0)) * fall(take, 0.22)
    pieces = round(take.by("size", 45.0, 110.0))
    times = np.sort(np.abs(take.rng.standard_normal(pieces)) * 0.38)

    def piece() -> Sound:
        return struck(take.part(0.35), GLASS, take.uniform(1800.0, 6500.0), 1.0, 0.22) * take.uniform(0.03, 0.4)

    return 0.5 * bang + sequence(take, times, piece)


def glass_clink(take: Take) -> Sound:
    """Two glasses touch."""
    low = take.by("size", 2300.0, 1200.0)
    return struck(take, GLASS, low, 0.8, 1.3) + 0.8 * struck(take, GLASS, low * take.uniform(1.06, 1.2), 0.8, 1.2)


def crash(take: Take) -> Sound:
    """A collision: a low blow, sheet metal, and debris for a second after."""
    blow = coloured(take, -5.0, 35.0, 3000.0) * fall(take, 0.6)
    sheet = sum((struck(take, METAL, take.uniform(130.0, 420.0), 0.9, 0.25) for _ in range(3)), np.zeros(take.frames))
    times = np.sort(0.08 + np.abs(take.rng.standard_normal(60)) * 0.6)

    def debris() -> Sound:
        made = (METAL, GLASS, WOOD, STONE)[int(take.rng.integers(4))]
        return struck(take.part(0.25), made, take.uniform(400.0, 4200.0), 0.9, 0.15) * take.uniform(0.05, 0.35)

    return 1.5 * blow + 0.5 * sheet + sequence(take, times, debris)


def bounce(take: Take) -> Sound:
    """A ball bounces: each time lower and sooner by the same ratio, until it lies."""
    ratio, time, step, times = take.uniform(0.76, 0.8), 0.0, take.by("size", 0.34, 0.62), []
    while step > 0.02 and time < take.seconds:
        times.append(time)
        time, step = time + step, step * ratio
    level = iter(ratio ** np.arange(len(times)))
    low = take.by("size", 420.0, 110.0)

    def touch() -> Sound:
        part = take.part(0.18)
        skin = sine(part, low * (1.0 + 0.3 * np.exp(-part.time_s / 0.01))) * fall(part, 0.12)
        return np.asarray((skin + 0.4 * struck(part, RUBBER, 2.2 * low, 0.5)) * next(level), dtype=np.float64)

    return sequence(take, times, touch)


def scrape(take: Take) -> Sound:
    """Something is dragged over a rough floor: grains of friction through its resonances."""
    from_hz, speed = take.uniform(300.0, 380.0), 0.3 + 0.7 * np.abs(np.sin(np.pi * take.place * max(take.seconds, 1.0)))
    rough = white(take) * (take.rng.random(take.frames) < 0.08 * speed)
    rasp = filtered(
        rough, lambda hz: edges(hz, 220.0, 5000.0, 1) * (1.0 + 3.0 * np.exp(-((hz / from_hz - 2.2) ** 2) * 4.0))
    )
    return rasp * speed * np.minimum(1.0, 8.0 * np.minimum(take.place, 1.0 - take.place))


def boing(take: Take) -> Sound:
    """A spring: a pitch that swings up and down as it fades."""
    rate, low = take.by("speed", 9.0, 18.0), take.by("size", 330.0, 130.0)
    hertz = (
        low
        * 2.0 ** (0.35 * np.sin(2.0 * np.pi * rate * take.time_s) * np.exp(-take.time_s / 0.5))
        * (1.0 + 0.5 * take.place)
    )
    place = 2.0 * np.pi * turns(take, hertz)
    return (np.sin(place) + 0.5 * np.sin(3.01 * place) + 0.3 * np.sin(5.03 * place)) * fall(take, 1.1)


RECIPES = {
    "impact": hit(impact, 3.5, 4.0),
    "thud": hit(thud, 0.6, 1.6),
    "punch": hit(punch, 0.35, 0.9),
    "metal_clang": hit(clang, 2.6, 2.2),
    "anvil": hit(anvil, 1.6, 1.1),
    "sword": hit(sword, 1.6, 1.3),
    "chain": gesture(chain, 6.0, 7.0),
    "wood_hit": hit(wood_hit, 0.5, 0.9),
    "stone_hit": hit(stone_hit, 1.3, 2.0),
    "glass_break": hit(glass_break, 2.0, 3.0),
    "glass_clink": hit(glass_clink, 1.6, 1.6),
    "crash": hit(crash, 2.6, 4.0),
    "bounce": hit(bounce, 2.8, 3.2),
    "scrape": gesture(scrape, 3.0, 3.4),
    "boing": hit(boing, 1.3, 1.6),
}
