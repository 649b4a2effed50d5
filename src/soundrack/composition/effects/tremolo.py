"""Tremolo and auto-pan: loudness, and place, that swing."""

from __future__ import annotations

import numpy as np

from soundrack.audio.gain import STEP_FRAMES, points_for
from soundrack.composition.effects.sound import POINT_S, Sound, gained
from soundrack.composition.instruments.tone import RATE_HZ


def process(sound: Sound, rate_hz: float, depth: float) -> Sound:
    """Return a sound whose level swings.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    rate_hz : float
        How often, up to 40.
    depth : float
        0 to 1: how much of it is gone at the softest.
    """
    turns = np.arange(points_for(len(sound))) * (POINT_S * rate_hz)
    return gained(sound, (1.0 - depth * (0.5 - 0.5 * np.cos(2.0 * np.pi * turns))).astype(np.float32))


def panned(sound: Sound, rate_hz: float, depth: float) -> Sound:
    """Return a sound that goes from side to side with equal power; arguments as `process`."""
    at = np.arange(points_for(len(sound))) * (POINT_S * rate_hz)
    angle = 0.25 * np.pi * (1.0 + depth * np.sin(2.0 * np.pi * at))
    frames = np.arange(len(sound), dtype=np.float32) * np.float32(1.0 / STEP_FRAMES)
    points = np.arange(len(at), dtype=np.float32)
    out = np.empty_like(sound)
    for channel, gains in enumerate((np.cos(angle), np.sin(angle))):
        out[:, channel] = sound[:, channel] * np.interp(frames, points, np.sqrt(2.0) * gains).astype(np.float32)
    return out


def synchronous_hz(quarter_s: float, quarters: float) -> float:
    """Return how often something turns that takes so many quarter notes, held to half the rate."""
    return min(1.0 / (quarter_s * quarters), 0.5 * RATE_HZ)
