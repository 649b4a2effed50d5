"""Risers, sweeps and whooshes: what leads somewhere or goes past."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.noise import Sound, bell, coloured, filtered, moved, white
from soundrack.composition.foley.recipe import gesture
from soundrack.composition.foley.space import panned, passing
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import driven, saw, sine


def riser(take: Take) -> Sound:
    """Noise and a chord of sawtooths that rise and swell until they are cut."""
    place = take.place
    low = take.by("size", 110.0, 65.0)
    hertz = low * 2.0 ** (3.0 * place**1.5)
    chord = saw(take, hertz) + saw(take, 1.007 * hertz) + 0.7 * saw(take, 1.498 * hertz)
    swept = moved(chord + 2.0 * white(take), lambda hz, at: bell(hz, 300.0 * 30.0**at, 1.1))
    pulse = 0.65 + 0.35 * np.sin(2.0 * np.pi * np.cumsum(2.0 * 8.0**place) / 44100.0)
    left, right = panned(swept * pulse * (0.03 + place**1.8), 0.5 * np.sin(9.0 * place)).T
    return np.column_stack([left, right])


def downlifter(take: Take) -> Sound:
    """The way down: noise and a sine that fall and fade."""
    place = take.place
    swept = moved(white(take), lambda hz, at: bell(hz, 9000.0 * (150.0 / 9000.0) ** at, 0.9))
    tone = sine(take, 900.0 * (60.0 / 900.0) ** place)
    return panned((0.8 * swept + 0.35 * tone) * (1.0 - place) ** 1.3, -0.5 * np.sin(7.0 * place))


def whoosh(take: Take) -> Sound:
    """Something big goes by: noise whose band and level rise and fall, from one side to the other."""
    place, width = take.place, take.by("speed", 0.22, 0.13)
    centre = take.by("size", 1500.0, 500.0)
    swell = np.exp(-0.5 * ((place - 0.5) / width) ** 2)
    swept = moved(
        white(take), lambda hz, at: bell(hz, centre * (0.45 + 1.4 * np.exp(-0.5 * ((at - 0.5) / width) ** 2)), 0.8)
    )
    return panned(swept * swell, take.rng.choice([-1.0, 1.0]) * np.linspace(-0.8, 0.8, take.frames))


def swish(take: Take) -> Sound:
    """A thin thing swung through air: a narrow band that follows its speed (aeolian tone; Farnell, chapter 41)."""
    place = take.place
    quick = np.exp(-0.5 * ((place - 0.42) / 0.16) ** 2)
    top = take.by("size", 5200.0, 2600.0)
    swept = moved(white(take), lambda hz, at: bell(hz, 700.0 + top * np.exp(-0.5 * ((at - 0.42) / 0.16) ** 2), 0.28))
    return panned(swept * quick**1.5, np.linspace(-0.6, 0.6, take.frames))


def reverse(take: Take) -> Sound:
    """A cymbal backwards: bright noise that grows by an exponential curve and stops."""
    place = take.place
    grow = np.exp(6.0 * (place - 1.0))
    bright = moved(
        white(take), lambda hz, at: (hz / 5000.0) ** (1.2 - 0.8 * at) * (hz > 350.0) / (1.0 + (hz / 13000.0) ** 4)
    )
    return bright * grow


def flyby(take: Take) -> Sound:
    """A craft passes close: a tone and a roar with the Doppler effect."""
    tone = saw(take, take.by("size", 320.0, 120.0)) * 0.5 + 0.3 * saw(take, take.by("size", 485.0, 182.0))
    roar = coloured(take, -3.0, 100.0, 6000.0)
    return passing(driven(0.6 * tone + 0.5 * roar, 1.2), take.by("speed", 40.0, 110.0), 14.0, 0.5, 1.3)


def slide_whistle(take: Take) -> Sound:
    """A slide whistle: up or down, as chance has it, with vibrato and breath."""
    way = take.place if take.rng.random() < 0.5 else 1.0 - take.place
    hertz = 480.0 * 2.0 ** (1.7 * way) * (1.0 + 0.012 * np.sin(2.0 * np.pi * 6.5 * take.time_s))
    tone = sine(take, hertz) + 0.18 * sine(take, 3.0 * hertz)
    breath = filtered(white(take), lambda hz: bell(hz, 1300.0, 0.7))
    return (tone + 0.06 * breath) * np.minimum(1.0, 12.0 * np.minimum(take.place, 1.0 - take.place))


RECIPES = {
    "riser": gesture(riser, 30.0),
    "downlifter": gesture(downlifter, 30.0),
    "whoosh": gesture(whoosh, 3.0, 3.5, is_moving=True),
    "swish": gesture(swish, 0.6, 1.1, is_moving=True),
    "reverse": gesture(reverse, 8.0),
    "flyby": gesture(flyby, 6.0, 6.5, is_moving=True),
    "slide_whistle": gesture(slide_whistle, 1.4, 1.8),
}
