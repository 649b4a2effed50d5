"""How a band marks the begin of a section: with a cymbal on it, and a fill or a rest before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.structure.features import between
from soundrack.analysis.structure.grid import Grid

_CYMBAL_HZ = (4400.0, 11_000.0)
_TOMS_HZ = (290.0, 1380.0)
_STROKE_S = 0.08
"""What is left out around a bar line: every bar begins with a stroke, and only a cymbal goes on."""
_NEIGHBOURS = 4


def marks(
    bands: Bands, level: NDArray[np.float32], flux: NDArray[np.float64], on: Grid
) -> dict[str, NDArray[np.float64]]:
    """Return how far each bar stands out from the four on either side, by four marks, each float64, shape (bars,).

    ``cymbal`` is the level from 4.4 to 11 kHz over the bar's first beat, ``ring`` over the half beat before and the one
    behind the second; ``fill`` the spectral flux over the beat before the bar, ``toms`` the level from 290 to 1380 Hz
    there. Each is the bar's own less the median of its neighbours', the flux as a multiple of the song's.

    Parameters
    ----------
    bands : Bands
        The song's bands.
    level : float32 array, shape (frames, bands)
        Their level.
    flux : float64 array, shape (frames,)
        What their levels rise by from frame to frame, summed.
    on : Grid
        Its bars.
    """
    high = level[:, bands.between(*_CYMBAL_HZ)].mean(axis=1, dtype=np.float64)
    middle = level[:, bands.between(*_TOMS_HZ)].mean(axis=1, dtype=np.float64)
    usual = float(np.median(flux)) + 1e-9
    begin = on.bounds_s[:-1]
    beat = np.diff(on.beats_s, axis=1).mean(axis=1)
    typical = float(beat.mean())
    found = {
        "cymbal": _mean(high, begin + _STROKE_S, begin + 0.9 * typical),
        "ring": _mean(high, begin + 0.5 * typical, begin + 2.0 * typical),
        "fill": _mean(flux, begin - beat, begin - _STROKE_S) / usual,
        "toms": _mean(middle, begin - beat, begin - _STROKE_S),
    }
    return {name: standing_out(values) for name, values in found.items()}


def standing_out(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value less the median of the four on either side, fewer at both ends."""
    padded = np.pad(values, _NEIGHBOURS, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1)
    beside = np.delete(windows, _NEIGHBOURS, axis=1)
    if len(values) < 2:
        return np.zeros(len(values))
    out: NDArray[np.float64] = values - np.nanmedian(beside, axis=1)
    return out


def _mean(curve: NDArray[np.float64], first_s: NDArray[np.float64], last_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve's mean over some spans, those before its begin by its first frame."""
    spans = np.maximum(np.stack((first_s, np.maximum(first_s, last_s)), axis=1), 0.0).reshape(-1)
    return between(curve[:, None], FPS, spans)[::2, 0]
