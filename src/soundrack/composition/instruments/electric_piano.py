"""Electric pianos: a tine before a pickup, and the clavinet's string.

A tine swings nearly as a sine; the pickup's field, through which it moves, makes the harmonics, the more the farther it
swings (Gabrielli, Cantarini, Castellini & Squartini, "The Rhodes Electric Piano: Analysis and Simulation of the
Inharmonic Overtones", 2020; Pfeifle & Bader, "Tone Production of the Wurlitzer and Rhodes E-Pianos", 2017).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.amplifier import Tremolo
from soundrack.composition.instruments.modal import HIGHEST_HZ, Modes, contact, hertz_of, scattered
from soundrack.composition.instruments.struck import Ringing, Stroke, Struck
from soundrack.composition.instruments.tone import RATE_HZ

_TINE = 6.27
"""Of a bar held at one end: its second mode, which the tuning spring moves from key to key."""
_BLOCK_HZ = 20.0


def electric_piano() -> Struck:
    """Return a piano of tines with its tremolo from side to side, slowly."""
    ringing = Ringing(_tine, 0.0, 0.3, touch=1.25, attack_s=0.002, shaped=_before_pickup)
    return Struck(ringing, Tremolo(rate_hz=4.2, depth=0.22, is_stereo=True))


def clavinet() -> Struck:
    """Return a clavinet: strings pressed on an anvil, between two pickups of opposite phase, woven out when let go."""
    return Struck(Ringing(_clavinet, 0.0, 0.06, touch=1.2, attack_s=0.0004))


def _tine(stroke: Stroke) -> Modes:
    hertz = hertz_of(stroke.pitch)
    octaves = (stroke.pitch - 60.0) / 12.0
    loss = 0.85 * 2.0 ** (0.6 * octaves)
    apart = 0.25 * scattered(4000 + round(stroke.pitch), 3)
    bell = 0.05 * 2.0 ** (1.9 * (stroke.velocity - 0.7) - 0.35 * octaves)
    tine = hertz * (_TINE + 0.5 * apart[0])
    frequencies = np.array([hertz, hertz * 2.0 ** (0.4 / 1200.0), tine, tine * 2.7])
    decays = np.array([1.6 * loss, 0.6 * loss, 9.0 + 5.0 * max(octaves, -1.0), 30.0])
    return Modes.of(frequencies, decays, np.array([1.0, 0.45, bell, 0.5 * bell]))


def _before_pickup(sound: NDArray[np.float32], stroke: Stroke) -> NDArray[np.float32]:
    """Return the voltage of a pickup before which a tine swings as `sound` says."""
    peak = float(np.abs(sound).max(initial=1e-9))
    swing = 0.75 * (0.25 + stroke.velocity) ** 1.2 * 2.0 ** (-(stroke.pitch - 60.0) / 15.0)
    made = np.zeros_like(sound)
    _pickup(sound, made, min(swing, 2.2) / peak, 0.32, 2.0 * math.pi * _BLOCK_HZ / RATE_HZ)
    power = float(np.mean(made[: int(0.4 * RATE_HZ)].astype(np.float64) ** 2)) if len(made) else 1.0
    wanted = float(np.mean(sound[: int(0.4 * RATE_HZ)].astype(np.float64) ** 2)) if len(made) else 1.0
    made *= np.float32(math.sqrt(wanted / max(power, 1e-12)))
    return made


@kernel
def _pickup(motion: NDArray[np.float32], out: NDArray[np.float32], scale: float, offset: float, block: float) -> None:
    """Write the field's flux through a coil at a distance of 1 for a motion across its axis, without what stands."""
    still = 1.0 / (1.0 + offset * offset)
    mean = still
    for n in range(len(motion)):
        x = scale * motion[n, 0] + offset
        flux = 1.0 / (1.0 + x * x)
        mean += block * (flux - mean)
        out[n, 0] = mean - flux
        out[n, 1] = mean - flux


def _clavinet(stroke: Stroke) -> Modes:
    number = np.arange(1, 81, dtype=np.float64)
    stiffness = 1e-4
    hertz = hertz_of(stroke.pitch) / math.sqrt(1.0 + stiffness) * number * np.sqrt(1.0 + stiffness * number**2)
    number, hertz = number[hertz < HIGHEST_HZ], hertz[hertz < HIGHEST_HZ]
    corner = 2100.0 * 2.0 ** (1.8 * (stroke.velocity - 0.7) + 0.3 * (stroke.pitch - 60.0) / 12.0)
    # The neck's pickup less the bridge's: what the two hear alike goes out.
    coils = np.sin(np.pi * number * 0.27) - 0.75 * np.sin(np.pi * number * 0.11)
    decays = (1.3 + 0.012 * number**2) * 2.0 ** ((stroke.pitch - 60.0) / 20.0) * (5.0 if stroke.kind else 1.0)
    amplitudes = np.sqrt(coils**2 + 0.003) * contact(hertz, corner, 2.0) / number**0.35
    click_hz = np.array([310.0, 820.0, 1750.0, 2900.0])
    click = Modes.of(click_hz, np.array([90.0, 130.0, 200.0, 260.0]), np.array([0.10, 0.08, 0.07, 0.05]))
    strings = Modes.of(hertz, decays, amplitudes) + Modes.of(hertz * 1.0004, 0.5 * decays, 0.25 * amplitudes)
    return strings + click.times(float(np.sqrt(np.sum(amplitudes**2))))
