"""Places: layers of what is heard there."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import scattered
from soundrack.composition.foley.noise import Sound, coloured, edges, filtered, wander
from soundrack.composition.foley.recipe import bed
from soundrack.composition.foley.recipes.animals import crickets
from soundrack.composition.foley.recipes.birds import owl, seagull, songbirds
from soundrack.composition.foley.recipes.household import plates
from soundrack.composition.foley.recipes.interfaces import typing
from soundrack.composition.foley.recipes.machines import fan, hum, printer
from soundrack.composition.foley.recipes.people import murmur
from soundrack.composition.foley.recipes.signals import phone
from soundrack.composition.foley.recipes.vehicles import traffic
from soundrack.composition.foley.recipes.water import drip, sea
from soundrack.composition.foley.recipes.weather import wind
from soundrack.composition.foley.space import panned, roomed, stereo
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import sine


def _at(sound: Sound, level: float) -> Sound:
    """Return a layer with two channels at a level."""
    wide = stereo(sound)
    return np.asarray(level * wide / (np.sqrt(np.mean(wide * wide)) + 1e-9), dtype=np.float64)


def cafe(take: Take) -> Sound:
    """A café: people, cups, a hiss of milk now and then."""
    steam = coloured(take, 1.0, 2500.0, 12000.0) * np.maximum(wander(take, 0.25) - 0.75, 0.0)
    return _at(murmur(take), 1.0) + 0.5 * panned(plates(take), wander(take, 0.8, -0.8, 0.8)) + 0.5 * panned(steam, 0.4)


def office(take: Take) -> Sound:
    """An office: air, keys, a telephone far away."""
    away = filtered(phone(take), lambda hz: edges(hz, 60.0, 1500.0, 1))
    talk = murmur(take).mean(axis=1)
    muffled = filtered(talk, lambda hz: edges(hz, 80.0, 700.0, 1))
    keys = typing(take)
    return (
        _at(fan(take), 0.5)
        + 1.2 * panned(keys, -0.5)
        + 0.03 * panned(away, 0.8)
        + _at(muffled, 0.25)
        + 0.05 * panned(printer(take), 0.7)
    )


def forest(take: Take) -> Sound:
    """A forest by day: leaves in the wind, birds near and far."""
    leaves = np.column_stack([coloured(take, -0.5, 1200.0, 9000.0) * wander(take, 0.4) ** 1.5 for _ in range(2)])
    return _at(wind(take), 0.25) + _at(leaves, 0.35) + 0.5 * songbirds(take)


def night(take: Take) -> Sound:
    """A night in the country: crickets, an owl, a little wind."""
    calls = scattered(take, 0.12, lambda: owl(take.part(2.4)), 1, 6.0)
    return crickets(take) + 0.5 * panned(calls, -0.6) + _at(wind(take), 0.04)


def beach(take: Take) -> Sound:
    """A beach: waves, gulls, children far away."""
    gulls = scattered(take, 0.25, lambda: seagull(take.part(2.2)), 2, 14.0)
    return _at(sea(take), 1.0) + 0.6 * panned(gulls, 0.5)


def room_tone(take: Take) -> Sound:
    """A quiet room: air and a trace of the mains."""

    def side() -> Sound:
        return coloured(take, -6.0, 30.0, 2500.0) * (0.95 + 0.05 * wander(take, 0.3))

    return np.column_stack([side(), side()]) + panned(0.06 * hum(take), 0.0)


def cave(take: Take) -> Sound:
    """A cave: drops in a long echo over a deep draught."""
    drops = roomed(panned(drip(take), 0.3), 3.2, 0.7, 4500.0, take.rng)
    draught = np.column_stack([coloured(take, -8.0, 30.0, 260.0) * wander(take, 0.3) for _ in range(2)])
    return drops + 0.06 * draught


def space(take: Take) -> Sound:
    """Outer space, as films have it: a deep drone whose partials drift."""
    out = np.zeros((take.frames, 2))
    for number in range(9):
        hertz = take.rate_hz(33.0 * (number + 1) * take.uniform(0.985, 1.015))
        out += panned(sine(take, hertz) * wander(take, 0.2) ** 2 / (number + 1) ** 0.8, take.uniform(-0.8, 0.8))
    return out + 0.15 * np.column_stack([coloured(take, -7.0, 30.0, 500.0) * wander(take, 0.2) for _ in range(2)])


def city(take: Take) -> Sound:
    """A city's street: traffic and people who pass."""
    return _at(traffic(take), 1.0) + _at(murmur(take), 0.28)


def dark_ambience(take: Take) -> Sound:
    """A place that one should leave: a low cluster, distant metal, breath-like wind."""
    low = sum(
        (sine(take, take.rate_hz(hertz)) * wander(take, 0.25) for hertz in (41.0, 43.6, 61.0, 87.1, 92.3)),
        np.zeros(take.frames),
    )
    return (
        panned(low, 0.0)
        + _at(wind(take), 0.3)
        + 0.2 * np.column_stack([coloured(take, -9.0, 25.0, 200.0) for _ in range(2)])
    )


RECIPES = {
    "cafe": bed(cafe),
    "office": bed(office),
    "forest": bed(forest),
    "night": bed(night),
    "beach": bed(beach),
    "room_tone": bed(room_tone),
    "cave": bed(cave),
    "space": bed(space),
    "street": bed(city),
    "dark_ambience": bed(dark_ambience),
}
