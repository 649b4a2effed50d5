"""All meters at once."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import (
    HopPower,
    hop_power_by_channel,
    integrated_lufs,
    loudness_range_lu,
    momentary_lufs,
    short_term_lufs,
)
from soundrack.audio.survey import Survey, survey
from soundrack.audio.true_peak import true_peak_db


@dataclass(frozen=True)
class Measurement:
    """What the meters say of a sound.

    Loudness is in LUFS and ``-inf`` where nothing passes the gate or the sound is too short; levels are in dB relative
    to full scale and ``-inf`` for digital silence.

    - `integrated_lufs`, `loudness_range_lu`, `max_momentary_lufs`, `max_short_term_lufs`: BS.1770-5, EBU Tech 3341
      and 3342.
    - `true_peak_db` at `oversampling` times the rate (BS.1770-5, Annex 2); `sample_peak_db` of the samples alone.
    - `plr_db`, the peak-to-loudness ratio: true peak above integrated loudness; `psr_db`: above the highest short-term
      loudness (AES TD1008). ``-inf`` where that is.
    - `rms_db`: the mean square of all channels, relative to a full-scale square wave; `crest_factor_db`: the sample
      peak above that, 0.0 for silence.
    - `dc_offsets`: each channel's mean, full scale = 1.0. `clipped_samples`: how many samples lie at full scale or
      beyond, counted over all channels.
    - Of stereo alone, None otherwise: `correlation` of both channels, -1 to 1 (None where one is silent); `mid_db` and
      `side_db`, the levels of half their sum and half their difference; `mono_loss_lu`, how much quieter the song is
      when both loudspeakers play the mid, 0 for mono, 3 for unrelated channels, ``inf`` where they cancel out.
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
    psr_db: float
    rms_db: float
    crest_factor_db: float
    dc_offsets: tuple[float, ...]
    clipped_samples: int
    correlation: float | None
    mid_db: float | None
    side_db: float | None
    mono_loss_lu: float | None
    oversampling: int

    def as_dict(self) -> dict[str, float | int | list[float] | None]:
        """Return all values for JSON, None for what is infinite."""
        return {name: _for_json(value) for name, value in asdict(self).items()}


def measure(samples: NDArray[np.float32], rate_hz: int, *, oversampling: int = 4, channel_mask: int = 0) -> Measurement:
    """Measure loudness, its range, peaks, levels and the stereo image.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 24 channels.
    rate_hz : int
        8000 to 192000 Hz.
    oversampling : int
        Of the true peak: 4 is the standard's, 16 strict (:func:`~soundrack.audio.true_peak.true_peak_db`).
    channel_mask : int
        Which loudspeakers the channels are for, where their number alone does not say
        (:func:`~soundrack.audio.channels.channel_weights`).

    Raises
    ------
    ValueError
        If `samples` has another shape.

    Examples
    --------
    >>> tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(96_000) / 48_000)
    >>> measured = measure(np.stack((tone, tone), axis=1).astype(np.float32), 48_000)
    >>> round(measured.integrated_lufs, 1), round(measured.crest_factor_db, 2), measured.mono_loss_lu
    (-6.0, 3.01, 0.0)
    """
    weighted = hop_power_by_channel(samples, rate_hz, channel_mask=channel_mask)
    return measure_power(samples, rate_hz, weighted, survey(samples), oversampling=oversampling)


def measure_power(
    samples: NDArray[np.float32], rate_hz: int, weighted: HopPower, seen: Survey, *, oversampling: int = 4
) -> Measurement:
    """Measure as :func:`measure` a sound of which K-weighted power and survey are known already."""
    power = weighted.total()
    integrated = integrated_lufs(power)
    max_short_term = float(short_term_lufs(power).max(initial=-math.inf))
    true_peak = true_peak_db(samples, oversampling=oversampling, seen=seen)
    sample_peak, rms = _db(seen.sample_peak**2), _db(float(seen.powers.mean()))
    return Measurement(
        rate_hz=rate_hz,
        channels=samples.shape[1],
        duration_s=len(samples) / rate_hz,
        integrated_lufs=integrated,
        loudness_range_lu=loudness_range_lu(power),
        max_momentary_lufs=float(momentary_lufs(power).max(initial=-math.inf)),
        max_short_term_lufs=max_short_term,
        true_peak_db=true_peak,
        sample_peak_db=sample_peak,
        plr_db=_above(true_peak, integrated),
        psr_db=_above(true_peak, max_short_term),
        rms_db=rms,
        crest_factor_db=sample_peak - rms if math.isfinite(rms) else 0.0,
        dc_offsets=tuple(seen.means.tolist()),
        clipped_samples=seen.clipped,
        **(_image(seen, weighted, integrated) if samples.shape[1] == 2 else _NO_IMAGE),
        oversampling=oversampling,
    )


_NO_IMAGE = dict.fromkeys(("correlation", "mid_db", "side_db", "mono_loss_lu"))


def _image(seen: Survey, weighted: HopPower, integrated: float) -> dict[str, float | None]:
    left, right = seen.powers.tolist()
    both = math.sqrt(left * right)
    folded = integrated_lufs(weighted.folded_down())
    return {
        "correlation": max(-1.0, min(1.0, seen.product / both)) if both > 0.0 else None,
        "mid_db": _db((left + right + 2.0 * seen.product) / 4.0),
        "side_db": _db((left + right - 2.0 * seen.product) / 4.0),
        # Identical channels lose nothing; their sums differ in the last digit all the same.
        "mono_loss_lu": round(integrated - folded, 6) + 0.0 if math.isfinite(integrated) else None,
    }


def _db(power: float) -> float:
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def _above(peak_db: float, loudness_lufs: float) -> float:
    return peak_db - loudness_lufs if math.isfinite(loudness_lufs) else -math.inf


def _for_json(value: float | tuple[float, ...] | None) -> float | list[float] | None:
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or math.isfinite(value) else None
