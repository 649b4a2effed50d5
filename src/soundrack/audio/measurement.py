"""All meters at once."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.loudness import (
    hop_power,
    integrated_lufs,
    loudness_range_lu,
    momentary_lufs,
    short_term_lufs,
)
from soundrack.audio.true_peak import true_peak_db


@dataclass(frozen=True)
class Measurement:
    """What the meters say of a sound.

    Loudness is in LUFS and ``-inf`` where nothing passes the gate or the sound is too short; peaks are in dB relative
    to full scale and ``-inf`` for digital silence. `plr_db` is the peak-to-loudness ratio, the true peak above the
    integrated loudness (AES TD1008); ``-inf`` where that is.
    """

    rate_hz: int
    channels: int
    duration_s: float
    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_db: float
    sample_peak_db: float
    plr_db: float
    oversampling: int

    def as_dict(self) -> dict[str, float | int | None]:
        """Return all values for JSON, None for what is infinite."""
        return {name: value if math.isfinite(value) else None for name, value in asdict(self).items()}


def measure(samples: NDArray[np.float32], rate_hz: int, *, oversampling: int = 4) -> Measurement:
    """Measure loudness (ITU-R BS.1770-5, EBU Tech 3341), its range (EBU Tech 3342) and peaks.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels in the order of WAVE_FORMAT_EXTENSIBLE.
    rate_hz : int
        8000 to 192000 Hz.
    oversampling : int
        Of the true peak: 4 is the standard's, 16 strict (:func:`~soundrack.audio.true_peak.true_peak_db`).

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    power = hop_power(samples, rate_hz)
    integrated = integrated_lufs(power)
    true_peak = true_peak_db(samples, oversampling=oversampling)
    sample_peak = max(float(samples.max()), -float(samples.min())) if samples.size else 0.0
    return Measurement(
        rate_hz=rate_hz,
        channels=samples.shape[1],
        duration_s=len(samples) / rate_hz,
        integrated_lufs=integrated,
        loudness_range_lu=loudness_range_lu(power),
        max_momentary_lufs=float(momentary_lufs(power).max(initial=-math.inf)),
        max_short_term_lufs=float(short_term_lufs(power).max(initial=-math.inf)),
        true_peak_db=true_peak,
        sample_peak_db=20.0 * math.log10(sample_peak) if sample_peak > 0.0 else -math.inf,
        plr_db=true_peak - integrated if math.isfinite(integrated) else -math.inf,
        oversampling=oversampling,
    )


@kernel
def dc_offset(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean of each channel, shape (channels,), of a sound of shape (frames, channels) with any frames."""
    frames, channels = samples.shape
    means = np.zeros(channels)
    for channel in range(channels):
        total = 0.0
        for n in range(frames):
            total += np.float64(samples[n, channel])
        means[channel] = total / frames
    return means
