"""People: many of them, and what one body does.

Crowds are granular: many short voices by chance, each with a pitch, a syllable's length and two formants of its own, so
that no word can be heard.
"""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import bubble, placed, scattered, sequence
from soundrack.composition.foley.modes import STONE, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, unit, wander, white
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall, pulses, saw, sine, throat

_VOWELS = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (300.0, 2290.0, 3010.0),
    (570.0, 840.0, 2410.0),
    (440.0, 1020.0, 2240.0),
)


def _syllable(take: Take, pitch_hz: float, length_s: float, shift: float, rise: float = 0.0) -> Sound:
    """Return a voiced syllable between two vowels."""
    part = take.part(length_s)
    first, last = (_VOWELS[int(take.rng.integers(len(_VOWELS)))] for _ in range(2))
    hertz = pitch_hz * (1.0 + rise * part.place + 0.02 * wander(part, 6.0, -1.0, 1.0))
    source = saw(part, hertz) + 0.12 * white(part)
    made = throat(source, [(0.0, [shift * each for each in first]), (1.0, [shift * each for each in last])], 0.16, 0.01)
    return unit(made) * np.sin(np.pi * part.place) ** 0.6 * 0.2


def _voices(
    take: Take, rate_hz: float, pitch: tuple[float, float], length: tuple[float, float], shift: float, rise: float = 0.0
) -> Sound:
    """Return many syllables by chance on both sides."""

    def syllable() -> Sound:
        low, high = pitch
        return _syllable(
            take, low * (high / low) ** take.rng.random(), take.uniform(*length), shift * take.uniform(0.92, 1.12), rise
        )

    grains = [syllable() for _ in range(28)]

    def side() -> Sound:
        times = take.times_s(rate_hz, 1.0)
        return placed(take, times, grains, 10.0 ** (-18.0 * take.rng.random(len(times)) / 20.0))

    return np.column_stack([side(), side()])


def murmur(take: Take) -> Sound:
    """A room full of people who talk."""
    many = take.by("size", 24.0, 90.0)
    talk = _voices(take, many, (95.0, 240.0), (0.12, 0.28), 1.0)
    return np.column_stack([filtered(talk[:, side], lambda hz: edges(hz, 120.0, 2600.0, 1)) for side in range(2)])


def cheer(take: Take) -> Sound:
    """A crowd cheers: long open vowels, high and hoarse, over the roar of the rest."""
    swell = 0.65 + 0.35 * wander(take, 0.5)
    calls = _voices(take, 60.0, (260.0, 620.0), (0.5, 1.3), 1.12, 0.06)
    roar = np.column_stack(
        [throat(white(take), [(0.0, (800.0, 1300.0, 2700.0)), (1.0, (760.0, 1250.0, 2600.0))], 0.45) for _ in range(2)]
    )
    return (calls + 0.5 * roar) * swell[:, None]


def booing(take: Take) -> Sound:
    """A crowd boos: long low round vowels that fall."""
    calls = np.zeros((take.frames, 2))
    grains = []
    for _ in range(20):
        part = take.part(take.uniform(0.9, 1.7))
        source = saw(part, take.uniform(110.0, 260.0) * (1.0 - 0.12 * part.place)) + 0.1 * white(part)
        grains.append(
            unit(throat(source, [(0.0, (320.0, 800.0, 2200.0)), (1.0, (300.0, 700.0, 2200.0))]))
            * np.sin(np.pi * part.place) ** 0.5
        )
    for side in range(2):
        times = take.times_s(16.0, 1.0)
        calls[:, side] = placed(take, times, grains, take.rng.uniform(0.2, 1.0, len(times)))
    return calls


def children(take: Take) -> Sound:
    """Children play: high voices that call and shriek, sparse, out of doors."""
    calls = _voices(take, take.by("intensity", 8.0, 18.0), (330.0, 760.0), (0.14, 0.5), 1.35, 0.18)
    return calls + 0.03 * np.column_stack([coloured(take, -5.0), coloured(take, -5.0)])


def _clap(take: Take) -> Sound:
    """Return two hands that meet: a short burst through the cavity between them."""
    count = 2200
    burst = white(take, count) * np.exp(-np.arange(count) / take.uniform(60.0, 220.0))
    centre = take.uniform(750.0, 2100.0)
    return unit(filtered(burst, lambda hz: bell(hz, centre, 0.55) + 0.15 * edges(hz, 500.0, 9000.0)))


def applause(take: Take) -> Sound:
    """Many pairs of hands, each nearly regular (Peltola et al., 2007)."""
    people = round(take.by("size", 30.0, 110.0))
    grains = [_clap(take) for _ in range(24)]

    def side() -> Sound:
        train = []
        for _ in range(people):
            rate = take.uniform(2.8, 4.6)
            steps = np.arange(take.rng.random() / rate, take.seconds, 1.0 / rate)
            train.append(steps + take.rng.normal(0.0, 0.015, len(steps)))
        times = np.clip(np.concatenate(train), 0.0, take.seconds)
        return placed(take, times, grains, 10.0 ** (-20.0 * take.rng.random(len(times)) / 20.0))

    return np.column_stack([side(), side()])


def clap(take: Take) -> Sound:
    """One pair of hands."""
    return sequence(take, 0.32 * np.arange(take.character.count or 1), lambda: _clap(take))


def heartbeat(take: Take) -> Sound:
    """A heart: two dull beats, the second higher and softer."""
    rate = take.rate_hz(take.by("speed", 0.85, 2.1))
    gap = min(0.3, 0.3 / rate)

    def beat(hertz: float, level: float) -> Sound:
        part = take.part(0.3)
        return level * sine(part, hertz * (1.0 + 0.5 * np.exp(-part.time_s / 0.02))) * fall(part, 0.2, 0.006)

    starts = (np.arange(int(take.seconds * rate) + 1) + 0.2) / rate
    out = sequence(take, starts, lambda: beat(52.0, 1.0)) + sequence(take, starts + gap, lambda: beat(68.0, 0.6))
    return out + 0.15 * filtered(out, lambda hz: edges(hz, 90.0, 400.0, 1))


def breath(take: Take) -> Sound:
    """In through the nose, out through the mouth."""
    rate = take.rate_hz(take.by("speed", 0.24, 1.2))
    part = (take.time_s * rate + 0.2) % 1.0
    into = np.where(part < 0.4, np.sin(np.pi * part / 0.4), 0.0) ** 1.3
    out = np.where((part > 0.47) & (part < 0.97), np.sin(np.pi * np.clip((part - 0.47) / 0.5, 0.0, 1.0)), 0.0) ** 0.8
    nose = filtered(white(take), lambda hz: bell(hz, 2700.0, 0.6) + 0.3 * bell(hz, 5200.0, 0.4))
    mouth = filtered(white(take), lambda hz: bell(hz, 950.0, 0.7) + 0.35 * bell(hz, 2300.0, 0.4))
    return nose * into + 0.9 * mouth * out


def snore(take: Take) -> Sound:
    """In with a rattle of the palate, out with a soft blow."""
    rate = take.rate_hz(take.by("speed", 0.22, 0.36))
    part = (take.time_s * rate + 0.72) % 1.0
    into = np.where(part < 0.42, np.sin(np.pi * part / 0.42), 0.0)
    out = np.where(part > 0.5, np.sin(np.pi * np.clip((part - 0.5) / 0.45, 0.0, 1.0)), 0.0)
    rattle = pulses(take, 26.0 + 12.0 * wander(take, 4.0), 0.5)
    palate = throat(
        np.convolve(rattle, np.exp(-np.arange(300) / 40.0))[: take.frames] + 0.06 * white(take),
        [(0.0, (280.0, 950.0, 2300.0)), (1.0, (300.0, 1000.0, 2300.0))],
        0.2,
    )
    return unit(palate) * into + 0.12 * band(take, 1300.0, 0.7) * np.maximum(out, 0.0)


def cough(take: Take) -> Sound:
    """A cough, or two: a burst of air through an open throat, a little voice after it."""

    def burst() -> Sound:
        part = take.part(0.3)
        air = throat(white(part), [(0.0, (750.0, 1500.0, 2700.0)), (1.0, (520.0, 1200.0, 2500.0))], 0.3) * fall(
            part, 0.22, 0.004
        )
        voiced = throat(
            saw(part, 150.0 * (1.0 - 0.3 * part.place)),
            [(0.0, (650.0, 1200.0, 2500.0)), (1.0, (500.0, 1100.0, 2400.0))],
        )
        return unit(air) + 0.5 * unit(voiced) * np.exp(-0.5 * ((part.time_s - 0.09) / 0.05) ** 2)

    return sequence(take, (0.0, 0.34), burst)


def laugh(take: Take) -> Sound:
    """Ha-ha: breaths and short vowels, five times a second, that fall in pitch and level. It is a caricature."""
    count = 7
    pitch = iter(take.by("size", 310.0, 150.0) * np.linspace(1.15, 0.8, count))
    level = iter(np.linspace(1.0, 0.45, count))

    def ha() -> Sound:
        part, loud = take.part(0.16), next(level)
        source = (
            saw(part, next(pitch) * (1.0 - 0.12 * part.place)) * np.sin(np.pi * part.place)
            + 0.5 * white(part) * (1.0 - part.place) ** 2
        )
        return (
            float(loud)
            * throat(source, [(0.0, (700.0, 1250.0, 2600.0)), (1.0, (620.0, 1150.0, 2500.0))])
            * np.minimum(part.place * 12.0, 1.0)
        )

    return sequence(take, 0.2 * np.arange(count), ha)


def scream(take: Take) -> Sound:
    """A scream: a high voice, so loud that it breaks. It is a caricature."""
    hertz = (
        take.by("size", 1150.0, 700.0)
        * (0.85 + 0.3 * np.sin(np.pi * take.place) ** 0.5)
        * (1.0 + 0.03 * wander(take, 12.0, -1.0, 1.0))
    )
    source = saw(take, hertz) * (1.0 + 0.6 * wander(take, 70.0, -1.0, 1.0)) + 0.4 * white(take)
    voice = throat(
        source,
        [(0.0, (850.0, 1700.0, 3100.0)), (0.3, (1150.0, 1900.0, 3300.0)), (1.0, (900.0, 1600.0, 2900.0))],
        0.22,
        0.06,
    )
    return voice * np.minimum(np.minimum(take.place / 0.06, (1.0 - take.place) / 0.3), 1.0)


def crunch(take: Take) -> Sound:
    """Somebody bites into an apple or crisps, and chews."""
    bites = take.times_s(take.by("speed", 1.4, 2.8), 0.25)

    def bite() -> Sound:
        part = take.part(0.24)
        grains = scattered(
            part, 420.0, lambda: struck(take.part(0.02), STONE, take.uniform(1500.0, 5200.0), 0.9, 0.3), 8, 24.0
        )
        return grains * np.sin(np.pi * part.place) * take.uniform(0.4, 1.0)

    return sequence(take, bites, bite)


def gulp(take: Take) -> Sound:
    """Somebody drinks: swallows, each a low bubble and the throat that closes."""

    def swallow() -> Sound:
        part = take.part(0.3)
        low = sine(part, 190.0 + 240.0 * part.place**2) * np.sin(np.pi * part.place) ** 2
        out = 0.8 * low
        wet = bubble(take, take.uniform(500.0, 900.0), 0.3)
        out[3000 : 3000 + len(wet)] += 0.5 * wet[: len(out) - 3000]
        return np.asarray(
            out + 0.15 * band(part, 1400.0, 0.4) * np.exp(-0.5 * ((part.time_s - 0.08) / 0.012) ** 2), dtype=np.float64
        )

    return sequence(take, 0.62 * np.arange(take.character.count or 3), swallow)


def baby(take: Take) -> Sound:
    """A baby cries: breaths of a second on an open vowel, the pitch an arch."""

    def wail() -> Sound:
        part = take.part(take.uniform(0.8, 1.05))
        hertz = 430.0 * (0.85 + 0.3 * np.sin(np.pi * part.place) ** 0.6) * (1.0 + 0.02 * wander(part, 16.0, -1.0, 1.0))
        source = saw(part, hertz) + 0.1 * white(part)
        made = throat(
            source,
            [(0.0, (800.0, 2100.0, 3600.0)), (0.4, (1200.0, 2000.0, 3800.0)), (1.0, (900.0, 1900.0, 3500.0))],
            0.16,
            0.04,
        )
        return unit(made) * np.sin(np.pi * part.place) ** 0.4

    return sequence(take, take.times_s(0.78, 0.15), wail)


def whistle(take: Take) -> Sound:
    """Somebody whistles with the lips, or a referee with a pea whistle if it is hard."""
    if take.character.intensity > 0.6:
        flutter = 0.5 + 0.5 * np.sin(2.0 * np.pi * 38.0 * take.time_s)
        pea = (sine(take, 2750.0 + 120.0 * flutter) + 0.6 * sine(take, 2980.0)) * (0.3 + 0.7 * flutter)
        return (pea + 0.15 * band(take, 2900.0, 0.5)) * np.minimum(
            np.minimum(take.place / 0.04, (1.0 - take.place) / 0.08), 1.0
        )
    hertz = 1100.0 * 2.0 ** (0.75 * np.sin(np.pi * np.clip(take.place * 1.3, 0.0, 1.0)))
    lips = (
        sine(take, hertz)
        + 0.04 * sine(take, 2.0 * hertz)
        + 0.05 * filtered(white(take), lambda hz: bell(hz, 1600.0, 0.5))
    )
    return lips * np.minimum(np.minimum(take.place / 0.06, (1.0 - take.place) / 0.1), 1.0)


RECIPES = {
    "murmur": bed(murmur),
    "cheer": bed(cheer),
    "booing": bed(booing),
    "children": bed(children),
    "applause": bed(applause),
    "clap": hit(clap, 0.4, 0.8, is_counted=True),
    "heartbeat": bed(heartbeat),
    "breath": bed(breath),
    "snore": bed(snore),
    "cough": hit(cough, 0.8, 1.8),
    "laugh": hit(laugh, 1.6, 2.2),
    "scream": hit(scream, 1.4, 2.6),
    "crunch": bed(crunch),
    "gulp": hit(gulp, 2.0, 3.0, is_counted=True),
    "baby": bed(baby),
    "whistle": hit(whistle, 0.9, 1.7),
}
