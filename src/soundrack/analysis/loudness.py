"""Loudness: the meters of a song, and its curve of power, from which the mix report and the structure go on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import Sound
from soundrack.audio.loudness import HopPower, hop_power_by_channel
from soundrack.audio.measurement import Measurement, measure_power
from soundrack.audio.survey import Survey, survey

_TOLD = (
    "integrated_lufs",
    "true_peak_db",
    "sample_peak_db",
    "loudness_range_lu",
    "max_short_term_lufs",
    "max_momentary_lufs",
    "plr_db",
)


@dataclass(frozen=True)
class Loudness:
    """A song's meters, with what they were read from.

    `measurement` holds all meters (:mod:`soundrack.audio.measurement`); `weighted` the K-weighted power of each 10 ms
    by channel; `power` the same summed over the channels as loudness counts them, float64, shape (hops,); `seen` the
    peaks and sums of the samples.
    """

    measurement: Measurement
    weighted: HopPower
    power: NDArray[np.float64]
    seen: Survey

    @property
    def silent(self) -> bool:
        """Whether nothing passes the gate of -70 LUFS."""
        return self.measurement.integrated_lufs == -math.inf

    def as_dict(self) -> dict[str, float | None]:
        """Return the meters for JSON, to a hundredth, None for what is infinite."""
        told = self.measurement.as_dict()
        values = {name: told[name] for name in _TOLD}
        return {name: round(value, 2) if isinstance(value, float) else None for name, value in values.items()}


def loudness(sound: Sound) -> Loudness:
    """Measure a song: loudness after ITU-R BS.1770-5 and EBU Tech 3341 and 3342, true peak at four times its rate.

    Parameters
    ----------
    sound : Sound
        At its own rate and with all its channels, weighted by the loudspeakers that its file names.
    """
    weighted = hop_power_by_channel(sound.samples, sound.rate_hz, channel_mask=sound.info.channel_mask)
    seen = survey(sound.samples)
    return Loudness(measure_power(sound.samples, sound.rate_hz, weighted, seen), weighted, weighted.total(), seen)
