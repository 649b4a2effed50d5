"""Explosions, guns and what flies from them."""

from __future__ import annotations

from functools import partial

import numpy as np

from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import METAL, WOOD, struck
from soundrack.composition.foley.noise import Sound, band, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, gesture, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import curve, driven, fall, sine
from soundrack.composition.instruments.tone import RATE_HZ


def explosion(take: Take) -> Sound:
    """A shock, a low rumble whose top falls as it burns out, and debris (Farnell, 2010, chapter 49)."""
    shock = driven(coloured(take, -1.5, 40.0, 12000.0) * fall(take, 0.12), 2.0)
    top, size = take.by("brightness", 1500.0, 4500.0), take.by("size", 1.2, 4.0)
    fire = moved(
        white(take),
        lambda hz, at: (
            (hz / 100.0) ** -0.9 * edges(hz, 28.0, 1.0e4) / (1.0 + (hz / (top * np.exp(-5.0 * at) + 120.0)) ** 2)
        ),
    )
    rumble = fire * (0.6 + 0.4 * wander(take, 14.0)) * fall(take, size, 0.008)
    low = sine(take, 48.0 * (1.0 + np.exp(-take.time_s / 0.08))) * fall(take, 0.9)
    rain = scattered(take, 22.0, lambda: struck(take.part(0.12), WOOD, take.uniform(300.0, 1500.0), 0.6), 5) * fall(
        take, size, 0.4
    )
    return driven(3.0 * rumble / (np.max(np.abs(rumble)) + 1e-9) + 0.9 * low + 0.8 * shock, 1.5) + 0.08 * rain


def firework(take: Take) -> Sound:
    """A rocket whistles up, bursts and crackles."""
    rise, time = 0.8 * take.uniform(0.9, 1.1), take.time_s
    whistle = sine(take, 1700.0 + 900.0 * np.minimum(time / rise, 1.0)) * (time < rise) * (0.1 + 0.2 * time / rise)
    hiss = band(take, 3800.0, 0.7) * (time < rise) * 0.06
    out = whistle + hiss
    start = min(int(rise * RATE_HZ), take.frames)
    rest = take.part(max((take.frames - start) / RATE_HZ, 0.01))
    burst = coloured(rest, -4.0, 45.0, 4000.0) * fall(rest, 0.7) + sine(rest, 70.0) * fall(rest, 0.3)
    crackle = scattered(rest, 60.0, lambda: white(take, 90) * np.exp(-np.arange(90) / 14.0), 6) * fall(rest, 2.2, 0.4)
    out[start:] += (burst + 0.4 * crackle)[: take.frames - start]
    return out


def gun(take: Take) -> Sound:
    """A shot: the muzzle's blast and what hills and houses give back."""
    size = take.by("size", 0.06, 0.14)
    blast = driven(coloured(take, -2.0, 60.0, 14000.0) * fall(take, size), 3.0)
    body = sine(take, 160.0 * np.exp(-take.time_s / 0.08) + 45.0) * fall(take, 0.14)
    out = blast + 0.9 * body
    for number in range(1, 5):
        late = int(take.uniform(0.08, 0.14) * number * RATE_HZ)
        if late < take.frames:
            echo = filtered(out[: take.frames - late], partial(edges, low_hz=60.0, high_hz=2600.0 / number, order=1))
            out[late:] += 0.16 * 0.6**number * echo
    return out + 0.1 * coloured(take, -5.0, 60.0, 1500.0) * fall(take, 1.1, 0.02)


def machine_gun(take: Take) -> Sound:
    """Shots in quick succession, with the action's metal between them."""
    rate = take.by("speed", 8.0, 14.0)
    shots = np.arange(0.01, max(min(take.seconds, 1.6), 0.02), 1.0 / rate)

    def shot() -> Sound:
        part = take.part(0.3)
        blast = driven(coloured(part, -2.5, 70.0, 9000.0) * fall(part, 0.07), 3.0) + 0.7 * sine(part, 95.0) * fall(
            part, 0.09
        )
        return blast + 0.25 * struck(part, METAL, take.uniform(1500.0, 1900.0), 0.8, 0.05)

    return sequence(take, shots, shot)


def cannon(take: Take) -> Sound:
    """A big gun: nothing but a low boom that rolls away."""
    boom = sine(take, take.by("size", 70.0, 38.0) * (1.0 + 0.7 * np.exp(-take.time_s / 0.06))) * fall(take, 0.9)
    roll = coloured(take, -7.0, 30.0, 600.0) * (0.4 + 0.6 * wander(take, 4.0)) * fall(take, 3.0, 0.01)
    return driven(1.6 * boom, 1.8) + 0.5 * roll


def rocket(take: Take) -> Sound:
    """A launch: noise that grows, crackles and turns down in pitch as it leaves."""
    shape = curve(take, [(0.0, 0.0), (0.12, 0.8), (0.4, 1.0), (1.0, 0.2)])
    roar = moved(
        white(take),
        lambda hz, at: (hz / 100.0) ** -0.75 * edges(hz, 35.0, 9000.0) / (1.0 + (hz / (6000.0 - 5300.0 * at)) ** 2),
    )
    crackle = np.maximum(band(take, 700.0, 1.2), 1.2) - 1.2
    return (roar / (np.std(roar) + 1e-9) + 1.4 * crackle) * shape * (0.8 + 0.2 * wander(take, 18.0))


def arrow(take: Take) -> Sound:
    """A bowstring, a shaft in the air, and wood that it sticks in."""
    string = sine(take, 140.0 * (1.0 + 0.1 * np.exp(-take.time_s / 0.02))) * fall(take, 0.12)
    flight = moved(white(take), lambda hz, at: np.exp(-0.5 * (np.log2(hz / (2600.0 - 900.0 * at)) / 0.35) ** 2))
    shape = np.exp(-0.5 * ((take.time_s - 0.22) / 0.08) ** 2)
    out = 0.5 * string + 0.5 * flight * shape
    at = int(0.42 * RATE_HZ)
    if at < take.frames:
        rest = take.part((take.frames - at) / RATE_HZ)
        stick = struck(rest, WOOD, 190.0, 0.6, 1.0) + 0.3 * sine(rest, 36.0 + 8.0 * np.exp(-rest.time_s)) * fall(
            rest, 0.5
        )
        out[at:] += stick[: take.frames - at]
    return out


def battle(take: Take) -> Sound:
    """A battle somewhere: shots and booms at several distances."""
    left = scattered(take, 1.1, lambda: gun(take.part(1.0)), 4, 24.0)
    right = scattered(take, 0.9, lambda: machine_gun(take.part(1.2)), 3, 24.0)
    far = scattered(take, 0.7, lambda: cannon(take.part(2.6)), 3, 12.0)
    dull = filtered(right, lambda hz: edges(hz, 60.0, 1400.0, 1))
    return panned(left, -0.5) + 0.5 * panned(dull, 0.5) + panned(far, 0.1) + 0.01 * panned(coloured(take, -6.0), 0.0)


RECIPES = {
    "explosion": hit(explosion, 4.5, 5.0),
    "firework": hit(firework, 3.6, 2.6),
    "gun": hit(gun, 1.6, 1.7),
    "machine_gun": hit(machine_gun, 2.0, 2.6),
    "cannon": hit(cannon, 3.2, 3.6),
    "rocket": gesture(rocket, 15.0, 15.0),
    "arrow": hit(arrow, 1.0, 1.5),
    "battle": bed(battle),
}
