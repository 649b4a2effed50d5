"""Mud: more between 250 and 500 Hz than the song's own slope on either side asks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, peaking
from soundrack.errors import Invalid
from soundrack.mastering.repair.spectra import Spectra
from soundrack.mastering.repair.steps import MudStep

_BELOW, _MUDDY, _ABOVE = slice(0, 4), slice(4, 8), slice(8, 12)
"""Third octaves: 100 to 200, 250 to 500, 630 to 1250 Hz."""
_CENTRES_HZ = 1000.0 * 10.0 ** (0.1 * np.arange(-10, 2))

_LEAST_DB = 5.0
"""Keys and arrangements move four third octaves by nearly 5 dB against their neighbours, 1 dB on average."""
_EXPECTED_DB = 1.0
_SHARE, _MOST_DB = 0.6, 3.0
_NOTHING = 1e-20


def excess_db(looked: Spectra) -> float:
    """Return how far the third octaves from 250 to 500 Hz lie above the straight line through their neighbours'."""
    levels = _levels_db(looked)
    return float(levels[_MUDDY].mean() - 0.5 * (levels[_BELOW].mean() + levels[_ABOVE].mean()))


def find(looked: Spectra) -> MudStep | None:
    """Return a cut where the excess is 5 dB or more: 60 % of what is above the usual 1 dB, at most 3 dB."""
    if looked.rate_hz < 4000:
        return None
    excess = excess_db(looked)
    if excess < _LEAST_DB:
        return None
    levels = _levels_db(looked)[_MUDDY]
    weights = 10.0 ** (levels / 20.0)
    centre_hz = float(np.exp((weights * np.log(_CENTRES_HZ[_MUDDY])).sum() / weights.sum()))
    return MudStep(
        frequency_hz=round(centre_hz, 1),
        cut_db=round(min(_SHARE * (excess - _EXPECTED_DB), _MOST_DB), 2),
        reason=f"250 to 500 Hz lies {excess:.1f} dB above the slope of its neighbours.",
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: MudStep) -> None:
    """Cut, in place; `Invalid` where the song's rate cannot hold the frequency."""
    if 2.0 * step.frequency_hz >= rate_hz:
        raise Invalid(f"At {rate_hz} Hz there is nothing to cut at {step.frequency_hz:g} Hz.", field="repair")
    filter_in_place(samples, peaking(step.frequency_hz, rate_hz, -step.cut_db, step.q)[None])


def _levels_db(looked: Spectra) -> NDArray[np.float64]:
    edges_hz = np.append(_CENTRES_HZ * 10.0**-0.05, _CENTRES_HZ[-1] * 10.0**0.05)
    running = np.concatenate(([0.0], np.cumsum(looked.mean_power())))
    at = np.interp(edges_hz, (np.arange(len(running)) - 0.5) * looked.bin_hz, running)
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(np.diff(at), _NOTHING))
    return levels
