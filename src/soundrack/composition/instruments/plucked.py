"""Plucked strings: guitars, basses, harp and strings without their bows.

A string plucked at a part of its length has no modes with a node there; what the bridge takes is the more, the higher
(Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., 1998, chapters 2 and 9; Valimaki, Huopaniemi,
Karjalainen & Janosy, "Physical Modeling of Plucked String Instruments with Application to Real-Time Sound Synthesis",
1996, whose two polarisations give the two stages of the decay). An electric guitar's pickup hears a string at one
place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from soundrack.audio.biquads import high_shelf, peaking
from soundrack.composition.instruments.amplifier import Equaliser, Stack
from soundrack.composition.instruments.bodies import Body
from soundrack.composition.instruments.modal import HIGHEST_HZ, Modes, contact, hertz_of, scattered
from soundrack.composition.instruments.struck import Finish, Ringing, Stroke, Struck
from soundrack.composition.instruments.tone import RATE_HZ

_MOST_PARTIALS = 110
_MUTED_LOSS, _MUTED_OCTAVES = 15.0, -0.5
_APART = (1.0, -1.0, 0.6, -0.6, 0.2, -0.2)
"""By what parts of the detuning hands or players differ: together they are in tune."""


@dataclass(frozen=True)
class Strings:
    """A plucked instrument.

    Parameters
    ----------
    middle : float
        The pitch for which the rest holds.
    ring_s : float
        How long its first mode needs to decay by 60 dB.
    ring_slope : float
        How many times as long an octave lower.
    loss : float
        How much faster, in nepers a second for a partial of 1 kHz, the higher ones decay: with the frequency squared,
        above 3 kHz in proportion.
    stiffness : float
        B: the n-th partial is sharp by ``sqrt(1 + B * n ** 2)``.
    place : float
        Where it is plucked, as a part of its length.
    corner_hz, reach : float
        Of the finger's or the pick's width at mezzo-forte; how many octaves velocity moves it.
    tilt : float
        Exponent of the partials' numbers: -1 for the force on a bridge.
    pickup : float
        Where a pickup hears it, as a part of its length; 0 for none.
    polarisation : float
        How strong the second direction of the swinging is, which decays more slowly.
    knock : float
        How loud the body and the finger are.
    body : Body
        Or the loudspeaker.
    """

    middle: float
    ring_s: float
    ring_slope: float
    loss: float
    stiffness: float
    place: float
    corner_hz: float
    reach: float
    tilt: float
    pickup: float
    polarisation: float
    knock: float
    body: Body


_STEEL_BOX = Body(
    95.0, 5200.0, ((104.0, 7.0, 4.0), (205.0, 6.0, 4.0), (395.0, 3.0, 3.0), (2600.0, 3.0, 0.7)), 2.4, 0.45, 0.14, 31
)
_NYLON_BOX = Body(95.0, 3400.0, ((98.0, 7.0, 4.0), (195.0, 6.0, 4.0), (300.0, 3.0, 3.0)), 2.4, 0.4, 0.16, 32)
_LOUDSPEAKER = Body(85.0, 4800.0, ((130.0, 2.0, 1.5), (2300.0, 3.0, 1.0)), 0.5, 0.15, 0.03, 33)
_BASS_LOUDSPEAKER = Body(38.0, 3200.0, ((90.0, 1.5, 1.0), (800.0, -2.0, 0.8)), 0.4, 0.05, 0.04, 34)
_SLAP_LOUDSPEAKER = Body(38.0, 7500.0, ((80.0, 3.0, 1.0), (500.0, -6.0, 0.7), (3200.0, 4.0, 0.9)), 0.4, 0.05, 0.03, 35)
_DOUBLE_BASS = Body(
    52.0, 1500.0, ((62.0, 3.0, 3.0), (102.0, 5.0, 3.0), (210.0, 3.0, 2.0), (650.0, 3.0, 1.0)), 2.0, 0.2, 0.2, 36
)
_HARP_BOX = Body(75.0, 5000.0, ((160.0, 3.0, 2.0), (290.0, 3.0, 2.0)), 1.8, 0.5, 0.12, 37)
_VIOLIN_BOX = Body(160.0, 4200.0, ((280.0, 6.0, 5.0), (460.0, 6.0, 5.0), (2300.0, 5.0, 1.0)), 3.0, 0.6, 0.06, 38)

_ACOUSTIC = Strings(52.0, 5.5, 1.35, 1.0, 7e-5, 0.15, 6500.0, 1.8, -0.6, 0.0, 0.35, 0.09, _STEEL_BOX)
_NYLON = Strings(52.0, 3.6, 1.45, 3.0, 2e-5, 0.22, 2700.0, 1.9, -0.9, 0.0, 0.35, 0.1, _NYLON_BOX)
_ELECTRIC = Strings(52.0, 8.0, 1.3, 1.0, 6e-5, 0.15, 4600.0, 1.6, -0.55, 0.21, 0.3, 0.02, _LOUDSPEAKER)
_DRIVEN = Strings(52.0, 9.0, 1.2, 1.0, 6e-5, 0.12, 4500.0, 1.2, -0.6, 0.09, 0.3, 0.03, _LOUDSPEAKER)
_UPRIGHT = Strings(36.0, 2.1, 1.5, 7.0, 6e-5, 0.2, 900.0, 1.6, -0.85, 0.0, 0.25, 0.16, _DOUBLE_BASS)
_BASS = Strings(36.0, 6.5, 1.4, 2.6, 9e-5, 0.17, 1300.0, 1.9, -0.8, 0.19, 0.25, 0.03, _BASS_LOUDSPEAKER)
_SLAP = Strings(36.0, 5.0, 1.4, 1.6, 9e-5, 0.30, 5200.0, 1.7, -0.45, 0.14, 0.25, 0.12, _SLAP_LOUDSPEAKER)
_HARP = Strings(60.0, 3.8, 1.5, 3.2, 2e-5, 0.38, 1900.0, 1.6, -0.9, 0.0, 0.4, 0.06, _HARP_BOX)
_PIZZICATO = Strings(60.0, 0.75, 1.4, 9.0, 2e-5, 0.28, 2000.0, 1.8, -0.85, 0.0, 0.2, 0.14, _VIOLIN_BOX)


def _modes(strings: Strings, detune_cents: float, stroke: Stroke) -> Modes:
    up = (stroke.pitch - strings.middle) / 12.0
    muted = stroke.kind == "mute"
    drawn = scattered(12_000 + 8 * round(stroke.pitch) + stroke.variant, _MOST_PARTIALS + 3)
    cents = detune_cents * _APART[stroke.variant % len(_APART)]
    number = np.arange(1, _MOST_PARTIALS + 1, dtype=np.float64)
    stiff = strings.stiffness * 2.0**up
    hertz = hertz_of(stroke.pitch) * 2.0 ** (cents / 1200.0) / np.sqrt(1.0 + stiff) * number
    hertz = hertz * np.sqrt(1.0 + stiff * number**2)
    number, hertz = number[hertz < HIGHEST_HZ], hertz[hertz < HIGHEST_HZ]
    place = strings.place * 2.0 ** (0.3 * min(up, 2.0) + 0.12 * drawn[1])
    corner = strings.corner_hz * 2.0 ** (strings.reach * (stroke.velocity - 0.7) + 0.35 * up)
    corner *= 2.0**_MUTED_OCTAVES if muted else 1.0
    amplitudes = np.sqrt(np.sin(np.pi * number * place) ** 2 + 0.02) * number ** (
        strings.tilt + 0.6 * (stroke.velocity - 0.7)
    )
    amplitudes *= contact(hertz, corner, 2.4)
    if strings.pickup > 0.0:
        amplitudes *= np.sqrt(np.sin(np.pi * number * strings.pickup * 2.0 ** (0.8 * up)) ** 2 + 0.02)
    kilohertz = hertz / 1000.0
    high = np.where(kilohertz < 3.0, kilohertz**2, 3.0 * kilohertz)
    decays = 6.91 / (strings.ring_s * strings.ring_slope**-up) + strings.loss * high
    decays = decays * np.exp(0.18 * drawn[3 : 3 + len(number)]) * (_MUTED_LOSS if muted else 1.0)
    slow = hertz * 2.0 ** ((0.3 + 0.3 * abs(float(drawn[2]))) / 1200.0)
    made = Modes.of(hertz, 1.25 * decays, amplitudes)
    made = strings.body.carried(made + Modes.of(slow, 0.55 * decays, strings.polarisation * amplitudes))
    knock = strings.body.knocked(18, max(1.1 * strings.body.low_hz, 70.0), 2600.0, 1.0, stroke.variant)
    loud = strings.knock * (0.4 + stroke.velocity) * (1.8 if muted else 1.0)
    return made + knock.times(loud * made.loudness / knock.loudness)


def _slapped(stroke: Stroke) -> Modes:
    """Return a string that hits the frets: the thumb below A1, the finger's pop above, both with a clank."""
    made = _modes(_SLAP, 0.0, stroke)
    drawn = scattered(13_000 + 8 * round(stroke.pitch) + stroke.variant, 28)
    hertz = np.geomspace(900.0, 7000.0, 14) * 2.0 ** (0.2 * drawn[:14])
    clank = Modes.of(hertz, np.linspace(55.0, 130.0, 14), drawn[14:])
    popped = 0.6 if stroke.pitch >= 43.0 else 0.35
    return made + clank.times(popped * stroke.velocity**1.5 * made.loudness / clank.loudness)


def _guitar(
    strings: Strings, release_s: float, *, level_db: float = 0.0, finish: Finish | None = None, attack_s: float = 0.001
) -> Struck:
    ringing = Ringing(partial(_modes, strings, 0.4), level_db, release_s, touch=1.2, attack_s=attack_s, variants=3)
    return Struck(ringing, finish)


def acoustic_guitar() -> Struck:
    """Return a guitar with steel strings, played with a pick."""
    return _guitar(_ACOUSTIC, 0.35)


def nylon_guitar() -> Struck:
    """Return a classical guitar, played with the fingers."""
    return _guitar(_NYLON, 0.35, attack_s=0.002)


def electric_guitar() -> Struck:
    """Return a clean electric guitar, its middle pickup through a small amplifier."""
    return _guitar(_ELECTRIC, 0.2)


def muted_guitar() -> Struck:
    """Return an electric guitar whose strings the hand's edge damps at the bridge."""

    def muted(stroke: Stroke) -> Modes:
        return _modes(_ELECTRIC, 0.4, Stroke(stroke.pitch, stroke.velocity, "mute", stroke.variant))

    return Struck(Ringing(muted, 0.0, 0.06, touch=1.2, attack_s=0.001, variants=3))


def distorted_guitar() -> Struck:
    """Return two takes of a driven electric guitar, one a side: each through an amplifier of its own."""
    ringing = Ringing(
        partial(_modes, _DRIVEN, 2.0),
        0.0,
        0.09,
        touch=0.9,
        attack_s=0.001,
        variants=2,
        players=2,
        late_s=0.014,
        width=0.92,
    )
    return Struck(ringing, Stack(drive_db=30.0, level_db=0.0))


def upright_bass() -> Struck:
    """Return a double bass, plucked."""
    return _guitar(_UPRIGHT, 0.12, attack_s=0.004)


def electric_bass() -> Struck:
    """Return an electric bass, played with the fingers."""
    return _guitar(_BASS, 0.09, attack_s=0.003)


def slap_bass() -> Struck:
    """Return an electric bass, slapped with the thumb and popped with the finger."""
    ringing = Ringing(_slapped, 0.0, 0.06, touch=1.2, attack_s=0.0006, variants=3)
    return Struck(ringing, Equaliser(np.stack([peaking(60.0, RATE_HZ, 2.0, 1.0), high_shelf(5000.0, RATE_HZ, 2.0)])))


def harp() -> Struck:
    """Return a concert harp, whose strings ring on until a hand is laid on them."""
    ringing = Ringing(
        partial(_modes, _HARP, 0.3),
        0.0,
        2.5,
        touch=1.2,
        attack_s=0.002,
        variants=2,
        halo=0.05,
        halo_s=4.0,
    )
    return Struck(ringing)


def pizzicato() -> Struck:
    """Return violins and violas, or cellos and basses below, plucked: six players, not quite together."""
    ringing = Ringing(
        partial(_modes, _PIZZICATO, 5.0),
        0.0,
        0.3,
        touch=1.2,
        attack_s=0.0015,
        players=6,
        late_s=0.022,
        width=0.85,
    )
    return Struck(ringing)
