"""Mallets and what else rings in bars, tubes, tongues and pans.

Ratios of modes after Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., 1998: chapters 19 (bars, marimba,
vibraphone, glockenspiel), 19.9 (chimes) and 20.6 (steel pans), and 2.15 (bars held at one end).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from soundrack.composition.instruments.amplifier import Tremolo
from soundrack.composition.instruments.bodies import Body
from soundrack.composition.instruments.modal import Modes, contact, hertz_of, scattered
from soundrack.composition.instruments.struck import Finish, Ringing, Stroke, Struck


@dataclass(frozen=True)
class Bars:
    """A row of bars.

    Parameters
    ----------
    ratios, strengths : tuple of float
        Of the modes to the pitch.
    ring_s : float
        How long middle C's first mode needs to decay by 60 dB.
    ring_slope : float
        How many times as long an octave lower.
    losses : tuple of float
        How many times as fast as the first each mode decays.
    corner_hz, reach : float
        Of the mallet at middle C and mezzo-forte; how many octaves velocity moves it.
    pair_cents : float
        By how much a second, weaker mode beside each is apart, which beats with it.
    click : float
        How loud the mallet's own knock is.
    body : Body
        What is under the bars.
    """

    ratios: tuple[float, ...]
    strengths: tuple[float, ...]
    ring_s: float
    ring_slope: float
    losses: tuple[float, ...]
    corner_hz: float
    reach: float
    pair_cents: float
    click: float
    body: Body


_ROOM = Body(low_hz=60.0, high_hz=9000.0, ripple_db=0.8, spread=0.5, knock_s=0.05, key=21)
_WOOD = Body(low_hz=60.0, high_hz=6000.0, ripple_db=1.2, spread=0.5, knock_s=0.04, key=22)
_BOX = Body(
    low_hz=140.0, high_hz=5000.0, peaks=((210.0, 4.0, 3.0), (430.0, 3.0, 3.0)), ripple_db=1.5, knock_s=0.09, key=23
)

_BARS: dict[str, Bars] = {
    "vibraphone": Bars(
        (1.0, 3.99, 9.9, 17.2), (1.0, 0.3, 0.16, 0.05), 7.5, 1.3, (1.0, 2.2, 6.0, 12.0), 900.0, 2.2, 0.6, 0.03, _ROOM
    ),
    "marimba": Bars(
        (1.0, 3.96, 9.5, 16.7), (1.0, 0.34, 0.2, 0.06), 1.15, 1.75, (1.0, 3.0, 7.0, 12.0), 620.0, 2.2, 0.4, 0.12, _WOOD
    ),
    "glockenspiel": Bars(
        (1.0, 2.756, 5.404, 8.933), (1.0, 0.8, 0.7, 0.3), 5.0, 1.25, (1.0, 1.8, 4.0, 8.0), 7000.0, 1.6, 0.5, 0.05, _ROOM
    ),
    "celesta": Bars(
        (1.0, 2.74, 4.0, 5.4), (1.0, 0.12, 0.09, 0.05), 2.6, 1.45, (1.0, 3.0, 4.0, 8.0), 2200.0, 1.8, 0.7, 0.08, _BOX
    ),
    "music_box": Bars(
        (1.0, 2.0, 6.267, 17.55), (1.0, 0.2, 0.42, 0.2), 2.6, 1.25, (1.0, 1.6, 3.0, 8.0), 7000.0, 1.0, 0.9, 0.07, _BOX
    ),
    "kalimba": Bars(
        (1.0, 2.0, 5.6, 12.4), (1.0, 0.09, 0.2, 0.08), 1.5, 1.35, (1.0, 2.0, 6.0, 12.0), 2300.0, 1.8, 0.8, 0.2, _BOX
    ),
    "bells": Bars(
        (0.224, 0.617, 1.21, 2.0, 2.988, 4.173, 5.556, 7.136, 8.91),
        (0.1, 0.25, 0.35, 1.0, 0.85, 0.7, 0.45, 0.28, 0.15),
        9.0,
        1.25,
        (0.7, 0.8, 0.9, 1.0, 1.3, 1.7, 2.3, 3.2, 4.5),
        2600.0,
        1.6,
        0.8,
        0.03,
        _ROOM,
    ),
}


def _modes(bars: Bars, stroke: Stroke) -> Modes:
    pitch, hertz = stroke.pitch, hertz_of(stroke.pitch)
    frequencies = hertz * np.array(bars.ratios)
    ring_s = bars.ring_s * bars.ring_slope ** ((60.0 - pitch) / 12.0) * (0.08 if stroke.kind == "mute" else 1.0)
    decays = 6.91 / ring_s * np.array(bars.losses)
    corner = bars.corner_hz * 2.0 ** (bars.reach * (stroke.velocity - 0.7) + 0.6 * (pitch - 60.0) / 12.0)
    drawn = scattered(7000 + 16 * round(pitch) + stroke.variant, len(frequencies))
    strengths = np.array(bars.strengths) * contact(frequencies, corner, 2.0) * np.exp(0.12 * drawn)
    side = float(np.clip((pitch - 72.0) / 40.0, -0.45, 0.45))
    pair = frequencies * 2.0 ** (bars.pair_cents * (1.0 + 0.5 * drawn) / 1200.0)
    made = Modes.of(frequencies, decays, strengths, side) + Modes.of(pair, 0.9 * decays, 0.3 * strengths, -side)
    made = bars.body.carried(made)
    click = bars.body.knocked(14, 250.0, 5000.0, 1.0, stroke.variant)
    return made + click.times(bars.click * (0.4 + stroke.velocity) * made.loudness / click.loudness)


def _pan(stroke: Stroke) -> Modes:
    """Return a steel pan's note: modes tuned to octave and twelfth, which take their energy from the first.

    What is handed over grows only while the first swings: pairs that begin against each other do that.
    """
    pitch, hertz = stroke.pitch, hertz_of(stroke.pitch)
    number = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    drawn = scattered(8000 + round(pitch), 6)
    frequencies = hertz * number * 2.0 ** (np.abs(2.5 * drawn) * (number > 1.0) / 1200.0)
    ring_s = 1.5 * 1.3 ** ((60.0 - pitch) / 12.0) * (0.2 if stroke.kind else 1.0)
    decays = 6.91 / ring_s * np.array([1.0, 1.1, 1.4, 1.5, 2.2, 2.6])
    corner = 2400.0 * 2.0 ** (2.0 * (stroke.velocity - 0.7) + 0.4 * (pitch - 60.0) / 12.0)
    strengths = np.array([1.0, 1.1, 0.75, 0.7, 0.4, 0.3]) * contact(frequencies, corner, 1.4)
    quick = np.array([3.0, 9.0, 10.0, 12.0, 16.0, 20.0])
    made = Modes.of(frequencies, decays, strengths, 0.15)
    made = made + Modes.of(frequencies[1:], decays[1:] * quick[1:], -0.75 * strengths[1:], 0.15)
    made = made + Modes.of(hertz * np.array([1.502, 2.51, 3.62, 4.71]), np.full(4, 16.0), np.full(4, 0.05), -0.2)
    click = _ROOM.knocked(12, 300.0, 4000.0, 1.0, stroke.variant)
    return made + click.times(0.08 * made.loudness / click.loudness)


def _bars(name: str, damping_s: float, *, variants: int = 1, finish: Finish | None = None) -> Struck:
    ringing = Ringing(partial(_modes, _BARS[name]), 0.0, damping_s, touch=1.3, attack_s=0.0012, variants=variants)
    return Struck(ringing, finish)


def vibraphone() -> Struck:
    """Return a vibraphone, its motor on, with the pedal held as long as a tone."""
    return _bars("vibraphone", 0.5, finish=Tremolo(rate_hz=5.2, depth=0.3, is_stereo=False))


def marimba() -> Struck:
    """Return a marimba with yarn mallets; nothing damps it."""
    return _bars("marimba", 20.0, variants=2)


def glockenspiel() -> Struck:
    """Return a glockenspiel; nothing damps it."""
    return _bars("glockenspiel", 20.0)


def celesta() -> Struck:
    """Return a celesta."""
    return _bars("celesta", 0.5)


def music_box() -> Struck:
    """Return a music box, whose tongues ring on."""
    return _bars("music_box", 20.0)


def kalimba() -> Struck:
    """Return a kalimba on a wooden box; nothing damps it."""
    return _bars("kalimba", 20.0, variants=2)


def bells() -> Struck:
    """Return tubular bells, whose pitch is that of no mode: it is an octave below the fourth."""
    return _bars("bells", 4.0)


def steel_drum() -> Struck:
    """Return a tenor steel pan."""
    return Struck(Ringing(_pan, 0.0, 20.0, touch=1.3, attack_s=0.0015, variants=2))
