"""Envelopes: exponential attack, decay, sustain and release, a block at a time."""

from __future__ import annotations

import math

from soundrack.audio.kernels import kernel

IDLE, ATTACK, DECAY, RELEASE = 0, 1, 2, 3

_OVERSHOOT = 1.25
"""What an attack aims at: it is a capacitor's curve, cut where it reaches 1."""
_NOTHING = 1e-5
_ATTACK_TAUS = math.log(_OVERSHOOT / (_OVERSHOOT - 1.0))
_FLOOR = 1e-3
_FALL_TAUS = math.log((1.0 + _FLOOR) / _FLOOR)
"""A release aims 60 dB below nothing, so that it ends; its time is from 1 to the end. A decay's time is the same."""


@kernel
def moved(
    level: float, stage: int, seconds: float, attack_s: float, decay_s: float, sustain: float, release_s: float
) -> tuple[float, int]:
    """Return level and stage of an envelope some time later.

    Parameters
    ----------
    level : float
        0 to 1.
    stage : int
        `IDLE`, `ATTACK`, `DECAY` (and sustain) or `RELEASE`. Set it to `ATTACK` when a tone begins: it goes on from
        where it is. Set it to `RELEASE` when it is let go.
    seconds : float
        How much later; an attack that ends within it ends with it.
    attack_s, decay_s, release_s : float
        From 0 to 1, from 1 to within 60 dB of `sustain`, and from 1 to the end; above 0.
    sustain : float
        0 to 1.
    """
    if stage == ATTACK:
        level = _OVERSHOOT + (level - _OVERSHOOT) * math.exp(-seconds * _ATTACK_TAUS / attack_s)
        return (1.0, DECAY) if level >= 1.0 else (level, ATTACK)
    if stage == DECAY:
        level = sustain + (level - sustain) * math.exp(-seconds * _FALL_TAUS / decay_s)
        return (0.0, IDLE) if sustain == 0.0 and level < _NOTHING else (level, DECAY)
    if stage == RELEASE:
        level = -_FLOOR + (level + _FLOOR) * math.exp(-seconds * _FALL_TAUS / release_s)
        return (0.0, IDLE) if level <= 0.0 else (level, RELEASE)
    return 0.0, IDLE
