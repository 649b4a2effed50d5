"""What each bin of a mix tells of who plays it: struck or sustained, in the middle or aside, on whose harmonics.

A bin is one of 2049 frequencies in one frame of 93 ms, 43 of them a second (`analysis.stems.spectra`). Nothing that is
told depends on how loud a song is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.stems.medians import running_median
from soundrack.analysis.stems.spectra import BINS, FRAME, RATE_HZ
from soundrack.composition.separation.tracking import BASS, VOICE, comb

Plane = NDArray[np.float32]

CLUES = (
    "struck",
    "struck_briefly",
    "struck_at_length",
    "rise",
    "fall",
    "tone",
    "middle",
    "aside",
    "loud_in_frame",
    "loud_in_band",
    "low_onset",
    "high_onset",
    "bass_harmonic",
    "bass_strength",
    "voice_harmonic",
    "voice_strength",
    "pitch",
    "low",
    "lowest",
    "high",
)
"""What is told of each bin, in this order."""
CONTEXT = 48
"""Frames before and behind that a bin's clues look at: 1.1 s."""

_SCALES = ((8, 12), (3, 30), (24, 5))
"""Half widths of running medians along time and frequency: 0.4 s and 270 Hz, 0.16 s and 660 Hz, 1.1 s and 120 Hz."""
_FLOOR = np.float32(1e-12)
_NEAR = 4
"""Frames before and behind that a rise or fall is told by: 93 ms."""
_TONE_BINS = 8
_LOW_HZ, _HIGH_HZ = (30.0, 120.0), (2000.0, 10_000.0)
_OCTAVES_OF = 440.0
_NEPERS = np.float32(0.25)
"""Brings logarithms of power to the size of the other clues."""


def clues(mix: NDArray[np.complex64]) -> Plane:
    """Return what each bin tells.

    Parameters
    ----------
    mix : complex64 array, shape (2, frames, 2049)
        Spectra of both channels.

    Returns
    -------
    float32 array, shape (`len(CLUES)`, frames, 2049)
        In the order of `CLUES`, each around -3 to 3.

    References
    ----------
    D. FitzGerald, Harmonic/percussive separation using median filtering, DAFx 2010; D. FitzGerald and M. Gainza, Single
    channel vocal separation using median filtering and factorisation techniques, ISAST Trans. 2010 (several widths: a
    voice is sustained for a moment and not for a second); C. Avendano, Frequency-domain source identification in stereo
    mixes, WASPAA 2003 (what both channels have alike).
    """
    left, right = mix
    power = np.square(np.abs(left)) + np.square(np.abs(right))
    frames = len(power)
    told = np.empty((len(CLUES), frames, BINS), dtype=np.float32)
    magnitude = np.sqrt(power)
    for place, (along_time, along_frequency) in enumerate(_SCALES):
        told[place] = 2.0 * struck_share(magnitude, along_time, along_frequency) - 1.0
    level = np.log(power + _FLOOR)
    told[3] = _NEPERS * (level - _moved(level, -_NEAR))
    told[4] = _NEPERS * (level - _moved(level, _NEAR))
    told[5] = _NEPERS * (level - np.log(_mean_along(power, _TONE_BINS) + _FLOOR))
    shared = _mean_over_time((left * np.conj(right)).real * np.float32(2.0))
    near = _mean_over_time(power) + _FLOOR
    told[6] = shared / near
    told[7] = np.abs(_mean_over_time(np.square(np.abs(left)) - np.square(np.abs(right)))) / near
    told[8] = 0.5 * _NEPERS * (level - level.mean(axis=1, keepdims=True))
    told[9] = 0.5 * _NEPERS * (level - level.mean(axis=0, keepdims=True))
    told[10], told[11] = _onset(power, _LOW_HZ)[:, None], _onset(power, _HIGH_HZ)[:, None]
    sustained = magnitude * (0.5 - 0.5 * told[0])
    told[12], told[13] = comb(sustained, BASS)
    told[14], told[15] = comb(sustained * np.clip(told[6], 0.0, 1.0), VOICE)
    told[16:] = _places()[:, None, :]
    return told


def struck_share(magnitude: Plane, along_time: int, along_frequency: int) -> Plane:
    """Return how much of each bin is struck rather than sustained, 0 to 1, by medians of these half widths.

    Parameters
    ----------
    magnitude : float32 array, shape (frames, bins)
    along_time, along_frequency : int
        Half widths of the medians, in frames and in bins.
    """
    percussive = np.empty_like(magnitude)
    running_median(magnitude, along_frequency, percussive)
    over_time = np.ascontiguousarray(magnitude.T)
    harmonic = np.empty_like(over_time)
    running_median(over_time, along_time, harmonic)
    np.square(percussive, out=percussive)
    share: Plane = percussive / (percussive + np.square(harmonic.T) + _FLOOR)
    return share


def _moved(rows: Plane, frames: int) -> Plane:
    """Return rows of so many frames later, the ends standing still."""
    at = np.clip(np.arange(len(rows)) + frames, 0, len(rows) - 1)
    return rows[at]


def _mean_along(rows: Plane, half: int) -> Plane:
    """Return means over 2 half + 1 neighbours along frequency."""
    running = np.cumsum(np.pad(rows, ((0, 0), (half + 1, half)), mode="edge"), axis=1, dtype=np.float64)
    width = 2 * half + 1
    return ((running[:, width:] - running[:, :-width]) / width).astype(np.float32)


def _mean_over_time(rows: Plane) -> Plane:
    """Return means of each frame and those beside it."""
    padded = np.pad(rows, ((1, 1), (0, 0)), mode="edge")
    means: Plane = (padded[:-2] + padded[1:-1] + padded[2:]) / np.float32(3.0)
    return means


def _onset(power: Plane, band_hz: tuple[float, float]) -> NDArray[np.float32]:
    """Return how much a band's power has risen in each frame, beside two frames before."""
    first, last = (round(hz * FRAME / RATE_HZ) for hz in band_hz)
    level = np.log(power[:, first : last + 1].sum(axis=1) + _FLOOR)
    onset: NDArray[np.float32] = _NEPERS * (level - _moved(level, -2))
    return onset


@cache
def _places() -> Plane:
    """Return where a bin lies, shape (4, 2049): octaves from A4, and how much of the lows and highs it is."""
    hz = np.maximum(np.arange(BINS), 0.5) * (RATE_HZ / FRAME)
    octaves = np.log2(hz / _OCTAVES_OF)
    rows = [0.5 * octaves, np.exp(-hz / 150.0), np.exp(-hz / 50.0), 1.0 - np.exp(-hz / 6000.0)]
    return np.asarray(rows, dtype=np.float32)
