"""Doors, and feet on their way to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soundrack.composition.foley.grains import bubble, scattered, sequence
from soundrack.composition.foley.modes import METAL, STONE, WOOD, resonated, struck
from soundrack.composition.foley.noise import Sound, band, coloured, edges, filtered, wander, white
from soundrack.composition.foley.recipe import Recipe, bed, gesture, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall, pulses, sine

_PANEL_HZ = (92.0, 151.0, 214.0, 296.0, 385.0, 520.0, 760.0)


def door_close(take: Take) -> Sound:
    """A door falls shut: the panel's modes, then the latch."""
    size = take.by("size", 1.5, 0.75)
    panel = sum((struck(take, WOOD, size * hertz, 0.45, 1.3) for hertz in (110.0, 172.0)), np.zeros(take.frames))
    latch = sequence(
        take, [0.0, 0.055], lambda: struck(take.part(0.12), METAL, take.uniform(1300.0, 1900.0), 0.85, 0.05)
    )
    return panel + 0.35 * latch + 0.3 * coloured(take, -6.0, 60.0, 1200.0) * fall(take, 0.1)


def door_slam(take: Take) -> Sound:
    """A door is thrown shut: the room answers, the frame rattles."""
    size = take.by("size", 1.4, 0.7)
    boom = sine(take, 64.0 * size * (1.0 + 0.6 * np.exp(-take.time_s / 0.03))) * fall(take, 0.45)
    crack = coloured(take, -3.0, 90.0, 6000.0) * fall(take, 0.09)
    panel = struck(take, WOOD, 96.0 * size, 0.8, 2.2)
    rattle = sequence(
        take,
        0.05 + np.cumsum(take.rng.uniform(0.02, 0.07, 6)),
        lambda: struck(take.part(0.1), METAL, 1500.0, 0.8, 0.05),
    )
    return 1.2 * boom + crack + panel + 0.12 * rattle


def door_creak(take: Take) -> Sound:
    """A hinge sticks and slips: pulses whose rate wanders, through a wooden panel (Farnell, 2010, chapter 32)."""
    effort = np.sin(np.pi * take.place) ** 0.6
    rate = take.by("speed", 26.0, 70.0) * (0.5 + 1.3 * wander(take, 1.4)) * (0.35 + effort)
    slips = pulses(take, rate, 0.5) * effort
    wood = resonated(
        slips,
        [1.0 * h * take.uniform(0.98, 1.02) for h in (430.0, 640.0, 1010.0, 1530.0, 2240.0, 2900.0)],
        [0.05, 0.045, 0.035, 0.03, 0.022, 0.018],
        [1.0, 0.8, 1.0, 0.7, 0.5, 0.3],
    )
    return wood + 0.3 * resonated(slips, _PANEL_HZ, [0.08] * 7, [0.5] * 7)


def knock(take: Take) -> Sound:
    """Knuckles on a wooden door, three times unless told otherwise."""
    times = take.by("speed", 0.3, 0.15) * np.arange(take.character.count or 3)
    low = take.by("size", 260.0, 130.0)

    def rap() -> Sound:
        part = take.part(0.25)
        return (
            struck(part, WOOD, low * take.uniform(0.97, 1.03), 0.5, 1.5)
            + 0.5 * sine(part, 0.55 * low) * fall(part, 0.09)
        ) * take.uniform(0.75, 1.0)

    return sequence(take, times, rap)


def metal_door(take: Take) -> Sound:
    """A heavy gate of steel falls shut in its frame."""
    low = take.by("size", 150.0, 70.0)
    gate = struck(take, METAL, low, 0.7, 0.7) + struck(take, METAL, 1.57 * low, 0.75, 0.5)
    return gate + 1.6 * sine(take, 0.6 * low) * fall(take, 0.5) + coloured(take, -4.0, 60.0, 3500.0) * fall(take, 0.12)


def sliding_door(take: Take) -> Sound:
    """A door of a spaceship or a lift: air, a motor that speeds up and slows, a stop."""
    shape = np.sin(np.pi * take.place) ** 0.35
    air = band(take, 2600.0, 0.8) * np.exp(-3.0 * take.place)
    motor = sine(take, 180.0 + 240.0 * np.sin(np.pi * take.place)) + 0.5 * sine(
        take, 540.0 + 720.0 * np.sin(np.pi * take.place)
    )
    stop = sequence(take, [0.88 * take.seconds], lambda: struck(take.part(0.2), METAL, 260.0, 0.5, 0.12))
    return (0.5 * air + 0.25 * motor) * shape + 0.8 * stop


def _walk(take: Take, step: Callable[[Take], Sound]) -> Sound:
    """Return steps: two feet that differ a little, heel before toe."""
    rate = take.by("speed", 1.35, 3.2)
    times = take.times_s(rate, 0.1)
    loud = iter(np.where(np.arange(len(times)) % 2, 1.0, 0.82) * take.rng.uniform(0.85, 1.0, len(times)))
    toe_s = 0.16 / rate

    def foot() -> Sound:
        part = take.part(0.5)
        heel, toe = step(part), step(part)
        late = int(toe_s * 44100)
        heel[late:] += 0.45 * toe[: len(toe) - late]
        return np.asarray(heel * next(loud), dtype=np.float64)

    return sequence(take, times, foot)


def steps_wood(take: Take) -> Sound:
    """On boards."""
    low = take.by("size", 190.0, 95.0)
    return _walk(
        take,
        lambda part: (
            struck(part, WOOD, low * take.uniform(0.95, 1.05), 0.4, 1.6)
            + 0.3 * coloured(part, -4.0, 200.0, 2500.0) * fall(part, 0.04)
        ),
    )


def steps_stone(take: Take) -> Sound:
    """On stone, in shoes with hard heels."""
    low = take.by("size", 760.0, 420.0)
    return _walk(
        take,
        lambda part: (
            struck(part, STONE, low * take.uniform(0.95, 1.08), 0.8, 0.8)
            + 0.15 * band(part, 2600.0, 0.7) * fall(part, 0.05)
        ),
    )


def steps_metal(take: Take) -> Sound:
    """On a grating or a stair of metal."""
    low = take.by("size", 330.0, 190.0)
    return _walk(take, lambda part: struck(part, METAL, low * take.uniform(0.97, 1.03), 0.55, 0.16))


def _crunch(
    take: Take, rate_hz: float, low_hz: float, high_hz: float, length_s: float, sharp: int
) -> Callable[[Take], Sound]:
    """Return a step onto many small things: grains under a foot that settles."""

    def step(part: Take) -> Sound:
        press = np.minimum(part.time_s / 0.025, 1.0) * np.exp(-part.time_s / length_s)
        grains = scattered(
            part, rate_hz, lambda: white(take, 8 * sharp) * np.exp(-np.arange(8 * sharp) / sharp), 6, 26.0
        )
        return filtered(grains * press, lambda hz: edges(hz, low_hz, high_hz))

    return step


def steps_gravel(take: Take) -> Sound:
    """On gravel (grains after Farnell, 2010, chapter 34)."""
    return _walk(take, _crunch(take, 700.0, 900.0, 7000.0, 0.09, 30))


def steps_snow(take: Take) -> Sound:
    """In snow: finer grains, longer, with the creak of what is pressed together."""
    crunch = _crunch(take, 2600.0, 350.0, 3200.0, 0.14, 55)

    def step(part: Take) -> Sound:
        creak = band(part, 640.0, 0.15) * np.exp(-0.5 * ((part.time_s - 0.11) / 0.05) ** 2)
        return crunch(part) + 0.02 * creak

    return _walk(take, step)


def steps_leaves(take: Take) -> Sound:
    """In dry leaves and grass."""
    return _walk(take, _crunch(take, 330.0, 2800.0, 13000.0, 0.16, 18))


def steps_water(take: Take) -> Sound:
    """Through puddles."""

    def step(part: Take) -> Sound:
        splash = (
            filtered(white(part), lambda hz: edges(hz, 700.0, 6000.0))
            * np.minimum(part.time_s / 0.02, 1.0)
            * np.exp(-part.time_s / 0.07)
        )
        drops = scattered(part, 60.0, lambda: bubble(take, take.uniform(500.0, 2600.0)), 8) * np.exp(-part.time_s / 0.2)
        return 0.35 * splash + 0.6 * drops

    return _walk(take, step)


RECIPES: dict[str, Recipe] = {
    "door_close": hit(door_close, 0.9, 2.2),
    "door_slam": hit(door_slam, 1.4, 2.6),
    "door_creak": gesture(door_creak, 6.0, 6.5),
    "metal_door": hit(metal_door, 2.6, 3.2),
    "sliding_door": gesture(sliding_door, 2.2, 3.2),
    "knock": hit(knock, 1.6, 2.6, is_counted=True),
    "footsteps_wood": bed(steps_wood),
    "footsteps_stone": bed(steps_stone),
    "footsteps_metal": bed(steps_metal),
    "footsteps_gravel": bed(steps_gravel),
    "footsteps_snow": bed(steps_snow),
    "footsteps_leaves": bed(steps_leaves),
    "footsteps_water": bed(steps_water),
}
