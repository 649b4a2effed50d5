"""Sounds of user interfaces, games and small devices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.composition.foley.grains import sequence
from soundrack.composition.foley.modes import METAL, PLASTIC, STONE, WOOD, struck
from soundrack.composition.foley.noise import Sound, band, edges, filtered, white
from soundrack.composition.foley.recipe import bed, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall, modulated, sine, square


def _tune(take: Take, notes: Sequence[float], step_s: float, ring_s: float, voice: str) -> Sound:
    """Return notes (MIDI numbers) one after another: ``bell``, ``pulse`` or ``sine``."""
    coming, step_s = iter(notes), step_s * take.uniform(0.95, 1.05)
    tuning = take.uniform(0.99, 1.01)

    def note() -> Sound:
        part = take.part(min(1.4 * ring_s, 3.0))
        hertz = tuning * 440.0 * 2.0 ** ((next(coming) - 69.0) / 12.0)
        if voice == "bell":
            return modulated(part, hertz, 3.5, 1.4 * np.exp(-part.time_s / 0.08)) * fall(part, ring_s)
        if voice == "pulse":
            return 0.6 * square(part, hertz, 0.25) * fall(part, ring_s, 0.002)
        return sine(part, hertz) * fall(part, ring_s, 0.004)

    return sequence(take, step_s * np.arange(len(notes)), note)


def click(take: Take) -> Sound:
    """A button: press and release, a few milliseconds of plastic each."""
    low = take.by("size", 2600.0, 1100.0)
    down = struck(take, PLASTIC, low, 0.85, 0.5)
    up = sequence(
        take, [take.by("speed", 0.11, 0.06)], lambda: 0.5 * struck(take.part(0.05), PLASTIC, 1.25 * low, 0.9, 0.4)
    )
    return down + up


def switch(take: Take) -> Sound:
    """A wall switch or a lever: a spring's snap and the plate behind it."""
    snap = struck(take, METAL, take.by("size", 1900.0, 900.0), 0.8, 0.04)
    plate = struck(take, WOOD, take.by("size", 420.0, 240.0), 0.55, 0.7)
    return snap + 0.9 * plate


def beep(take: Take) -> Sound:
    """An electronic beep."""
    hertz, length = take.by("brightness", 620.0, 1560.0), take.by("speed", 0.28, 0.1)
    time = take.time_s
    return sine(take, hertz) * np.clip(np.minimum(time, length - time) * 300.0, 0.0, 1.0)


def notification(take: Take) -> Sound:
    """Two bells upwards: a message has come."""
    root = take.by("brightness", 74.0, 81.0, 0.0) // 1
    return _tune(take, [root, root + float(take.rng.choice([5.0, 7.0]))], 0.12, 0.8, "bell")


def success(take: Take) -> Sound:
    """A major chord upwards, an octave at its end."""
    root = float(take.rng.choice([69.0, 71.0, 72.0]))
    return _tune(take, [root, root + 4.0, root + 7.0, root + 12.0], 0.085, 0.7, "sine")


def error(take: Take) -> Sound:
    """A low buzz, twice."""
    root = float(take.rng.choice([47.0, 48.0, 49.0]))
    return _tune(take, [root, root - 1.0], 0.19, 0.28, "pulse")


def coin(take: Take) -> Sound:
    """A game's coin: two notes of a pulse wave a fourth apart."""
    root = float(take.rng.choice([82.0, 83.0, 84.0]))
    short = _tune(take, [root], 0.1, 0.1, "pulse")
    return short + sequence(take, [0.075], lambda: _tune(take.part(0.9), [root + 5.0], 0.1, 0.75, "pulse"))


def power_up(take: Take) -> Sound:
    """An arpeggio that climbs ever higher."""
    root = float(take.rng.choice([60.0, 62.0, 64.0]))
    notes = [root + 12.0 * octave + step for octave in range(2) for step in (0.0, 4.0, 7.0)] + [root + 24.0]
    return _tune(take, notes, take.by("speed", 0.09, 0.055), 0.24, "pulse")


def coins(take: Take) -> Sound:
    """Real coins that fall and spin."""
    times = np.sort(take.rng.random(max(take.character.count or 7, 1)) ** 1.4 * 0.6)
    low = iter(take.rng.uniform(3400.0, 6200.0, len(times)))
    return sequence(take, times, lambda: struck(take.part(0.7), METAL, next(low), 1.0, 0.5) * take.uniform(0.3, 1.0))


def typing(take: Take) -> Sound:
    """Keys of a computer: bursts of presses with pauses between words."""
    rate, time, times = take.by("speed", 4.5, 11.0), 0.05, []
    while time < take.seconds:
        times.append(time)
        pause = take.rng.random() < 0.14
        time += take.uniform(0.6, 1.5) / rate + (take.uniform(0.15, 0.45) if pause else 0.0)

    def key() -> Sound:
        part = take.part(0.16)
        low = take.uniform(900.0, 1500.0)
        bottom = struck(part, PLASTIC, low, 0.6, 0.8) + 0.5 * struck(part, WOOD, 0.3 * low, 0.4, 0.4)
        up = sequence(part, [take.uniform(0.06, 0.09)], lambda: 0.3 * struck(part, PLASTIC, 1.5 * low, 0.8, 0.4))
        return (bottom + up) * take.uniform(0.5, 1.0)

    return sequence(take, times, key)


def typewriter(take: Take) -> Sound:
    """Types on the roll, the carriage's notches, and its bell now and then."""
    rate, time, times = take.by("speed", 4.0, 9.0), 0.05, []
    while time < take.seconds:
        times.append(time)
        time += take.uniform(0.7, 1.4) / rate

    def letter() -> Sound:
        part = take.part(0.2)
        blow = struck(part, METAL, take.uniform(1900.0, 2600.0), 0.95, 0.06) + struck(part, STONE, 480.0, 0.8, 1.2)
        notch = sequence(part, [0.07], lambda: 0.35 * struck(take.part(0.08), METAL, 3400.0, 0.9, 0.03))
        return (blow + notch) * take.uniform(0.7, 1.0)

    bells = np.arange(2.7, take.seconds, 4.5)
    return sequence(take, times, letter) + 0.3 * sequence(
        take, bells, lambda: struck(take.part(1.0), METAL, 2900.0, 0.8, 0.6)
    )


def camera(take: Take) -> Sound:
    """A mirror up, a shutter, a mirror down, and the motor after."""

    def leaf() -> Sound:
        part = take.part(0.09)
        return struck(part, METAL, take.uniform(2100.0, 3000.0), 0.9, 0.05) + 0.7 * struck(part, PLASTIC, 700.0, 0.7)

    gap = take.by("speed", 0.16, 0.07)
    out = sequence(take, [0.0, 0.025, gap, gap + 0.03], leaf)
    time = take.time_s - gap - 0.05
    wind = band(take, 2400.0, 0.3) * (0.5 + 0.5 * np.sin(2.0 * np.pi * 95.0 * take.time_s))
    return out + 0.12 * wind * ((time > 0.0) & (time < 0.18))


def lock(take: Take) -> Sound:
    """A key goes in, turns, and the bolt falls."""

    def pin() -> Sound:
        return struck(take.part(0.08), METAL, take.uniform(2600.0, 4200.0), 0.95, 0.04) * take.uniform(0.15, 0.35)

    ward = sequence(take, np.sort(take.rng.random(7)) * 0.35, pin)
    bolt = sequence(
        take, [0.62], lambda: struck(take.part(0.3), METAL, 720.0, 0.8, 0.07) + struck(take.part(0.3), WOOD, 210.0, 0.6)
    )
    return ward + bolt


def cash_register(take: Take) -> Sound:
    """A lever, a drawer and its bell."""
    lever = sequence(take, [0.0, 0.09], lambda: struck(take.part(0.2), METAL, take.uniform(700.0, 1000.0), 0.8, 0.06))
    bell = sequence(take, [0.17], lambda: struck(take.part(1.6), METAL, 2350.0, 0.8, 1.1))
    drawer = filtered(white(take), lambda hz: edges(hz, 300.0, 4000.0)) * np.exp(
        -0.5 * ((take.time_s - 0.33) / 0.06) ** 2
    )
    return lever + 0.5 * bell + 0.12 * drawer


RECIPES = {
    "click": hit(click, 0.25, 0.9),
    "switch": hit(switch, 0.3, 1.1),
    "beep": hit(beep, 0.4, 0.8),
    "notification": hit(notification, 1.3, 2.4),
    "success": hit(success, 1.2, 2.2),
    "error": hit(error, 0.6, 1.6),
    "coin": hit(coin, 0.9, 1.1),
    "power_up": hit(power_up, 1.0, 1.8),
    "coins": hit(coins, 1.4, 1.6, is_counted=True),
    "typing": bed(typing),
    "typewriter": bed(typewriter),
    "camera": hit(camera, 0.5, 1.3),
    "lock": hit(lock, 1.0, 1.6),
    "cash_register": hit(cash_register, 1.9, 2.4),
}
