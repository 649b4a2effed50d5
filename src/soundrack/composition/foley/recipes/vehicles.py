"""Engines on roads, rails, water and in the air.

Engines are impulses of their cylinders through pipes (Farnell, 2010, chapters 45 to 48).
"""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import sequence
from soundrack.composition.foley.modes import METAL, resonated, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, gesture, hit
from soundrack.composition.foley.space import panned, passing
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import curve, driven, pulses, saw, sine


def _motor(take: Take, firing_hz: float | Sound, pipe_hz: float, uneven: float, grit: float) -> Sound:
    """Return an engine: its firing through the modes of a pipe, cylinders that differ, and what grinds."""
    fired = pulses(take, firing_hz, uneven)
    pipe = resonated(
        fired,
        [pipe_hz * ratio for ratio in (1.0, 2.1, 3.2, 5.3, 8.1)],
        [0.09, 0.07, 0.05, 0.03, 0.02],
        [1.0, 0.8, 0.6, 0.4, 0.3],
    )
    turning = np.cumsum(np.broadcast_to(np.asarray(firing_hz, dtype=np.float64), take.frames)) / 44100.0
    noise = coloured(take, -3.0, 120.0, 5000.0) * (0.4 + 0.6 * np.maximum(np.cos(2.0 * np.pi * turning), 0.0) ** 2)
    return driven(pipe / (np.std(pipe) + 1e-9), 0.8) + grit * noise


def idle(take: Take) -> Sound:
    """A car stands with its engine running."""
    firing = take.rate_hz(take.by("speed", 20.0, 32.0)) * (1.0 + 0.015 * wander(take, 3.0, -1.0, 1.0))
    return _motor(take, firing, take.by("size", 110.0, 60.0), 0.35, 0.16)


def revving(take: Take) -> Sound:
    """An engine is revved: up and down, twice."""
    shape = np.maximum(np.sin(2.0 * np.pi * 2.0 * take.place - 0.6), 0.0) ** 0.7
    return _motor(take, 28.0 + take.by("intensity", 90.0, 190.0) * shape, 120.0, 0.2, 0.25) * (0.35 + 0.65 * shape)


def motorcycle(take: Take) -> Sound:
    """A motorcycle: two uneven cylinders, rough, through its gears."""
    gear = take.place * 3.0
    speed = 34.0 + 15.0 * np.floor(gear) * 0.5 + 46.0 * (gear - np.floor(gear)) ** 0.8
    even = _motor(take, speed * take.by("size", 1.3, 0.75), 190.0, 0.5, 0.3)
    return driven(1.4 * even, 2.5)


def diesel(take: Take) -> Sound:
    """A truck or a tractor: slow hard knocks."""
    firing = take.rate_hz(take.by("speed", 9.0, 17.0))
    knocks = pulses(take, firing, 0.25)
    block = resonated(
        knocks, [70.0, 145.0, 420.0, 930.0, 1640.0], [0.12, 0.08, 0.03, 0.02, 0.012], [1.0, 0.8, 0.6, 0.55, 0.4]
    )
    return block / (np.std(block) + 1e-9) + 0.22 * coloured(take, -4.0, 60.0, 2500.0)


def car_pass(take: Take) -> Sound:
    """A car passes: tyres and an engine with the Doppler effect."""
    tyres = coloured(take, -2.5, 150.0, 6000.0)
    engine = _motor(take, take.by("size", 95.0, 62.0), 130.0, 0.15, 0.1)
    return passing(0.9 * tyres + 0.5 * engine, take.by("speed", 11.0, 42.0), 5.0, 0.5, 1.2)


def skid(take: Take) -> Sound:
    """Tyres screech: a rough tone that sticks and slips, then stops."""
    hertz = (720.0 - 170.0 * take.place) * take.by("size", 1.2, 0.85) * (1.0 + 0.03 * wander(take, 22.0, -1.0, 1.0))
    squeal = saw(take, hertz) + 0.7 * saw(take, 1.483 * hertz) + 0.6 * band(take, 1500.0, 0.4)
    heard = filtered(driven(squeal, 1.5), lambda hz: bell(hz, 1400.0, 0.8) + 0.05)
    return heard * curve(take, [(0.0, 0.0), (0.06, 1.0), (0.8, 0.8), (1.0, 0.0)]) + 0.05 * coloured(take, -2.0) * (
        1.0 - take.place
    )


def horn(take: Take) -> Sound:
    """A car's horn: two reeds a third apart."""
    low = take.by("size", 440.0, 290.0, 0.02)
    chord = saw(take, low) + saw(take, 1.26 * low)
    ends = np.minimum(np.minimum(take.time_s, (take.frames / 44100.0) - take.time_s) * 60.0, 1.0)
    return filtered(driven(chord, 2.0), lambda hz: bell(hz, 2.2 * low, 1.3) + 0.4 * bell(hz, 3000.0, 0.5)) * ends


def foghorn(take: Take) -> Sound:
    """A ship's horn: one very low note."""
    low = take.by("size", 130.0, 72.0, 0.02)
    ends = np.minimum(np.minimum(take.time_s / 0.25, (take.frames / 44100.0 - take.time_s) / 0.5), 1.0)
    return filtered(
        driven(saw(take, low * (1.0 - 0.03 * np.exp(-take.time_s / 0.2))), 3.0), lambda hz: edges(hz, 50.0, 650.0)
    ) * np.maximum(ends, 0.0)


def bicycle(take: Take) -> Sound:
    """A bicycle's bell: two quick strokes on a cup."""
    low = take.by("size", 2300.0, 1700.0)
    ring = np.array([0.0, 0.07, 0.14, 0.21, 0.45, 0.52, 0.59, 0.66])
    return sequence(take, ring, lambda: struck(take.part(0.9), METAL, low, 0.9, 0.5) * take.uniform(0.6, 1.0))


def train(take: Take) -> Sound:
    """A train, from within or beside: the rails' joints in pairs over a rolling roar."""
    rate = take.rate_hz(take.by("speed", 0.75, 1.9))
    pairs = [(turn + beat) / rate for turn in range(int(take.seconds * rate) + 1) for beat in (0.2, 0.32, 0.58, 0.7)]

    def joint() -> Sound:
        part = take.part(0.3)
        return struck(part, METAL, take.uniform(150.0, 175.0), 0.45, 0.09) + 0.9 * sine(part, 68.0) * np.exp(
            -part.time_s / 0.035
        )

    roll = coloured(take, -5.0, 45.0, 2500.0) * (0.8 + 0.2 * wander(take, 1.5))
    return 0.6 * roll + sequence(take, [time for time in pairs if time < take.seconds], joint)


def steam_train(take: Take) -> Sound:
    """A steam engine: four puffs a turn, the first strongest."""
    rate = take.rate_hz(take.by("speed", 2.6, 6.0))
    part, number = (take.time_s * rate) % 1.0, np.floor(take.time_s * rate) % 4.0
    puff = np.minimum(part / 0.06, 1.0) * np.exp(-part / 0.22) * np.where(number == 0.0, 1.0, 0.7)
    steam = coloured(take, -2.5, 150.0, 5000.0)
    return np.asarray(steam * puff + 0.08 * steam + 0.12 * coloured(take, -7.0, 30.0, 250.0), dtype=np.float64)


def train_whistle(take: Take) -> Sound:
    """A steam whistle: a chord of three pipes that sags at its end, with breath."""
    sag = 1.0 - 0.06 * np.maximum(take.place - 0.8, 0.0) * 5.0
    low = take.by("size", 380.0, 270.0, 0.02)
    chord = sum(
        (sine(take, low * ratio * sag) + 0.25 * sine(take, 2.0 * low * ratio * sag) for ratio in (1.0, 1.189, 1.498)),
        np.zeros(take.frames),
    )
    ends = np.minimum(np.minimum(take.place / 0.05, (1.0 - take.place) / 0.12), 1.0)
    return (chord + 0.5 * band(take, 2000.0, 0.8)) * ends


def jet(take: Take) -> Sound:
    """A jet passes overhead: a roar whose top closes, turbines that whine before it."""
    whine = sine(take, 2900.0) + 0.6 * sine(take, 3710.0)
    roar = moved(
        white(take),
        lambda hz, at: (
            (hz / 100.0) ** -0.5 * edges(hz, 40.0, 9000.0) / (1.0 + (hz / (7000.0 * np.exp(-2.2 * at))) ** 2)
        ),
    )
    sound = roar / (np.std(roar) + 1e-9) + 0.16 * whine * (1.0 - take.place) ** 2
    swell = np.exp(-0.5 * ((take.place - 0.45) / 0.2) ** 2) + 0.03
    return passing(sound, take.by("speed", 60.0, 130.0), 60.0, 0.45, 0.3) * swell[:, None]


def airliner(take: Take) -> Sound:
    """In a cabin: a steady rush, two engines that beat."""

    def side() -> Sound:
        rush = coloured(take, -4.5, 50.0, 6000.0)
        engines = (
            sine(take, take.rate_hz(98.0)) + sine(take, take.rate_hz(99.3)) + 0.4 * sine(take, take.rate_hz(196.0))
        )
        return rush + 0.22 * engines

    return np.column_stack([side(), side()])


def propeller(take: Take) -> Sound:
    """A small aeroplane: a propeller's blades and an engine at half their rate."""
    blades = take.rate_hz(take.by("speed", 62.0, 105.0))
    drone = saw(take, blades) + 0.6 * saw(take, 0.5 * blades) + 0.3 * saw(take, 1.5 * blades)
    return filtered(driven(drone, 1.2), lambda hz: edges(hz, 50.0, 1600.0, 1)) * (
        0.9 + 0.1 * wander(take, 1.0)
    ) + 0.15 * coloured(take, -4.0)


def helicopter(take: Take) -> Sound:
    """A helicopter: the main rotor's slaps and the tail's hum (Farnell, 2010, chapter 48)."""
    rate = take.rate_hz(take.by("speed", 9.0, 15.0))
    part = (take.time_s * rate + 0.4) % 1.0
    slap = np.exp(-0.5 * ((part - 0.5) / 0.09) ** 2)
    wash = coloured(take, -4.5, 40.0, 3500.0) * (0.18 + slap)
    hum = saw(take, take.rate_hz(rate * 5.7))
    return (
        wash
        + 0.7 * filtered(slap - slap.mean(), lambda hz: edges(hz, 25.0, 300.0, 1))
        + 0.07 * filtered(hum, lambda hz: edges(hz, 100.0, 1500.0))
    )


def boat(take: Take) -> Sound:
    """A small boat's engine in the water: a slow putter, and the water along the hull."""
    firing = take.rate_hz(take.by("speed", 5.0, 11.0))
    putter = resonated(pulses(take, firing, 0.3), [95.0, 180.0, 310.0], [0.12, 0.08, 0.05], [1.0, 0.7, 0.3])
    wash = coloured(take, -1.5, 400.0, 5000.0) * (0.3 + 0.7 * wander(take, 1.1))
    return putter / (np.std(putter) + 1e-9) + 0.2 * wash


def traffic(take: Take) -> Sound:
    """A street with traffic: cars that pass near and far over the town's hum, a horn somewhere."""
    out = panned(0.45 * coloured(take, -6.0, 40.0, 1200.0), 0.0)
    for start in take.times_s(0.38, 0.9):
        first = int(start * 44100)
        part = take.part(min(6.0, max((take.frames - first) / 44100.0, 0.05)))
        made = car_pass(part)[: take.frames - first] * take.uniform(0.15, 1.0)
        made = made * (np.sin(np.pi * part.place[: len(made)]) ** 1.5)[:, None]
        out[first : first + len(made)] += made[:, ::-1] if take.rng.random() < 0.5 else made
    honk = sequence(take, take.times_s(0.09, 1.0), lambda: horn(take.part(take.uniform(0.2, 0.6))))
    return out + 0.06 * panned(filtered(honk, lambda hz: edges(hz, 60.0, 1800.0, 1)), take.uniform(-0.7, 0.7))


RECIPES = {
    "engine_idle": bed(idle),
    "engine_rev": gesture(revving, 5.0, 5.5),
    "motorcycle": gesture(motorcycle, 9.0, 9.5),
    "truck": bed(diesel),
    "car_pass": gesture(car_pass, 7.0, 7.5, is_moving=True),
    "skid": gesture(skid, 2.2, 3.2),
    "car_horn": gesture(horn, 1.2, 1.8),
    "foghorn": gesture(foghorn, 4.0, 6.0),
    "bicycle_bell": hit(bicycle, 1.6, 2.4),
    "train": bed(train),
    "steam_train": bed(steam_train),
    "train_whistle": gesture(train_whistle, 2.6, 3.6),
    "jet": gesture(jet, 14.0, 14.0, is_moving=True),
    "airliner": bed(airliner),
    "propeller_plane": bed(propeller),
    "helicopter": bed(helicopter),
    "boat": bed(boat),
    "traffic": bed(traffic),
}
