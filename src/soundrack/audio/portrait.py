"""A song's portrait: its meters, and how its loudness, peaks and spectrum lie over time and frequency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.loudness import (
    GATE_STEP_HOPS,
    HOPS_PER_S,
    MOMENTARY_HOPS,
    SHORT_TERM_HOPS,
    hop_power_by_channel,
    momentary_lufs,
    short_term_lufs,
)
from soundrack.audio.measurement import Measurement, measure_power
from soundrack.audio.spectrum import band_centres_hz, band_levels_db
from soundrack.audio.survey import survey
from soundrack.audio.true_peak import peak_curve

CURVE_STEP_S = GATE_STEP_HOPS / HOPS_PER_S
"""Distance of the loudness curves' values: ten a second, as EBU Tech 3341 asks at least."""


@dataclass(frozen=True)
class Portrait:
    """A song's meters and curves.

    `momentary_lufs` and `short_term_lufs` come every `CURVE_STEP_S`, the first for the first whole 400 ms and 3 s;
    ``-inf`` for silence. `over_s` are the times of the true peaks above `over_db`, one per tenth of a second at most.
    `third_octaves_db` and `semitones_db` are levels by band (:mod:`soundrack.audio.spectrum`).
    """

    measurement: Measurement
    momentary_lufs: NDArray[np.float64]
    short_term_lufs: NDArray[np.float64]
    over_db: float
    over_s: NDArray[np.float64]
    third_octaves_db: NDArray[np.float64]
    semitones_db: NDArray[np.float64]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON, None for what is infinite; levels to a hundredth of a decibel."""
        rate_hz = self.measurement.rate_hz
        return self.measurement.as_dict() | {
            "curves": {
                "step_s": CURVE_STEP_S,
                "momentary_from_s": MOMENTARY_HOPS / HOPS_PER_S,
                "momentary_lufs": _rounded(self.momentary_lufs),
                "short_term_from_s": SHORT_TERM_HOPS / HOPS_PER_S,
                "short_term_lufs": _rounded(self.short_term_lufs),
            },
            "true_peaks_over": {"db": self.over_db, "at_s": _rounded(self.over_s)},
            "spectrum": {
                "third_octaves_hz": _rounded(band_centres_hz(rate_hz)),
                "third_octaves_db": _rounded(self.third_octaves_db),
                "semitones_hz": _rounded(band_centres_hz(rate_hz, 12)),
                "semitones_db": _rounded(self.semitones_db),
            },
        }


def portrait(
    samples: NDArray[np.float32],
    rate_hz: int,
    *,
    oversampling: int = 4,
    over_db: float = -1.0,
    channel_mask: int = 0,
) -> Portrait:
    """Measure a sound with all that can be drawn of it.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, at least one frame, 1 to 24 channels in the order of WAVE_FORMAT_EXTENSIBLE.
    rate_hz : int
        8000 to 192000 Hz.
    oversampling : int
        Of the measurement's true peak.
    over_db : float
        Above which level in dBTP true peaks are marked. -1 is what EBU R 128 allows.
    channel_mask : int
        As for :func:`~soundrack.audio.measurement.measure`.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    weighted = hop_power_by_channel(samples, rate_hz, channel_mask=channel_mask)
    power = weighted.total()
    over = 10.0 ** (over_db / 20.0)
    steps = np.flatnonzero(peak_curve(samples, over) > np.float32(over))
    tenths = np.unique(steps * STEP_FRAMES * 10 // rate_hz) / 10.0
    return Portrait(
        measurement=measure_power(samples, rate_hz, weighted, survey(samples), oversampling=oversampling),
        momentary_lufs=momentary_lufs(power)[::GATE_STEP_HOPS],
        short_term_lufs=short_term_lufs(power)[::GATE_STEP_HOPS],
        over_db=over_db,
        over_s=tenths,
        third_octaves_db=band_levels_db(samples, rate_hz),
        semitones_db=band_levels_db(samples, rate_hz, 12),
    )


def _rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [round(value, 2) if math.isfinite(value) else None for value in values.tolist()]
