"""Where a sound is heard: distance, room, place and movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.convolving import convolved
from soundrack.composition.foley.character import Character, Movement, Room
from soundrack.composition.foley.noise import Sound, edges, filtered
from soundrack.composition.instruments.tone import RATE_HZ

_SOUND_M_S = 343.0
_TAILS = {Room.INDOOR: (0.45, 0.16, 6500.0), Room.HALL: (2.4, 0.4, 5000.0), Room.CAVE: (3.6, 0.6, 3500.0)}
"""Reverberation time, part of the level, low-pass."""
_OPEN = (1.6, 0.0, 2500.0)
_BANDS = {Room.UNDERWATER: (40.0, 420.0, 3), Room.TELEPHONE: (350.0, 3200.0, 4)}


def stereo(sound: Sound) -> NDArray[np.float64]:
    """Return a sound with two channels; one channel becomes two that are the same."""
    return np.column_stack([sound, sound]) if sound.ndim == 1 else sound


def panned(sound: Sound, place: float | Sound) -> NDArray[np.float64]:
    """Return a sound of one channel between left (-1) and right (1), at the same power everywhere."""
    angle = 0.25 * np.pi * (np.clip(place, -1.0, 1.0) + 1.0)
    return np.asarray(np.column_stack([sound * np.cos(angle), sound * np.sin(angle)]) * np.sqrt(2.0), dtype=np.float64)


def passing(
    sound: Sound, speed_m_s: float, nearest_m: float, at: float = 0.5, level: float = 1.0
) -> NDArray[np.float64]:
    """Return a source that passes in a straight line: delay that changes (and so the Doppler effect), level and place.

    Parameters
    ----------
    sound : array, shape (frames,)
        At the source.
    speed_m_s, nearest_m : float
        How fast it goes, and how far away it is when it is nearest.
    at : float
        When that is, as a part of the sound.
    level : float
        By which power of the distance it is quieter.
    """
    frames = len(sound)
    along = (np.arange(frames) / RATE_HZ - at * frames / RATE_HZ) * speed_m_s
    distance = np.sqrt(along**2 + nearest_m**2)
    delay = (distance - nearest_m) / _SOUND_M_S * RATE_HZ
    # The sound is read from its beginning: what was emitted before it is the beginning read backwards.
    heard = np.interp(np.abs(np.arange(frames) - delay), np.arange(frames), sound)
    return panned(heard * (nearest_m / distance) ** level, along / distance * 0.9)


def roomed(sound: NDArray[np.float64], tail_s: float, part: float, high_hz: float, rng: np.random.Generator) -> Sound:
    """Add a room: sparse first reflections and an exponentially falling noise, different on each side."""
    frames = int(tail_s * RATE_HZ)
    fall = np.exp(-6.9078 * np.arange(frames) / frames) * (1.0 - np.exp(-np.arange(frames) / (0.012 * RATE_HZ)))
    out = sound.copy()
    for side in range(2):
        tail = filtered(rng.standard_normal(frames) * fall, lambda hz: edges(hz, 150.0, high_hz, 1))
        for _ in range(6):
            tail[int(rng.uniform(0.004, 0.045) * RATE_HZ) % frames] += rng.uniform(-6.0, 6.0)
        tail *= part / np.sqrt(np.sum(tail**2))
        out[:, side] += convolved(sound[:, side], tail)[: len(sound)]
    return out


def spaced(sound: Sound, character: Character, rng: np.random.Generator) -> NDArray[np.float64]:
    """Put a sound where its character says: distance first, then the room.

    Air takes the higher frequencies first, and what is far is heard by its reverberation.
    """
    out = stereo(sound)
    far = character.distance
    if far > 0.0:
        high_hz = 16_000.0 * (600.0 / 16_000.0) ** far
        out = np.column_stack([filtered(out[:, side], lambda hz: edges(hz, 20.0, high_hz, 1)) for side in range(2)])
        width = 1.0 - 0.6 * far
        middle = out.mean(axis=1, keepdims=True)
        out = (middle + width * (out - middle)) * 10.0 ** (-14.0 * far / 20.0)
    if character.room in _TAILS:
        tail_s, part, high_hz = _TAILS[character.room]
        out = roomed(out, tail_s, part * (1.0 + far), high_hz, rng)
    elif far > 0.2:
        out = roomed(out, _OPEN[0], 0.6 * far, _OPEN[2], rng)
    if character.room in _BANDS:
        low_hz, high_hz, order = _BANDS[character.room]
        out = np.column_stack(
            [filtered(out[:, side], lambda hz: edges(hz, low_hz, high_hz, order)) for side in range(2)]
        )
    return out


def moving(out: NDArray[np.float64], character: Character) -> NDArray[np.float64]:
    """Move a sound of two channels as its character says."""
    if character.movement is Movement.STILL:
        return out
    mono, frames = out.mean(axis=1), len(out)
    part = np.arange(frames) / max(frames - 1, 1)
    if character.movement is Movement.PASSING:
        return passing(mono, character.between("speed", 6.0, 70.0), 6.0)
    if character.movement is Movement.CIRCLING:
        rounds = max(round(frames / RATE_HZ * character.between("speed", 0.1, 1.0)), 1)
        return panned(mono, 0.9 * np.sin(2.0 * np.pi * rounds * part))
    level = 0.08 + 0.92 * (part if character.movement is Movement.APPROACHING else 1.0 - part) ** 2
    return np.asarray(out * level[:, None])
