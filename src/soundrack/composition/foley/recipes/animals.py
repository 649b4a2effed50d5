"""Animals but birds: throats, insects and hooves.

Calls are a source with a pitch that moves, through formants that move (Farnell, 2010, chapters 51 and 52). Most are of
one animal as a child would imitate it: recognised, not mistaken for a recording.
"""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.calls import call
from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import STONE, WOOD, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, filtered, wander
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall, pulses, saw, sine, throat


def dog(take: Take) -> Sound:
    """A bark: pitch and mouth open and close within a sixth of a second."""
    bark = take.part(0.24)
    return call(
        bark,
        [(0.0, 260.0), (0.25, 520.0), (1.0, 230.0)],
        [(0.0, 0.0), (0.08, 1.0), (0.45, 0.7), (1.0, 0.0)],
        [(0.0, (420.0, 900.0, 2500.0)), (0.3, (850.0, 1500.0, 2900.0)), (1.0, (450.0, 850.0, 2400.0))],
        0.5,
        0.35,
    )


def growl(take: Take) -> Sound:
    """A dog or a beast growls: a very low rough voice."""
    return call(
        take,
        [(0.0, 62.0), (0.5, 78.0), (1.0, 58.0)],
        [(0.0, 0.0), (0.15, 1.0), (0.8, 0.9), (1.0, 0.0)],
        [(0.0, (380.0, 800.0, 2200.0)), (1.0, (480.0, 1000.0, 2300.0))],
        0.9,
        0.5,
    )


def cat(take: Take) -> Sound:
    """A miaow: from a closed mouth through a wide one to a round one."""
    return call(
        take,
        [(0.0, 480.0), (0.3, 720.0), (0.6, 660.0), (1.0, 430.0)],
        [(0.0, 0.0), (0.12, 0.6), (0.4, 1.0), (0.75, 0.7), (1.0, 0.0)],
        [(0.0, (350.0, 2500.0, 3600.0)), (0.4, (1150.0, 1900.0, 3800.0)), (1.0, (500.0, 950.0, 3200.0))],
        0.08,
        0.12,
    )


def purr(take: Take) -> Sound:
    """A cat purrs: about 26 pulses a second, in and out."""
    breath = 1.0 / take.rate_hz(0.62)
    part = (take.time_s / breath) % 1.0
    phase = np.where(part < 0.5, 1.0, 0.7) * np.abs(np.sin(2.0 * np.pi * part)) ** 0.3
    beats = pulses(take, take.by("speed", 22.0, 30.0), 0.3)
    grain = band(take, 260.0, 0.9, 1400) * np.exp(-np.arange(1400) / 330.0)
    from_throat = filtered(
        np.convolve(beats, grain)[: take.frames], lambda hz: bell(hz, 180.0, 1.4) + 0.2 * bell(hz, 900.0, 0.8)
    )
    return from_throat * phase


def cow(take: Take) -> Sound:
    """A cow lows."""
    return call(
        take,
        [(0.0, 118.0), (0.25, 150.0), (0.8, 165.0), (1.0, 120.0)],
        [(0.0, 0.0), (0.12, 0.5), (0.35, 1.0), (0.85, 0.9), (1.0, 0.0)],
        [(0.0, (240.0, 600.0, 1900.0)), (0.35, (480.0, 950.0, 2200.0)), (1.0, (420.0, 800.0, 2000.0))],
        0.12,
    )


def sheep(take: Take) -> Sound:
    """A sheep bleats: the voice trembles eight times a second."""
    tremble = 0.55 + 0.45 * np.sin(2.0 * np.pi * take.by("speed", 7.0, 10.0) * take.time_s)
    return tremble * call(
        take,
        [(0.0, 300.0), (0.2, 340.0), (1.0, 290.0)],
        [(0.0, 0.0), (0.1, 1.0), (0.7, 0.8), (1.0, 0.0)],
        [(0.0, (350.0, 1400.0, 2600.0)), (0.2, (750.0, 1800.0, 2700.0)), (1.0, (700.0, 1750.0, 2600.0))],
        0.25,
    )


def horse(take: Take) -> Sound:
    """Hooves at a gallop: three beats and a pause; at a walk four."""
    quick = take.character.speed >= 0.45
    rate, beats = (take.rate_hz(2.1), (0.4, 0.56, 0.72)) if quick else (take.rate_hz(1.0), (0.17, 0.42, 0.67, 0.92))
    times = np.array([(turn + beat) / rate for turn in range(int(take.seconds * rate) + 1) for beat in beats])

    def hoof() -> Sound:
        part = take.part(0.2)
        ground = coloured(part, -6.0, 60.0, 700.0) * fall(part, 0.09)
        return (
            struck(part, WOOD, take.uniform(330.0, 460.0), 0.45, 0.6)
            + 0.5 * struck(part, STONE, 800.0, 0.5)
            + 0.6 * ground
        ) * take.uniform(0.7, 1.0)

    return sequence(take, times[times < take.seconds], hoof)


def neigh(take: Take) -> Sound:
    """A horse neighs: high and falling, with a tremble that slows."""
    tremble = 0.6 + 0.4 * np.sin(2.0 * np.pi * np.cumsum(13.0 - 5.0 * take.place) / 44100.0)
    return tremble * call(
        take,
        [(0.0, 700.0), (0.12, 1150.0), (0.5, 900.0), (1.0, 330.0)],
        [(0.0, 0.0), (0.1, 1.0), (0.7, 0.8), (1.0, 0.0)],
        [(0.0, (900.0, 1900.0, 3300.0)), (0.5, (1000.0, 2100.0, 3500.0)), (1.0, (600.0, 1400.0, 2600.0))],
        0.3,
        0.2,
    )


def frog(take: Take) -> Sound:
    """Croaks: pulses, through a sac that resonates."""
    times = take.times_s(take.by("speed", 0.8, 2.2), 0.5)
    low = take.by("size", 900.0, 330.0)

    def croak() -> Sound:
        part = take.part(take.uniform(0.28, 0.4))
        beats = pulses(part, 62.0 * (1.0 + 0.25 * part.place), 0.2)
        grain = np.sin(2.0 * np.pi * low * np.arange(900) / 44100.0) * np.exp(-np.arange(900) / 140.0)
        return np.convolve(beats, grain)[: part.frames] * np.sin(np.pi * part.place) ** 0.5 * take.uniform(0.3, 1.0)

    return sequence(take, times, croak) + 0.4 * np.roll(sequence(take, times, croak), take.frames // 3)


def crickets(take: Take) -> Sound:
    """Crickets: chirps of three pulses of a pure high tone."""
    out = np.zeros((take.frames, 2))
    for place in (-0.7, -0.1, 0.6):
        hertz, rate = take.uniform(4100.0, 4900.0), take.rate_hz(take.by("speed", 1.6, 3.4))
        part = (take.time_s * rate + take.rng.random()) % 1.0
        pulse = np.where(part < 0.36, np.sin(np.pi * ((part / 0.12) % 1.0)) ** 2, 0.0)
        out += panned(sine(take, hertz) * pulse * take.uniform(0.4, 1.0), place)
    return out + 0.004 * panned(coloured(take, -3.0), 0.0)


def cicadas(take: Take) -> Sound:
    """Cicadas: clicks so quick that they are a rasping tone, swelling and fading together."""

    def side() -> Sound:
        buzz = band(take, take.uniform(4800.0, 5400.0), 0.22) * (
            0.5 + 0.5 * np.sign(np.sin(2.0 * np.pi * take.uniform(115.0, 135.0) * take.time_s))
        )
        return buzz * (0.35 + 0.65 * wander(take, 0.5))

    return np.column_stack([side(), side()])


def bee(take: Take) -> Sound:
    """A bee: wings at two hundred beats a second, near and far, left and right."""
    near = wander(take, 0.9)
    hertz = take.by("size", 290.0, 170.0) * (0.94 + 0.12 * wander(take, 2.5))
    wings = filtered(saw(take, hertz) + 0.4 * saw(take, 1.01 * hertz), lambda hz: bell(hz, 700.0, 1.3) + 0.3)
    return panned(wings * (0.12 + near**2), wander(take, 0.7, -0.9, 0.9))


def mosquito(take: Take) -> Sound:
    """A mosquito: wings at six hundred beats a second, thin."""
    hertz = take.by("size", 720.0, 480.0) * (0.95 + 0.1 * wander(take, 3.0))
    wings = (
        sine(take, hertz)
        + 0.6 * sine(take, 2.0 * hertz)
        + 0.4 * sine(take, 3.0 * hertz)
        + 0.15 * sine(take, 5.0 * hertz)
    )
    return panned(wings * (0.08 + wander(take, 0.8) ** 2), wander(take, 0.6, -0.9, 0.9))


def wolf(take: Take) -> Sound:
    """A wolf howls: up, held with a slow waver, and down."""
    return call(
        take,
        [(0.0, 260.0), (0.18, 520.0), (0.3, 560.0), (0.7, 530.0), (1.0, 300.0)],
        [(0.0, 0.0), (0.15, 0.7), (0.3, 1.0), (0.75, 0.8), (1.0, 0.0)],
        [(0.0, (380.0, 800.0, 2200.0)), (0.3, (560.0, 1050.0, 2400.0)), (1.0, (400.0, 800.0, 2200.0))],
        0.0,
        0.05,
    )


def roar(take: Take) -> Sound:
    """A lion or a monster roars: a low voice broken by itself."""
    deep = call(
        take,
        [(0.0, 70.0), (0.2, 130.0), (0.6, 105.0), (1.0, 52.0)],
        [(0.0, 0.0), (0.1, 0.9), (0.3, 1.0), (0.7, 0.7), (1.0, 0.0)],
        [(0.0, (300.0, 700.0, 1900.0)), (0.25, (700.0, 1200.0, 2400.0)), (1.0, (320.0, 700.0, 1900.0))],
        1.0,
        0.9,
    )
    return deep / (np.std(deep) + 1e-9) + 0.5 * coloured(take, -6.0, 40.0, 500.0) * np.sin(np.pi * take.place)


def rattlesnake(take: Take) -> Sound:
    """A rattle: fifty dry clicks a second."""
    shape = 0.4 + 0.6 * wander(take, 1.2)
    clicks = pulses(take, take.by("speed", 42.0, 70.0), 0.6)
    grain = band(take, 7200.0, 0.6, 300) * np.exp(-np.arange(300) / 60.0)
    return np.convolve(clicks, grain)[: take.frames] * shape


def whale(take: Take) -> Sound:
    """Whales: long glides that echo through the sea."""

    def song() -> Sound:
        part = take.part(take.uniform(1.6, 3.0))
        first, last = take.uniform(140.0, 500.0), take.uniform(160.0, 900.0)
        hertz = first * (last / first) ** part.place * (1.0 + 0.02 * np.sin(2.0 * np.pi * 5.0 * part.time_s))
        return throat(saw(part, hertz), [(0.0, (400.0, 1100.0)), (1.0, (800.0, 1500.0))], 0.3) * np.sin(
            np.pi * part.place
        )

    out = sequence(take, take.times_s(take.by("speed", 0.25, 0.55), 0.6), song)
    for late, level in ((0.45, 0.5), (1.05, 0.3), (1.7, 0.15)):
        frames = int(late * 44100)
        if frames < take.frames:
            out[frames:] += level * filtered(out[: take.frames - frames], lambda hz: 1.0 / (1.0 + (hz / 700.0) ** 2))
    return out + 0.02 * coloured(take, -9.0, 30.0, 300.0)


def elephant(take: Take) -> Sound:
    """An elephant trumpets: a brassy voice that rises and breaks."""
    return call(
        take,
        [(0.0, 280.0), (0.15, 420.0), (0.5, 560.0), (0.8, 600.0), (1.0, 380.0)],
        [(0.0, 0.0), (0.06, 1.0), (0.8, 0.9), (1.0, 0.0)],
        [(0.0, (700.0, 1500.0, 2600.0)), (0.5, (1300.0, 2200.0, 3400.0)), (1.0, (800.0, 1500.0, 2500.0))],
        0.55,
        0.4,
    )


def night_creatures(take: Take) -> Sound:
    """A swamp at night: frogs near and far among insects."""
    far = scattered(take, 4.0, lambda: frog(take.part(0.5)), 5, 26.0)
    return panned(far, 0.3) + 0.5 * crickets(take)


RECIPES = {
    "dog": hit(dog, 0.28, 0.55),
    "growl": hit(growl, 2.2, 2.6),
    "cat": hit(cat, 0.9, 1.8),
    "purr": bed(purr),
    "cow": hit(cow, 1.8, 3.0),
    "sheep": hit(sheep, 0.9, 1.7),
    "horse_hooves": bed(horse),
    "neigh": hit(neigh, 1.5, 2.6),
    "frog": bed(frog),
    "crickets": bed(crickets),
    "cicadas": bed(cicadas),
    "bee": bed(bee),
    "mosquito": bed(mosquito),
    "wolf": hit(wolf, 3.6, 4.6),
    "roar": hit(roar, 2.6, 3.6),
    "rattlesnake": bed(rattlesnake),
    "whale": bed(whale),
    "elephant": hit(elephant, 1.3, 2.4),
    "night_creatures": bed(night_creatures),
}
