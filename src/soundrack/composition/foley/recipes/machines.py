"""Machines, motors, tools and clocks."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import METAL, PLASTIC, STONE, WOOD, resonated, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, wander, white
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import driven, pulses, saw, sine, square


def drill(take: Take) -> Sound:
    """A drill: a whine of its gears under load, grains of what it bites."""
    load = 0.85 + 0.15 * wander(take, 1.4)
    hertz = take.by("size", 520.0, 260.0) * load
    gears = saw(take, hertz) + 0.6 * saw(take, 2.01 * hertz) + 0.5 * square(take, 0.5 * hertz)
    bite = white(take) * (take.rng.random(take.frames) < 0.02) * 4.0
    return filtered(driven(0.7 * gears, 1.5), lambda hz: bell(hz, 1800.0, 1.5) + 0.2) + 0.5 * filtered(
        bite, lambda hz: bell(hz, 3200.0, 0.9)
    )


def jackhammer(take: Take) -> Sound:
    """A jackhammer: fifteen blows a second on stone."""
    rate = take.rate_hz(take.by("speed", 11.0, 19.0))
    blows = (np.arange(int(take.seconds * rate) + 1) + 0.4) / rate

    def blow() -> Sound:
        part = take.part(0.12)
        return struck(part, STONE, take.uniform(180.0, 240.0), 0.9, 1.4) + 0.5 * struck(part, METAL, 900.0, 0.8, 0.03)

    return sequence(take, blows, blow) + 0.1 * coloured(take, -2.0, 300.0, 9000.0)


def chainsaw(take: Take) -> Sound:
    """A chainsaw: a two-stroke engine that is driven hard."""
    pull = wander(take, 0.8)
    firing = take.by("size", 150.0, 95.0) * (0.75 + 0.5 * pull)
    pipe = resonated(
        pulses(take, firing, 0.35), [310.0, 690.0, 1250.0, 2400.0], [0.03, 0.025, 0.02, 0.012], [1.0, 1.0, 0.8, 0.6]
    )
    return driven(1.3 * pipe / (np.std(pipe) + 1e-9), 2.0) + 0.35 * coloured(take, 1.0, 2000.0, 9000.0) * pull


def hand_saw(take: Take) -> Sound:
    """A saw by hand: strokes of teeth on wood, forth and back."""
    rate = take.rate_hz(take.by("speed", 1.0, 2.4))
    stroke = np.abs(np.sin(np.pi * take.time_s * rate * 1.0)) ** 0.7
    forth = np.floor(take.time_s * rate) % 2.0
    teeth = pulses(take, 30.0 + 190.0 * stroke, 0.5)
    wood = resonated(teeth, [520.0, 1150.0, 2300.0, 3900.0], [0.02, 0.015, 0.01, 0.006], [1.0, 0.9, 0.9, 0.8])
    return (wood / (np.std(wood) + 1e-9) + 0.5 * band(take, 3000.0, 1.0)) * stroke * np.where(forth == 0.0, 1.0, 0.55)


def hammer(take: Take) -> Sound:
    """A hammer drives a nail: the pitch rises as it goes in."""
    count = take.character.count or 5
    pitch = iter(np.linspace(0.85, 1.15, count))

    def blow() -> Sound:
        part, at = take.part(0.4), next(pitch)
        return struck(part, WOOD, 230.0 * at, 0.7, 1.3) + 0.4 * struck(part, METAL, 2300.0 * at, 0.95, 0.05)

    return sequence(take, take.by("speed", 0.55, 0.28) * np.arange(count), blow)


def machinery(take: Take) -> Sound:
    """A factory: a press, a belt, a motor; each with its own period."""
    press, belt = take.rate_hz(take.by("speed", 0.9, 2.2)), take.rate_hz(6.0)

    def stroke() -> Sound:
        part = take.part(0.5)
        return struck(part, METAL, 110.0, 0.5, 0.25) + sine(part, 55.0) * np.exp(-part.time_s / 0.08)

    strokes = sequence(take, (np.arange(int(take.seconds * press) + 1) + 0.3) / press, stroke)
    ticks = sequence(
        take,
        (np.arange(int(take.seconds * belt) + 1) + 0.6) / belt,
        lambda: struck(take.part(0.08), METAL, 1900.0, 0.7, 0.04),
    )
    hiss = coloured(take, 0.0, 2000.0, 12000.0) * np.exp(-(((take.time_s * press + 0.2) % 1.0) / 0.15))
    motor = saw(take, take.rate_hz(50.0)) + 0.4 * saw(take, take.rate_hz(149.0))
    return strokes + 0.2 * ticks + 0.12 * hiss + 0.14 * filtered(motor, lambda hz: edges(hz, 40.0, 900.0))


def fan(take: Take) -> Sound:
    """A fan or an air conditioner: air cut by blades over a mains hum."""
    rate = take.rate_hz(take.by("speed", 14.0, 34.0))
    air = coloured(take, -3.5, 90.0, 4500.0) * (1.0 + 0.22 * np.sin(2.0 * np.pi * rate * take.time_s))
    return air + 0.22 * sine(take, take.rate_hz(100.0)) + 0.1 * sine(take, take.rate_hz(200.0))


def hum(take: Take) -> Sound:
    """A fridge, a transformer: the mains and its harmonics."""
    mains = take.rate_hz(60.0 if take.rng.random() < 0.5 else 50.0)
    chord = sum(
        (
            sine(take, mains * number) * level
            for number, level in ((1, 0.5), (2, 1.0), (3, 0.3), (4, 0.6), (6, 0.35), (10, 0.12))
        ),
        np.zeros(take.frames),
    )
    return chord + 0.07 * coloured(take, -5.0, 60.0, 2500.0)


def vacuum(take: Take) -> Sound:
    """A vacuum cleaner: a turbine's whine in rushing air."""
    rise = 1.0 - np.exp(-take.time_s / 0.4) if take.loop_frames is None else np.ones(take.frames)
    whine = take.by("size", 620.0, 380.0) * (0.5 + 0.5 * rise) * (1.0 + 0.006 * wander(take, 1.0, -1.0, 1.0))
    return (0.28 * saw(take, whine) + 0.2 * sine(take, 2.0 * whine) + coloured(take, -1.2, 200.0, 9000.0)) * (
        0.2 + 0.8 * rise
    )


def washing_machine(take: Take) -> Sound:
    """A drum turns with water and clothes in it."""
    rate = take.rate_hz(take.by("speed", 0.7, 1.6))
    turn = 0.5 + 0.5 * np.sin(2.0 * np.pi * rate * take.time_s)
    slosh = coloured(take, -3.0, 150.0, 3000.0) * turn**2
    thump = sequence(
        take,
        (np.arange(int(take.seconds * rate) + 1) + 0.5) / rate,
        lambda: sine(take.part(0.3), 62.0) * np.exp(-take.part(0.3).time_s / 0.06),
    )
    motor = filtered(saw(take, take.rate_hz(118.0)), lambda hz: edges(hz, 80.0, 1400.0))
    return 0.6 * slosh + 0.6 * thump + 0.22 * motor


def printer(take: Take) -> Sound:
    """A printer: the carriage goes to and fro with its stepping motor."""
    rate = take.rate_hz(take.by("speed", 0.8, 1.8))
    sweep = np.sin(np.pi * take.time_s * rate)
    step = np.where(sweep > 0.0, 560.0, 470.0)
    tone = square(take, step) * (np.abs(sweep) > 0.25)
    slide = band(take, 2600.0, 0.5) * np.abs(sweep)
    turn = sequence(
        take, np.arange(int(take.seconds * rate) + 1) / rate, lambda: struck(take.part(0.1), PLASTIC, 480.0, 0.6, 1.0)
    )
    return 0.25 * filtered(tone, lambda hz: bell(hz, 1800.0, 1.2)) + 0.25 * slide + 0.8 * turn


def servo(take: Take) -> Sound:
    """A robot's joints: motors that start, whine and stop."""

    def move() -> Sound:
        part = take.part(take.uniform(0.18, 0.7))
        speed = np.minimum(1.0, 9.0 * np.minimum(part.place, 1.0 - part.place)) ** 0.6
        hertz = take.uniform(260.0, 760.0) * (0.45 + 0.55 * speed)
        whine = saw(part, hertz) + 0.6 * sine(part, 5.03 * hertz) + 0.4 * sine(part, 7.1 * hertz)
        return filtered(whine, lambda hz: bell(hz, 2000.0, 1.3)) * speed

    moves = sequence(take, take.times_s(take.by("speed", 1.2, 2.6), 0.6), move)
    stops = sequence(take, take.times_s(1.4, 0.6), lambda: struck(take.part(0.15), METAL, 620.0, 0.7, 0.05))
    return moves + 0.25 * stops


def clock(take: Take) -> Sound:
    """A clock: tick and tock, two sides of an escapement (Farnell, 2010, chapter 31)."""
    rate = take.rate_hz(take.by("speed", 1.0, 4.0, 0.0) / 2.0) * 2.0
    beats = (np.arange(int(take.seconds * rate) + 1) + 0.35) / rate
    pitch = iter(np.where(np.arange(len(beats)) % 2, 0.84, 1.0))
    low = take.by("size", 2500.0, 900.0)

    def tick() -> Sound:
        part, at = take.part(0.12), next(pitch)
        return struck(part, METAL, low * at, 0.85, 0.03) + 0.5 * struck(part, WOOD, 0.35 * low * at, 0.6, 0.8)

    return sequence(take, beats[beats < take.seconds], tick)


def clock_chime(take: Take) -> Sound:
    """A clock strikes: a rod of metal, every second and a half."""
    count = take.character.count or 3
    low = take.by("size", 420.0, 190.0)
    return sequence(take, 1.5 * np.arange(count), lambda: struck(take.part(3.0), METAL, low, 0.5, 1.6))


def electricity(take: Take) -> Sound:
    """Sparks and an arc: broken hum and sharp cracks."""
    broken = np.maximum(wander(take, 26.0) - 0.45, 0.0)
    arc = np.sign(np.sin(2.0 * np.pi * take.rate_hz(100.0) * take.time_s)) * white(take)
    snaps = scattered(
        take,
        take.by("intensity", 9.0, 40.0),
        lambda: white(take, 240) * np.exp(-np.arange(240) / take.uniform(4.0, 40.0)),
        12,
        24.0,
    )
    return (
        filtered(arc, lambda hz: edges(hz, 600.0, 9000.0)) * broken**1.5
        + 0.9 * snaps
        + 0.06 * square(take, take.rate_hz(100.0))
    )


def steam(take: Take) -> Sound:
    """Steam or gas escapes from a valve."""
    high = take.by("size", 6500.0, 2600.0)
    shape = 0.75 + 0.25 * wander(take, 2.0)
    return filtered(white(take), lambda hz: edges(hz, 0.35 * high, 16000.0) + 1.2 * bell(hz, high, 0.3)) * shape


def music_box_gears(take: Take) -> Sound:
    """A toy or a lock is wound up: a ratchet's clicks."""
    rate = take.by("speed", 12.0, 26.0)
    winds = (np.sin(2.0 * np.pi * take.rate_hz(0.9) * take.time_s) > -0.25).astype(np.float64)
    times = take.times_s(rate, 0.1)
    mine = [time for time in times if winds[min(int(time * 44100), take.frames - 1)] > 0.0]
    return sequence(take, mine, lambda: struck(take.part(0.06), METAL, take.uniform(2800.0, 3100.0), 0.9, 0.03))


def generator(take: Take) -> Sound:
    """A generator: a small engine at a steady rate beside the hum that it makes."""
    rate = take.rate_hz(take.by("speed", 24.0, 30.0))
    block = resonated(pulses(take, rate, 0.12), [180.0, 410.0, 760.0], [0.06, 0.04, 0.03], [1.0, 0.7, 0.5])
    return panned(
        block / (np.std(block) + 1e-9) + 0.3 * sine(take, take.rate_hz(120.0)) + 0.12 * band(take, 1500.0, 1.0), 0.0
    )


RECIPES = {
    "drill": bed(drill),
    "jackhammer": bed(jackhammer),
    "chainsaw": bed(chainsaw),
    "hand_saw": bed(hand_saw),
    "hammer": hit(hammer, 3.0, 3.4, is_counted=True),
    "machinery": bed(machinery),
    "fan": bed(fan),
    "hum": bed(hum),
    "vacuum_cleaner": bed(vacuum),
    "washing_machine": bed(washing_machine),
    "printer": bed(printer),
    "robot": bed(servo),
    "clock": bed(clock),
    "clock_chime": hit(clock_chime, 6.0, 7.0, is_counted=True),
    "electricity": bed(electricity),
    "steam": bed(steam),
    "ratchet": bed(music_box_gears),
    "generator": bed(generator),
}
