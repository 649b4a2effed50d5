"""Tone: the song's long-term spectrum moved a little towards that of finished records, then tilted as the preset says.

What is measured is the third-octave spectrum of the louder half. What is done is a fraction of the difference, smoothed
over an octave and bounded, by a linear-phase filter: moves this small ring too little to be heard before a transient,
and phase stays as the mix has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.fir import linear_phase_filter
from soundrack.audio.spectrum import band_centres_hz, band_levels_db
from soundrack.mastering.presets import Character

_FILTER_S = 0.093
"""Length of the filter: tells bands apart down to about 25 Hz."""

_AMOUNT = 0.35
_MOST_DB = 2.5
_EMPTY_DB = 18.0
"""A band this far below where it should be holds nothing that a boost would bring out but noise."""

_TARGET_HZ = np.array([25.0, 40.0, 60.0, 125.0, 4000.0, 16_000.0, 20_000.0])
_TARGET_DB = np.array([-12.0, -4.0, 0.0, 0.0, -10.0, -18.0, -24.0])
"""Our target curve, of which only the shape matters: third-octave levels that are full from 60 to 125 Hz, fall by 2 dB
per octave to 4 kHz and by twice that to 16 kHz, as the long-term spectra of finished popular records do."""

_JUDGED_HZ = (100.0, 8000.0)
"""The range over which song and target are brought to the same level before their shapes are compared."""

_RUMBLE_HZ = np.array([5.0, 12.0, 22.0])
_RUMBLE_DB = np.array([-36.0, -18.0, 0.0])
"""Nothing is heard down there, and it costs headroom."""


def correction_db(levels_db: NDArray[np.float64], centres_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much each third octave should be moved towards the target curve.

    Parameters
    ----------
    levels_db, centres_hz : float64 arrays of the same shape
        The song's third-octave spectrum.

    Returns
    -------
    float64 array of that shape
        Gains within ±2.5 dB; no boost below 40 Hz, above 14 kHz, or where there is next to nothing to boost.
    """
    target_db = np.interp(np.log(centres_hz), np.log(_TARGET_HZ), _TARGET_DB)
    judged = (centres_hz >= _JUDGED_HZ[0]) & (centres_hz <= _JUDGED_HZ[1])
    excess = levels_db - target_db
    excess -= np.median(excess[judged])
    octave = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    smooth = np.convolve(np.pad(np.clip(excess, -_EMPTY_DB, _EMPTY_DB), 2, mode="edge"), octave, "valid")
    moved = np.clip(-_AMOUNT * smooth, -_MOST_DB, _MOST_DB)
    unboostable = (centres_hz < 40.0) | (centres_hz > 14_000.0) | (excess < -_EMPTY_DB)
    return np.where(unboostable, np.minimum(moved, 0.0), moved)


def shape_tone(samples: NDArray[np.float32], rate_hz: int, character: Character) -> str:
    """Give a song its tone, in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, replaced.
    rate_hz : int
        Sample rate.
    character : Character
        Whose tilt is added.

    Returns
    -------
    str
        What was done, in words.
    """
    centres_hz = band_centres_hz(rate_hz)
    correction = correction_db(band_levels_db(samples, rate_hz), centres_hz)
    tilt_hz, tilt = np.array(character.tilt_db).T
    gains = correction + np.interp(np.log(centres_hz), np.log(tilt_hz), tilt)
    curve_hz = np.concatenate((_RUMBLE_HZ, centres_hz))
    curve = np.concatenate((_RUMBLE_DB + gains[0], gains))
    convolve_in_place(samples, linear_phase_filter(curve, curve_hz, rate_hz, round(_FILTER_S * rate_hz) | 1))
    up, down = int(np.argmax(correction)), int(np.argmin(correction))
    return (
        f"Tone: {character.in_words}; corrected towards finished records by {correction[down]:+.1f} dB at "
        f"{centres_hz[down]:.0f} Hz to {correction[up]:+.1f} dB at {centres_hz[up]:.0f} Hz."
    )
