"""Alarms, sirens, bells, phones, radios and records."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import METAL, ringing, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import bed, gesture, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import driven, fall, saw, sine, square


def alarm(take: Take) -> Sound:
    """An alarm: two tones of a square wave, by turns."""
    rate = take.rate_hz(take.by("speed", 1.2, 3.6))
    first = (take.time_s * rate) % 1.0 < 0.5
    high = take.by("brightness", 720.0, 1150.0, 0.02)
    return filtered(driven(sine(take, np.where(first, high, 0.76 * high)), 3.0), lambda hz: edges(hz, 300.0, 6000.0))


def alarm_clock(take: Take) -> Sound:
    """A digital alarm clock: four beeps and a pause."""
    rate = take.rate_hz(1.0)
    part = (take.time_s * rate + 0.8) % 1.0
    on = (part < 0.56) & ((part / 0.14) % 1.0 < 0.55)
    hertz = take.by("brightness", 1850.0, 2450.0, 0.01)
    return square(take, hertz) * np.convolve(on.astype(np.float64), np.ones(90) / 90.0, mode="same")


def buzzer(take: Take) -> Sound:
    """A wrong answer, a door's buzzer: a low rough tone."""
    low = take.by("size", 150.0, 85.0, 0.03)
    return filtered(
        driven(saw(take, low) + saw(take, 1.02 * low), 2.0), lambda hz: edges(hz, 90.0, 3500.0, 1)
    ) * np.minimum(1.0, 60.0 * np.minimum(take.place, 1.0 - take.place))


def siren(take: Take) -> Sound:
    """A police car's or an ambulance's siren: a tone that wails up and down."""
    rate = take.rate_hz(take.by("speed", 0.2, 1.2))
    wail = 0.5 - 0.5 * np.cos(2.0 * np.pi * (rate * take.time_s + 0.15))
    hertz = 520.0 * 2.7 ** (wail**0.8)
    return filtered(driven(saw(take, hertz), 1.5), lambda hz: bell(hz, 1500.0, 1.0) + 0.05)


def air_raid(take: Take) -> Sound:
    """A mechanical siren: it starts, howls slowly up and down."""
    wail = 0.5 - 0.5 * np.cos(2.0 * np.pi * take.rate_hz(0.11) * take.time_s)
    hertz = take.by("size", 270.0, 195.0) * (1.0 + 1.05 * wail**0.6)
    return filtered(
        driven(square(take, hertz) + 0.7 * square(take, 1.2 * hertz), 1.2), lambda hz: bell(hz, 700.0, 1.1) + 0.05
    )


def school_bell(take: Take) -> Sound:
    """An electric bell: a hammer, twenty times a second."""
    rate = take.rate_hz(take.by("speed", 15.0, 24.0))
    blows = (np.arange(int(take.seconds * rate) + 1) + 0.4) / rate
    low = take.by("size", 1500.0, 850.0)
    cup = struck(take.part(1.0), METAL, low, 0.9, 0.6)
    level = iter(take.rng.uniform(0.8, 1.0, len(blows)))
    return sequence(take, blows[blows < take.seconds], lambda: cup * next(level))


def church_bell(take: Take) -> Sound:
    """A church bell: hum, prime, minor third, fifth, octave and above (Fletcher & Rossing, 1998, chapter 21)."""
    prime = take.by("size", 420.0, 170.0)
    ratios = np.array([0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796])
    gains = np.array([0.6, 0.5, 0.8, 0.25, 1.0, 0.35, 0.4, 0.4, 0.3, 0.2, 0.12])
    rings = np.array([6.5, 4.5, 3.6, 2.8, 2.4, 1.6, 1.6, 1.3, 0.8, 0.5, 0.35])
    doublets = ringing(prime * ratios * 1.0012, rings, 0.4 * gains, take.frames)
    return (
        ringing(prime * ratios, rings, gains, take.frames) + doublets + 0.2 * band(take, 3000.0, 0.8) * fall(take, 0.05)
    )


def small_bell(take: Take) -> Sound:
    """A hand bell, a shop's bell, a reception's."""
    return struck(take, METAL, take.by("size", 3200.0, 1900.0), 0.95, 1.2)


def doorbell(take: Take) -> Sound:
    """Ding-dong: two bars, a major third down."""
    high = take.by("brightness", 560.0, 720.0, 0.01)

    def bar(hertz: float) -> Sound:
        part = take.part(1.6)
        return ringing([hertz, 2.76 * hertz, 5.4 * hertz], [1.5, 0.5, 0.15], [1.0, 0.3, 0.15], part.frames)

    return sequence(take, [0.0], lambda: bar(high)) + sequence(take, [0.62], lambda: bar(0.794 * high))


def phone(take: Take) -> Sound:
    """An old telephone: two cups and a hammer between them, two seconds on and two off."""
    rate = take.rate_hz(20.0)
    blows = (np.arange(int(take.seconds * rate) + 1) + 0.4) / rate
    blows = blows[(blows % 2.4 < 1.3) & (blows < take.seconds)]
    cups = [struck(take.part(0.7), METAL, hertz, 0.85, 0.28) for hertz in (1420.0, 1690.0)]
    turn = iter(range(len(blows)))
    return sequence(take, blows, lambda: cups[next(turn) % 2])


def ringback(take: Take) -> Sound:
    """What a caller hears: 440 and 480 Hz together; dialling is pairs of other tones."""
    on = np.convolve(
        (((take.time_s + take.uniform(0.0, 0.5)) % 2.2) < 1.2).astype(np.float64), np.ones(400) / 400.0, mode="same"
    )
    line = 0.006 * filtered(white(take), lambda hz: edges(hz, 300.0, 3400.0))
    return (sine(take, take.rate_hz(440.0)) + sine(take, take.rate_hz(480.0))) * on + line


def dialling(take: Take) -> Sound:
    """Keys of a telephone: two tones each (ITU-T Q.23)."""
    rows, columns = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0)

    def key() -> Sound:
        part = take.part(0.11)
        ends = np.minimum(1.0, 60.0 * np.minimum(part.place, 1.0 - part.place))
        return (sine(part, float(take.rng.choice(rows))) + 0.8 * sine(part, float(take.rng.choice(columns)))) * ends

    return sequence(take, take.times_s(take.by("speed", 3.2, 6.5), 0.15), key)


def vibration(take: Take) -> Sound:
    """A phone shivers on a table."""
    on = np.convolve(((take.time_s % 1.1) < 0.55).astype(np.float64), np.ones(800) / 800.0, mode="same")
    motor = saw(take, take.rate_hz(take.by("speed", 140.0, 185.0)))
    rattle = band(take, 900.0, 0.8) * np.maximum(sine(take, take.rate_hz(160.0)), 0.0)
    return (filtered(motor, lambda hz: edges(hz, 90.0, 900.0)) + 0.4 * rattle) * on


def static(take: Take) -> Sound:
    """A radio between two stations: noise that breathes, crackle, whistles."""
    hiss = filtered(white(take), lambda hz: edges(hz, 350.0, 4500.0, 2)) * (0.55 + 0.45 * wander(take, 2.2))
    whistle = sine(take, 300.0 + 2200.0 * wander(take, 0.5)) * np.maximum(wander(take, 0.9) - 0.6, 0.0)
    crackle = scattered(take, 26.0, lambda: white(take, 100) * np.exp(-np.arange(100) / 12.0), 8, 20.0)
    return hiss + 0.5 * whistle + 1.3 * crackle


def morse(take: Take) -> Sound:
    """Morse code: dots and dashes by chance, at eighteen words a minute."""
    unit_s = take.by("speed", 0.09, 0.05, 0.0)
    keyed, time = np.zeros(take.frames), 0.1
    while time < take.seconds:
        length = unit_s * (3.0 if take.rng.random() < 0.45 else 1.0)
        keyed[int(time * 44100) : int((time + length) * 44100)] = 1.0
        time += length + unit_s * (3.0 if take.rng.random() < 0.3 else 1.0)
    soft = np.convolve(keyed, np.hanning(260) / 129.5, mode="same")
    return sine(take, take.by("brightness", 540.0, 820.0, 0.02)) * soft + 0.02 * filtered(
        white(take), lambda hz: bell(hz, 700.0, 0.5)
    )


def sonar(take: Take) -> Sound:
    """A sonar's ping and its echoes in the deep."""
    hertz = take.by("brightness", 900.0, 1500.0, 0.02)
    out = np.zeros(take.frames)
    for late, level in ((0.0, 1.0), (0.42, 0.24), (0.85, 0.12), (1.3, 0.07)):
        part = take.part(0.95)
        ping = level * sine(part, hertz) * fall(part, 0.9, 0.008)
        start = int(late * 44100)
        made = ping[: max(take.frames - start, 0)]
        out[start : start + len(made)] += made
    return out


def vinyl(take: Take) -> Sound:
    """A record before the music: crackle, rumble, and a scratch that comes round (33 1/3 turns a minute)."""
    turn = take.rate_hz(take.by("speed", 0.5, 0.62, 0.0))

    def side() -> Sound:
        ticks = scattered(
            take,
            take.by("intensity", 12.0, 50.0),
            lambda: white(take, 70) * np.exp(-np.arange(70) / take.uniform(3.0, 14.0)),
            12,
            34.0,
        )
        return ticks + 0.02 * coloured(take, -1.0, 200.0, 9000.0) + 0.05 * coloured(take, -8.0, 20.0, 90.0)

    scratch = sequence(
        take,
        (np.arange(int(take.seconds * turn) + 1) + 0.4) / turn,
        lambda: 0.7 * band(take, 2600.0, 0.8, 500) * np.exp(-np.arange(500) / 70.0),
    )
    return np.column_stack([side() + scratch, side() + scratch])


def record_scratch(take: Take) -> Sound:
    """A record is moved by hand: to and fro, then pulled away."""
    speed = 1.6 * np.sin(2.0 * np.pi * 2.3 * take.place) * np.exp(-1.2 * take.place)
    hertz = 60.0 + 900.0 * np.abs(speed)
    groove = saw(take, hertz) + 0.6 * saw(take, 1.51 * hertz) + 0.8 * white(take)
    at_, curve_ = take.place[::64], np.abs(speed)[::64]
    return moved(groove, lambda hz, at: bell(hz, 250.0 + 2800.0 * np.interp(at, at_, curve_), 0.9)) * np.minimum(
        np.abs(speed), 1.0
    )


def crossing(take: Take) -> Sound:
    """A level crossing: a bell struck on two sides in turn."""
    rate = take.rate_hz(take.by("speed", 1.6, 3.0))
    blows = (np.arange(int(take.seconds * rate) + 1) + 0.3) / rate
    pitch = iter(np.where(np.arange(len(blows)) % 2, 1.0, 0.9))
    return sequence(
        take, blows[blows < take.seconds], lambda: struck(take.part(0.5), METAL, 690.0 * next(pitch), 0.75, 0.22)
    )


RECIPES = {
    "alarm": bed(alarm),
    "alarm_clock": bed(alarm_clock),
    "buzzer": gesture(buzzer, 0.8, 1.6),
    "siren": bed(siren),
    "air_raid_siren": bed(air_raid),
    "school_bell": bed(school_bell),
    "church_bell": hit(church_bell, 5.5, 3.6),
    "small_bell": hit(small_bell, 2.0, 2.0),
    "doorbell": hit(doorbell, 2.0, 3.4),
    "phone": bed(phone),
    "ringback": bed(ringback),
    "dialling": bed(dialling),
    "vibration": bed(vibration),
    "radio_static": bed(static),
    "morse": bed(morse),
    "sonar": hit(sonar, 2.4, 3.2),
    "vinyl": bed(vinyl),
    "record_scratch": gesture(record_scratch, 1.2, 2.0),
    "level_crossing": bed(crossing),
}
