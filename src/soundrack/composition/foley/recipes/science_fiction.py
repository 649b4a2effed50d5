"""What nobody has heard: lasers, spaceships, magic, and what breaks in a machine."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import GLASS, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, gesture, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import driven, fall, modulated, saw, sine, square, throat


def laser(take: Take) -> Sound:
    """A shot of light: a tone that falls four octaves within a quarter of a second."""
    high = take.by("size", 5200.0, 2200.0)
    hertz = 90.0 + high * np.exp(-take.time_s / take.by("speed", 0.09, 0.045))
    return driven(modulated(take, hertz, 1.5, 1.2) + 0.3 * saw(take, hertz), 1.3) * fall(take, 0.34)


def spaceship(take: Take) -> Sound:
    """An engine of a spaceship: a deep chord that throbs, a shimmer above."""
    low = take.rate_hz(take.by("size", 62.0, 36.0))
    throb = 0.75 + 0.25 * np.sin(2.0 * np.pi * take.rate_hz(2.2) * take.time_s)
    deep = saw(take, low) + saw(take, take.rate_hz(1.006 * low)) + 0.6 * saw(take, take.rate_hz(1.5 * low))
    dull = filtered(deep, lambda hz: 1.0 / (1.0 + (hz / 260.0) ** 2))
    shimmer = sine(take, take.rate_hz(18.02 * low)) * wander(take, 0.8)

    def side() -> Sound:
        return dull * throb + 0.35 * coloured(take, -6.0, 40.0, 700.0) + 0.03 * shimmer

    return np.column_stack([side(), side()])


def teleport(take: Take) -> Sound:
    """Something dissolves: bells that rise ever quicker into noise, and a drop."""
    rise = take.place**1.5
    hertz = 220.0 * 2.0 ** (4.5 * rise)
    beat = 0.5 + 0.5 * np.sin(2.0 * np.pi * np.cumsum(6.0 + 40.0 * rise) / 44100.0)
    tone = modulated(take, hertz, 1.414, 3.0 * (1.0 - take.place)) * beat
    glitter = moved(white(take), lambda hz, at: bell(hz, 900.0 * 12.0**at, 0.25))
    shape = np.minimum(np.minimum(take.place / 0.05, 1.0), (1.0 - take.place) / 0.1)
    return panned((0.7 * tone + 0.5 * glitter * take.place) * shape, 0.7 * np.sin(30.0 * rise))


def magic(take: Take) -> Sound:
    """A spell: a run of small bells upwards that scatters, with air below it."""
    times = np.sort(take.rng.random(34) ** 1.2 * 1.3)

    def chime() -> Sound:
        step = int(take.rng.choice((0, 2, 4, 7, 9))) + 12 * int(take.rng.integers(0, 3))
        return struck(take.part(0.9), GLASS, 1046.5 * 2.0 ** (step / 12.0), 0.8, 0.8) * take.uniform(0.1, 0.5)

    left, right = sequence(take, times, chime), sequence(take, times + 0.011, chime)
    air = moved(white(take), lambda hz, at: bell(hz, 1500.0 + 5000.0 * at, 0.5)) * np.exp(
        -0.5 * ((take.time_s - 0.8) / 0.5) ** 2
    )
    return np.column_stack([left, right]) + 0.06 * panned(air, 0.0)


def force_field(take: Take) -> Sound:
    """A field: a hum that beats, with charges that run through it."""
    low = take.rate_hz(take.by("size", 120.0, 70.0))
    buzz = square(take, low, 0.3) + 0.7 * saw(take, take.rate_hz(2.003 * low))
    sweep = wander(take, 1.6)
    curve_ = sweep[:: max(take.frames // 2000, 1)]
    at_ = np.linspace(0.0, 1.0, len(curve_))
    moved_ = moved(buzz, lambda hz, at: bell(hz, 300.0 * 8.0 ** np.interp(at, at_, curve_), 0.35) + 0.1)
    zaps = scattered(
        take,
        3.0,
        lambda: band(take, take.uniform(3000.0, 7000.0), 0.3, 1500) * np.exp(-np.arange(1500) / 300.0),
        8,
        14.0,
    )
    return moved_ + 0.12 * zaps


def computer(take: Take) -> Sound:
    """A computer of the future thinks: random tones in a fixed rhythm."""
    rate = take.rate_hz(take.by("speed", 7.0, 16.0))
    steps = (np.arange(int(take.seconds * rate) + 1) + 0.3) / rate

    def tone() -> Sound:
        part = take.part(0.8 / rate)
        hertz = 500.0 * 2.0 ** (take.rng.integers(0, 12) / 4.0)
        shape = np.minimum(1.0, 40.0 * np.minimum(part.place, 1.0 - part.place))
        return square(part, hertz) * shape * (take.rng.random() < 0.75)

    return 0.5 * sequence(take, steps[steps < take.seconds], tone)


def alien(take: Take) -> Sound:
    """An alien speaks: vowels of no throat, modulated by a ring."""

    def word() -> Sound:
        part = take.part(take.uniform(0.25, 0.7))
        hertz = take.uniform(110.0, 260.0) * (1.0 + 0.5 * np.sin(2.0 * np.pi * take.uniform(1.0, 4.0) * part.place))
        source = saw(part, hertz) * np.sin(2.0 * np.pi * take.uniform(38.0, 90.0) * part.time_s)
        ends = [(0.0, tuple(take.rng.uniform((300.0, 1200.0, 2600.0), (1300.0, 2600.0, 4200.0)))) for _ in range(2)]
        made = throat(source, [ends[0], (1.0, ends[1][1])], 0.1)
        return made * np.sin(np.pi * part.place) ** 0.5

    return sequence(take, take.times_s(1.8, 0.5), word)


def glitch(take: Take) -> Sound:
    """Data that is broken: blocks of tone, noise and silence that repeat."""
    out, start = np.zeros(take.frames), 0
    while start < take.frames:
        block = take.part(float(take.rng.choice([0.012, 0.025, 0.05, 0.09])))
        kind = take.rng.integers(4)
        if kind == 0:
            made = white(block)
        elif kind == 1:
            made = square(block, take.uniform(80.0, 3500.0))
        elif kind == 2:
            made = np.round(2.0 * modulated(block, take.uniform(100.0, 900.0), 2.7, 6.0)) / 2.0
        else:
            made = np.zeros(block.frames)
        for _ in range(int(take.rng.integers(1, 7))):
            stop = min(start + len(made), take.frames)
            out[start:stop] = made[: stop - start]
            start = stop
    return out


def tape_stop(take: Take) -> Sound:
    """A machine runs down: a chord's pitch and brightness fall to nothing."""
    speed = take.uniform(0.9, 1.1) * np.maximum(1.0 - take.place, 0.0) ** 0.8 + 1e-4
    chord = sum((saw(take, hertz * speed) for hertz in (220.0, 277.2, 329.6, 440.0)), np.zeros(take.frames))
    return moved(chord, lambda hz, at: 1.0 / (1.0 + (hz / (6000.0 * (1.0 - at) ** 2 + 60.0)) ** 4)) * np.minimum(
        1.0, 6.0 * (1.0 - take.place)
    )


def power_down(take: Take) -> Sound:
    """A generator dies: a whine and a hum that sink."""
    speed = take.by("size", 1.2, 0.8) * np.exp(-2.6 * take.place)
    whine = sine(take, 1900.0 * speed) + 0.5 * sine(take, 2870.0 * speed)
    return (0.4 * whine + filtered(square(take, 110.0 * speed + 12.0), lambda hz: edges(hz, 30.0, 500.0))) * (
        1.0 - take.place
    ) ** 0.8


def power_charge(take: Take) -> Sound:
    """A capacitor is charged: a pure whine that rises, with a flutter that gets quicker."""
    rise = take.place
    flutter = 0.7 + 0.3 * np.sign(np.sin(2.0 * np.pi * np.cumsum(5.0 * 9.0**rise) / 44100.0))
    hertz = take.by("size", 225.0, 145.0) * 18.0**rise
    return (
        (sine(take, hertz) + 0.4 * sine(take, 2.5 * hertz) + 0.2 * saw(take, 0.25 * hertz))
        * flutter
        * (0.15 + 0.85 * rise)
    )


def ghost(take: Take) -> Sound:
    """Something that is not there: whispering bands and a tone that slides by microtones."""
    hertz = 300.0 * 2.0 ** (0.6 * wander(take, 0.5))
    tone = sine(take, hertz) * wander(take, 0.7) ** 1.5
    whisper = np.zeros((take.frames, 2))
    for place in (-0.8, 0.8):
        bands = throat(
            white(take),
            [
                (0.0, (400.0, 1700.0, 2600.0)),
                (0.3, (800.0, 1100.0, 2500.0)),
                (0.6, (350.0, 2200.0, 3000.0)),
                (1.0, (600.0, 900.0, 2400.0)),
            ],
            0.1,
        )
        whisper += panned(bands * np.maximum(wander(take, 3.0) - 0.4, 0.0), place)
    return panned(0.7 * tone, wander(take, 0.3, -0.7, 0.7)) + 0.8 * whisper


RECIPES = {
    "laser": hit(laser, 0.4, 0.7),
    "spaceship": bed(spaceship),
    "teleport": gesture(teleport, 3.0, 3.6),
    "magic": hit(magic, 2.4, 3.0),
    "force_field": bed(force_field),
    "computer": bed(computer),
    "alien": bed(alien),
    "glitch": bed(glitch),
    "tape_stop": gesture(tape_stop, 2.4, 3.2),
    "power_down": gesture(power_down, 5.0, 5.5),
    "power_charge": gesture(power_charge, 6.0, 6.0),
    "ghost": bed(ghost),
}
