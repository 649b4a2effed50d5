"""What a plan is made from: a song's meters and the spectra of its loud parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.measurement import Measurement
from soundrack.audio.spectrum import MidSideLevels, mid_side_levels_db


@dataclass(frozen=True)
class Profile:
    """A song as planning sees it: its meters, and third-octave levels of mid and side where it is loud."""

    measurement: Measurement
    balance: MidSideLevels

    @property
    def total_db(self) -> NDArray[np.float64]:
        """Third-octave levels of mid and side together, dB."""
        power = 10.0 ** (self.balance.mid_db / 10.0)
        if self.balance.side_db is not None:
            power = power + 10.0 ** (self.balance.side_db / 10.0)
        levels: NDArray[np.float64] = 10.0 * np.log10(power)
        return levels


def profile(samples: NDArray[np.float32], rate_hz: int, measurement: Measurement) -> Profile:
    """Return the profile of a sound.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Full scale = 1.0, finite.
    rate_hz : int
        Sample rate.
    measurement : Measurement
        Its meters.
    """
    return Profile(measurement, mid_side_levels_db(samples, rate_hz))
