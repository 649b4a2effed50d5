"""Pianos: stiff strings in twos and threes, struck by felt, on a soundboard.

Stiffness after Rigaud, David & Daudet, "A Parametric Model and Estimation Techniques for the Inharmonicity and Tuning
of the Piano", 2013; losses after Bensa, Bilbao, Kronland-Martinet & Smith, "The Simulation of Piano String Vibration:
From Physical Models to Finite Difference Schemes and Digital Waveguides", 2003; the two stages of the decay after
Weinreich, "Coupled Piano Strings", 1977; the hammer after Askenfelt & Jansson, "From Touch to String Vibrations",
1990-1993.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from soundrack.composition.instruments.bodies import Body
from soundrack.composition.instruments.modal import HIGHEST_HZ, Modes, contact, hertz_of, scattered
from soundrack.composition.instruments.struck import Ringing, Stroke, Struck

LOWEST, HIGHEST = 21, 108
_MOST_PARTIALS = 90
_MIDDLE = 60.0
_WITHOUT_DAMPER = 89
_PITCHES = np.array([36.0, 60.0, 96.0])
_AIR_LOSS_LOG2 = np.log2([0.25, 1.1, 9.17])
_STIFF_LOSS_LOG2 = np.log2([2.0e-4, 6.7e-3, 2.07])
"""Bensa et al., table I, for C2, C4 and C7: neper a second, and the same for the square of the partial's number."""
_SOUNDBOARD = Body(
    low_hz=85.0,
    high_hz=5500.0,
    peaks=((110.0, 3.0, 1.5), (250.0, 2.0, 1.2), (1400.0, 2.0, 0.8), (3200.0, 7.0, 0.4)),
    ripple_db=2.2,
    spread=0.45,
    knock_s=0.16,
    key=11,
)


@dataclass(frozen=True)
class Hammer:
    """How strings are struck: its corner frequency at middle C and mezzo-forte, how far velocity moves it in octaves,
    what of the sound is a knock, and how much faster everything decays."""

    corner_hz: float
    reach: float
    knock: float
    losses: float


def inharmonicity(pitch: float) -> float:
    """Return B of a string: its n-th partial is at ``n * f0 * sqrt(1 + B * n ** 2)``."""
    return float(np.exp(-8.47e-2 * pitch - 5.82) + np.exp(9.26e-2 * pitch - 13.64))


def modes(hammer: Hammer, stroke: Stroke) -> Modes:
    """Return what rings after a stroke of a hammer."""
    pitch = stroke.pitch
    stiffness = inharmonicity(pitch)
    fundamental = hertz_of(pitch) / np.sqrt(1.0 + stiffness)
    number = np.arange(1, _MOST_PARTIALS + 1, dtype=np.float64)
    hertz = number * fundamental * np.sqrt(1.0 + stiffness * number**2)
    number, hertz = number[hertz < HIGHEST_HZ], hertz[hertz < HIGHEST_HZ]
    key = round(pitch)
    corner = hammer.corner_hz * 2.0 ** ((pitch - _MIDDLE) / 34.0 + hammer.reach * (stroke.velocity - 0.7))
    place = np.interp(pitch, (21.0, 60.0, 108.0), (0.125, 0.12, 0.07))
    struck = np.sqrt(np.sin(np.pi * number * place) ** 2 + 0.015) * contact(hertz, corner, 1.5)
    # A softer felt, pressed less, blurs its edge the more.
    softness = np.interp(pitch, (30.0, 60.0, 90.0), (0.45, 0.65, 1.6)) + 0.7 * (0.7 - stroke.velocity)
    struck *= number**-softness
    losses = _log(pitch, _AIR_LOSS_LOG2) + _log(pitch, _STIFF_LOSS_LOG2) * number**2
    losses *= hammer.losses * np.exp(0.22 * scattered(500 + key, len(number)))
    strings = 1 if pitch < 31 else 2 if pitch < 46 else 3
    sides = np.clip((pitch - 64.0) / 60.0, -0.5, 0.5)
    made = Modes.of(hertz, 1.7 * losses, struck, sides)
    # The after-sound: what the strings do against one another, which the bridge does not take.
    apart = 0.35 * scattered(900 + key, 2 * len(number)) * (1.0 if strings > 1 else 0.3)
    after = hertz * 2.0 ** (apart[: len(number)] / 1200.0)
    made = made + Modes.of(after, 0.42 * losses, 0.2 * struck, -0.4 * sides)
    if strings == 3:
        low = number <= 10
        beating = hertz[low] * 2.0 ** ((0.5 + apart[: np.count_nonzero(low)]) / 1200.0)
        made = made + Modes.of(beating, 1.1 * losses[low], 0.35 * struck[low], sides)
    knock = _SOUNDBOARD.knocked(22, 75.0, 1500.0, 1.0, stroke.variant)
    made = _SOUNDBOARD.carried(made)
    loud = hammer.knock * (0.5 + stroke.velocity) * made.loudness / knock.loudness
    return made + knock.times(loud * float(np.interp(pitch, (40.0, 90.0), (0.6, 1.6))))


def _log(pitch: float, points: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    slope = (points[2] - points[1]) / (_PITCHES[2] - _PITCHES[1])
    beyond = slope * max(pitch - _PITCHES[2], 0.0) + slope * 0.6 * min(pitch - _PITCHES[0], 0.0)
    return float(2.0 ** (np.interp(pitch, _PITCHES, points) + beyond))


def _release_s(pitch: float) -> float:
    """Return how long a damper needs; the highest strings have none."""
    return 20.0 if pitch >= _WITHOUT_DAMPER else float(np.interp(pitch, (21.0, 60.0, 88.0), (0.9, 0.4, 0.28)))


def grand_piano() -> Struck:
    """Return a concert grand, as its player hears it: the bass on the left."""
    hammer = Hammer(corner_hz=1600.0, reach=2.4, knock=0.1, losses=1.0)
    return Struck(Ringing(partial(modes, hammer), 0.0, _release_s, touch=1.4, attack_s=0.001, halo=0.012, halo_s=2.5))


def felt_piano() -> Struck:
    """Return an upright piano with felt between hammers and strings, heard from near."""
    hammer = Hammer(corner_hz=330.0, reach=1.6, knock=0.3, losses=1.35)
    return Struck(Ringing(partial(modes, hammer), 0.0, _release_s, touch=1.2, attack_s=0.004, halo=0.012, halo_s=1.5))
