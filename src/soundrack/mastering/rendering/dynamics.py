"""Glue: three bands, each held a little closer to its own level.

A compressor that listens to a whole mix lets the kick drum duck the voice. Here each band has its own detector, on RMS,
linked over the channels so that the stereo image stands still, with a threshold relative to that band's level in this
song: what sticks out is held, whatever the song's spectrum. The split adds up to the whole in magnitude, and the gains
are gentle enough to be felt and not heard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.crossover import BANDS, CONTROL_FRAMES, band_power, crossovers, mix_bands_in_place
from soundrack.audio.kernels import kernel
from soundrack.mastering.presets import Character

_LOW_HZ, _HIGH_HZ = 160.0, 3000.0
"""Below: kick and bass. Above: consonants, cymbals, edge. Voices and most instruments keep to one band between."""

_ATTACK_MS = (30.0, 20.0, 10.0)
_RELEASE_MS = (180.0, 150.0, 90.0)
"""The lower the band, the slower: a gain that moves within a period of the sound distorts it."""

_KNEE_DB = 6.0
_MOST_DB = 4.0
_WET = 0.8


def glue(samples: NDArray[np.float32], rate_hz: int, character: Character) -> str:
    """Compress a song gently in three bands, in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, replaced.
    rate_hz : int
        Sample rate, 8000 Hz or more.
    character : Character
        Whose ratio and threshold are used.

    Returns
    -------
    str
        What was done, in words.
    """
    sections = crossovers(rate_hz, _LOW_HZ, _HIGH_HZ)
    power = band_power(samples, sections)
    reduction_db = _reduction_db(power, rate_hz, character)
    gains = 1.0 - _WET * (1.0 - 10.0 ** (-reduction_db / 20.0))
    mix_bands_in_place(samples, sections, np.concatenate((gains[:1], gains)).astype(np.float32))
    low, middle, high = -20.0 * np.log10(np.percentile(gains, 5.0, axis=0))
    return (
        f"Glue: low, middle and high band held by up to {low:.1f}, {middle:.1f} and {high:.1f} dB (95 % of the time)."
    )


def _reduction_db(power: NDArray[np.float32], rate_hz: int, character: Character) -> NDArray[np.float64]:
    """Return how far each band should be turned down at each control point: a soft-knee compressor's static curve.

    Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design", J. Audio Eng. Soc. 60, 2012, equation 4.
    """
    coefficients = [_smoothing(times_ms, rate_hz) for times_ms in (_ATTACK_MS, _RELEASE_MS)]
    level_db = 10.0 * np.log10(_followed(power, *coefficients) + 1e-12)
    over_db = level_db - (_band_level_db(power) + character.threshold_db)
    knee = np.clip(over_db + _KNEE_DB / 2.0, 0.0, _KNEE_DB) ** 2 / (2.0 * _KNEE_DB)
    held = np.where(over_db > _KNEE_DB / 2.0, over_db, knee)
    reduction: NDArray[np.float64] = np.minimum((1.0 - 1.0 / character.ratio) * held, _MOST_DB)
    return reduction


def _band_level_db(power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return each band's level where it plays: its mean power without what lies 10 dB below the mean of all."""
    levels = np.empty(BANDS)
    for band in range(BANDS):
        values = power[:, band].astype(np.float64)
        levels[band] = 10.0 * np.log10(values[values >= values.mean() / 10.0].mean() + 1e-12)
    return levels


def _smoothing(times_ms: tuple[float, ...], rate_hz: int) -> NDArray[np.float64]:
    decay: NDArray[np.float64] = np.exp(-CONTROL_FRAMES / (np.array(times_ms) * 0.001 * rate_hz))
    return decay


@kernel
def _followed(
    power: NDArray[np.float32], attack: NDArray[np.float64], release: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the detector's level: mean squares that rise at the pace of `attack` and fall at that of `release`."""
    followed = np.empty(power.shape)
    for band in range(power.shape[1]):
        level = np.float64(power[0, band])
        for point in range(len(power)):
            value = np.float64(power[point, band])
            pace = attack[band] if value > level else release[band]
            level = value + (level - value) * pace
            followed[point, band] = level
    return followed
