"""How far an error lies below what the sound itself masks: the noise-to-mask ratio of ITU-R BS.1387-1 (PEAQ).

The ear model is that of the basic version: weighting of outer and middle ear, bands of a quarter Bark, internal noise,
spreading that depends on level, forward masking, a masking offset of 3 dB and more (formulas after P. Kabal, "An
Examination and Interpretation of ITU-R BS.1387", McGill University, 2003). It is stricter in one thing: the error is
the spectrum of the difference, phase included, and not the difference of the spectra.

With the standard's window of 2048 the masker lies in the same 40 ms as the error, so that noise before an attack hides
behind it, which the ear forgives for some 5 ms only. The window of 512 does not hide it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Array = NDArray[np.float64]

DISTURBED_DB = 1.5
"""A frame of which any band exceeds this counts as disturbed (BS.1387-1, "relatively disturbed frames")."""

_LOWEST_HZ, _HIGHEST_HZ = 80.0, 18_000.0
_BAND_BARK = 0.25
_FULL_SCALE_DB_SPL = 92.0
_SPREAD_EXPONENT = 0.4
_FRAMES_AT_ONCE = 128


@dataclass(frozen=True)
class NoiseToMask:
    """Noise-to-mask ratios in dB.

    `total_db` is that of all frames and bands, as powers; `worst_db` the 99.9th percentile of each frame's highest
    band; `highest_db` the highest band of all. `disturbed` is the share of frames above 1.5 dB, 0 to 1.
    """

    total_db: float
    worst_db: float
    highest_db: float
    disturbed: float


def noise_to_mask(
    sound: NDArray[np.float32], decoded: NDArray[np.float32], rate_hz: int, window: int = 2048
) -> NoiseToMask:
    """Compare a decoded sound with its source.

    Parameters
    ----------
    sound, decoded : float32 arrays, shape (frames, channels)
        Aligned; full scale = 1.0, played at 92 dB SPL.
    rate_hz : int
        44100 or 48000 Hz.
    window : int
        Length of a frame; half of it is the step.
    """
    ratios = [_ratios(sound[:, channel], decoded[:, channel], rate_hz, window) for channel in range(sound.shape[1])]
    # BS.1387 averages the channels; a frame is as audible as the worse of them, hence all of their frames count here.
    both = np.concatenate(ratios)
    highest_db = 10.0 * np.log10(both.max(axis=1) + 1e-30)
    return NoiseToMask(
        10.0 * float(np.log10(both.mean())),
        float(np.percentile(highest_db, 99.9)),
        float(highest_db.max()),
        float((highest_db > DISTURBED_DB).mean()),
    )


def _ratios(sound: NDArray[np.float32], decoded: NDArray[np.float32], rate_hz: int, window: int) -> Array:
    """Return noise over mask as powers, shape (frames, bands); frames of silence are left out."""
    edges = 650.0 * np.sinh(np.arange(_bark(_LOWEST_HZ), _bark(_HIGHEST_HZ), _BAND_BARK) / 7.0)
    edges = np.append(edges, _HIGHEST_HZ)
    centres_hz = 650.0 * np.sinh((np.arcsinh(edges[:-1] / 650.0) + np.arcsinh(edges[1:] / 650.0)) / 2.0)
    grouping = _grouping(edges, rate_hz, window)
    internal = 10.0 ** (0.1456 * (centres_hz / 1000.0) ** -0.8)
    offset_db = np.maximum(3.0, _BAND_BARK * _BAND_BARK * np.arange(len(centres_hz)))
    tau_s = 0.008 + 100.0 / centres_hz * (0.030 - 0.008)
    keep = np.exp(-window / 2.0 / (rate_hz * tau_s))
    normal = _spread(np.ones((1, len(centres_hz))), centres_hz, np.ones(len(centres_hz)))[0]
    ratios, smeared = [], np.zeros(len(centres_hz))
    starts = np.arange(0, len(sound) - window + 1, window // 2)
    for first in range(0, len(starts), _FRAMES_AT_ONCE):
        places = starts[first : first + _FRAMES_AT_ONCE, None] + np.arange(window)
        source = sound[places].astype(np.float64)
        error = decoded[places].astype(np.float64) - source
        masker = np.maximum(_power(source, rate_hz) @ grouping, 1e-12) + internal
        noise = _power(error, rate_hz) @ grouping
        excitation = _spread(masker, centres_hz, normal)
        for n, now in enumerate(excitation):
            smeared = keep * smeared + (1.0 - keep) * now
            excitation[n] = np.maximum(smeared, now)
        heard = np.abs(source).max(axis=1) > 0.0
        ratios.append((noise / (excitation / 10.0 ** (offset_db / 10.0)))[heard])
    return np.concatenate(ratios)


def _bark(frequency_hz: float) -> float:
    return float(7.0 * np.arcsinh(frequency_hz / 650.0))


def _grouping(edges: Array, rate_hz: int, window: int) -> Array:
    """Return which part of each bin belongs to which band, shape (bins, bands)."""
    centres = np.arange(window // 2 + 1) * rate_hz / window
    low, high = centres[:, None] - rate_hz / window / 2.0, centres[:, None] + rate_hz / window / 2.0
    shared = np.minimum(high, edges[None, 1:]) - np.maximum(low, edges[None, :-1])
    return np.asarray(np.maximum(shared, 0.0) * window / rate_hz)


def _power(frames: Array, rate_hz: int) -> Array:
    """Return the power spectrum as it arrives at the inner ear, 1.0 at 0 dB SPL, shape (frames, bins)."""
    window = np.hanning(frames.shape[1] + 1)[:-1]
    khz = np.maximum(np.arange(frames.shape[1] // 2 + 1) * rate_hz / frames.shape[1], 1.0) / 1000.0
    ear_db = -2.184 * khz**-0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 0.001 * khz**3.6
    spectrum = np.abs(scipy.fft.rfft(frames * window, axis=1)) ** 2
    # A full-scale sine: its power over all bins around its own is that of 92 dB SPL.
    full_scale = 0.25 * len(window) * np.square(window).sum()
    scale: Array = 10.0 ** ((_FULL_SCALE_DB_SPL + ear_db) / 10.0) / full_scale
    return np.asarray(spectrum * scale)


def _spread(power: Array, centres_hz: Array, normal: Array) -> Array:
    """Spread each band's power over the others: 27 dB a Bark downwards, less steeply upwards the louder it is."""
    places = _BAND_BARK * np.arange(len(centres_hz))
    steps = places[None, :] - places[:, None]  # from row to column, in Bark
    down = (27.0 * np.minimum(steps, 0.0)).astype(np.float32)
    up = np.maximum(steps, 0.0).astype(np.float32)
    slopes = np.minimum(-24.0 - 230.0 / centres_hz + 2.0 * np.log10(power), 0.0).astype(np.float32)
    parts = np.exp(np.float32(np.log(10.0) / 10.0) * (slopes[:, :, None] * up + down))
    parts *= (power / parts.sum(axis=2)).astype(np.float32)[:, :, None]
    spread = (parts**_SPREAD_EXPONENT).sum(axis=1, dtype=np.float64) ** (1.0 / _SPREAD_EXPONENT)
    return np.asarray(spread / normal)
