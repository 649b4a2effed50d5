"""Ducking: room made at known moments, as by a compressor that hears a bass drum, or whenever something else sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundrack.audio.gain import points_for
from soundrack.composition.effects.compressor import step_peaks
from soundrack.composition.effects.sound import POINT_S, Curve, Sound, factor

_DOWN_S = 0.004
_HEARD = np.float32(10.0 ** (-38.0 / 20.0))


def pumping(
    frames: int, starts_s: Sequence[float], depth_db: float, release_s: float, strengths: Sequence[float]
) -> Curve:
    """Return factors that fall at each of some moments and come back.

    They are down when the moment comes, since it is known, and come back along half a cosine.

    Parameters
    ----------
    frames : int
        How long the sound is.
    starts_s : sequence of float
        The moments.
    depth_db : float
        By how much, 0 or more.
    release_s : float
        How long it takes to come back.
    strengths : sequence of float
        0 to 1 for each moment: what part of the depth.
    """
    points = points_for(frames)
    reduction = np.zeros(points, dtype=np.float32)
    down, back = max(round(_DOWN_S / POINT_S), 1), max(round(release_s / POINT_S), 1)
    shape = np.concatenate(
        (np.linspace(0.0, 1.0, down, endpoint=False), 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, back)))
    )
    for start_s, strength in zip(starts_s, strengths, strict=True):
        first = round(start_s / POINT_S) - down
        begin, end = max(first, 0), min(first + len(shape), points)
        if begin < end:
            part = reduction[begin:end]
            np.maximum(part, strength * shape[begin - first : end - first], out=part)
    return factor(-depth_db * reduction)


def presence(sound: Sound, attack_s: float = 0.06, release_s: float = 0.35) -> Curve:
    """Return where something sounds: 0 to 1, rising ahead of it and falling after it.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        What is listened to; it sounds where it is above -38 dB of full scale.
    attack_s, release_s : float
        How long it takes to rise and to fall.
    """
    peaks = np.empty(points_for(len(sound)), dtype=np.float32)
    step_peaks(sound, peaks)
    # Whether it sounds is looked at every 10 ms, which is all that rise and fall need.
    size = max(round(0.01 / POINT_S), 1)
    padded = np.pad(peaks, (0, -len(peaks) % size)).reshape(-1, size).max(axis=1)
    sounds = (padded > _HEARD).astype(np.float64)
    rise, fall = max(round(attack_s / 0.01), 1), max(round(release_s / 0.01), 1)
    held = np.convolve(sounds, np.ones(rise + fall + 1))[fall // 2 : fall // 2 + len(sounds) + rise] > 0.5
    ahead = held[rise:][: len(sounds)].astype(np.float64)
    smooth = np.convolve(np.pad(ahead, rise, mode="edge"), np.hanning(2 * rise + 3)[1:-1] / (rise + 1.0), "valid")
    at = np.arange(len(peaks)) / size
    return np.interp(at, np.arange(len(smooth)) + 0.5, np.clip(smooth, 0.0, 1.0)).astype(np.float32)
