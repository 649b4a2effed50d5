"""Birds: calls, songs and wings.

Calls are a source with a pitch that moves, through formants that move (Farnell, 2010, chapters 51 and 52).
"""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.calls import call
from soundrack.composition.foley.grains import sequence
from soundrack.composition.foley.noise import Sound, band, bell, moved, white
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.space import panned
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import sine


def rooster(take: Take) -> Sound:
    """Four syllables, the third highest, the last longest."""
    return call(
        take,
        [
            (0.0, 480.0),
            (0.12, 620.0),
            (0.14, 560.0),
            (0.26, 700.0),
            (0.3, 760.0),
            (0.5, 980.0),
            (0.6, 860.0),
            (1.0, 520.0),
        ],
        [
            (0.0, 0.0),
            (0.03, 1.0),
            (0.1, 0.8),
            (0.13, 0.05),
            (0.16, 0.9),
            (0.24, 0.8),
            (0.27, 0.05),
            (0.32, 1.0),
            (0.9, 0.7),
            (1.0, 0.0),
        ],
        [(0.0, (800.0, 1500.0, 2900.0)), (0.4, (1150.0, 2000.0, 3300.0)), (1.0, (900.0, 1500.0, 2900.0))],
        0.3,
    )


def duck(take: Take) -> Sound:
    """Quacks: a nasal rough voice that falls."""
    times = 0.26 * np.arange(take.character.count or 3)
    level = iter(0.85 ** np.arange(len(times)))

    def quack() -> Sound:
        return float(next(level)) * call(
            take.part(0.19),
            [(0.0, 300.0), (0.2, 330.0), (1.0, 230.0)],
            [(0.0, 0.0), (0.1, 1.0), (0.6, 0.8), (1.0, 0.0)],
            [(0.0, (900.0, 1700.0, 2800.0)), (1.0, (1150.0, 2050.0, 3100.0))],
            0.6,
        )

    return sequence(take, times, quack)


def crow(take: Take) -> Sound:
    """Caws: noisy and flat."""
    times = 0.62 * np.arange(take.character.count or 3)

    def caw() -> Sound:
        return call(
            take.part(0.38),
            [(0.0, 430.0), (0.3, 520.0), (1.0, 400.0)],
            [(0.0, 0.0), (0.08, 1.0), (0.75, 0.9), (1.0, 0.0)],
            [(0.0, (1000.0, 1600.0, 2600.0)), (0.4, (1300.0, 1900.0, 2900.0)), (1.0, (1000.0, 1500.0, 2500.0))],
            0.95,
            0.7,
        )

    return sequence(take, times, caw)


def seagull(take: Take) -> Sound:
    """Gulls: long calls that fall, then short ones."""
    steps = np.array([0.0, 0.75, 1.15, 1.5, 1.85])
    lengths = iter((0.7, 0.36, 0.32, 0.3, 0.28))

    def cry() -> Sound:
        return call(
            take.part(next(lengths)),
            [(0.0, 900.0), (0.25, 1500.0), (1.0, 950.0)],
            [(0.0, 0.0), (0.1, 1.0), (0.7, 0.8), (1.0, 0.0)],
            [(0.0, (1500.0, 2700.0, 4200.0)), (1.0, (1400.0, 2500.0, 4000.0))],
            0.3,
        )

    return sequence(take, steps, cry)


def owl(take: Take) -> Sound:
    """Hoots: a soft pure tone, short, short, long."""
    low = take.by("size", 420.0, 300.0)
    lengths = iter((0.28, 0.2, 0.2, 0.85))

    def hoot() -> Sound:
        part = take.part(next(lengths))
        shape = np.sin(np.pi * part.place) ** 0.7
        hertz = (
            low * (1.0 + 0.05 * np.sin(np.pi * part.place)) * (1.0 + 0.006 * np.sin(2.0 * np.pi * 9.0 * part.time_s))
        )
        return (sine(part, hertz) + 0.12 * sine(part, 2.0 * hertz) + 0.02 * band(part, low, 0.4)) * shape

    return sequence(take, (0.0, 0.75, 1.05, 1.35), hoot)


def songbirds(take: Take) -> Sound:
    """Several birds, each with its own song of whistles and trills, at different places."""
    out = np.zeros((take.frames, 2))
    for place in take.rng.uniform(-0.9, 0.9, 4):
        base, motif = take.uniform(2600.0, 4600.0), take.rng.integers(3, 7)
        shapes = [
            (take.uniform(0.8, 1.35), take.uniform(0.8, 1.35), take.uniform(0.05, 0.16), take.rng.random() < 0.35)
            for _ in range(motif)
        ]
        starts = take.times_s(take.by("speed", 0.25, 0.7), 0.8)

        def song(base: float = base, shapes: list[tuple[float, float, float, bool]] = shapes) -> Sound:
            notes = []
            for first, last, length, trill in shapes:
                part = take.part(length * 1.4)
                hertz = (
                    base
                    * (first + (last - first) * part.place)
                    * (1.0 + (0.12 if trill else 0.0) * np.sin(2.0 * np.pi * 38.0 * part.time_s))
                )
                notes += [
                    sine(part, hertz) * np.sin(np.pi * part.place),
                    np.zeros(int(take.uniform(0.02, 0.07) * 44100)),
                ]
            return np.concatenate(notes)

        out += panned(sequence(take, starts, song) * take.uniform(0.25, 1.0), float(place))
    return out


def wings(take: Take) -> Sound:
    """A bird or a bat takes off: strokes of air that get quicker and go away."""
    rate = take.by("size", 13.0, 5.0)
    stroke = np.maximum(np.sin(2.0 * np.pi * np.cumsum(rate * (0.8 + 0.4 * take.place)) / 44100.0), 0.0) ** 3
    air = moved(white(take), lambda hz, at: bell(hz, 620.0 + 300.0 * at, 1.1))
    return np.asarray(air * stroke * (1.0 - take.place) ** 1.2, dtype=np.float64)


RECIPES = {
    "rooster": hit(rooster, 1.9, 3.0),
    "duck": hit(duck, 0.9, 1.6, is_counted=True),
    "crow": hit(crow, 1.9, 2.8, is_counted=True),
    "seagull": hit(seagull, 2.3, 3.2),
    "owl": hit(owl, 2.4, 4.0),
    "songbirds": bed(songbirds),
    "wings": hit(wings, 1.4, 2.2),
}
