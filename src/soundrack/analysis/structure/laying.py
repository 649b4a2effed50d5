"""A song laid out on its bars, with all that is to be known of each bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import Bands, rise
from soundrack.analysis.structure import evidence, similarity
from soundrack.analysis.structure.features import BarFeatures, bar_features, between, energy_of, hops_per_s
from soundrack.analysis.structure.grid import Grid, grid
from soundrack.analysis.structure.marks import marks

_SILENCE, _INAUDIBLE = 1e-3, 1e-7
"""Power: 30 dB below the loudest bar, where a last note rings, and about -70 LUFS."""
_FEWEST_BARS = 4


@dataclass(frozen=True)
class Heard:
    """A song before it has bars.

    - `bands`, and of these `level` (float32, shape (frames, bands)) and `flux` (float64, shape (frames,)): what all
      levels rise by from frame to frame.
    - `chroma`: float32, shape (frames, 12). `power`: K-weighted, every 10 ms, float64. `duration_s`: its length.
    """

    bands: Bands
    level: NDArray[np.float32]
    flux: NDArray[np.float64]
    chroma: NDArray[np.float32]
    power: NDArray[np.float64]
    duration_s: float

    @classmethod
    def of(cls, bands: Bands, chroma: NDArray[np.float32], power: NDArray[np.float64], duration_s: float) -> Heard:
        """Return it with what follows from its bands."""
        level = bands.level
        return cls(bands, level, rise(level).sum(axis=1, dtype=np.float64), chroma, power, duration_s)


@dataclass(frozen=True)
class Laid:
    """A song on its bars, from the first that is heard to the last.

    `timbre` and `harmony` tell how alike bars are, float64, shape (bars, bars); `curves` tell of boundaries.
    """

    on: Grid
    features: BarFeatures
    timbre: NDArray[np.float64]
    harmony: NDArray[np.float64]
    curves: dict[str, NDArray[np.float64]]


def laid_out(heard: Heard, beats_s: NDArray[np.float64], downbeats_s: NDArray[np.float64]) -> Laid | None:
    """Lay a song out on its bars; None where fewer than four are heard."""
    whole = grid(heard.duration_s, downbeats_s, beats_s)
    first, last = _sounding(heard.power, whole.bounds_s)
    if last - first < _FEWEST_BARS:
        return None
    energy = energy_of(heard.flux, heard.power, whole.bounds_s)
    features = bar_features(heard.level, heard.chroma, energy, whole).part(first, last)
    on = whole.part(first, last)
    timbre, harmony = similarity.timbre_similarity(features), similarity.harmony_similarity(features)
    curves = evidence.curves(timbre, harmony, features.energy, marks(heard.bands, heard.level, heard.flux, on))
    return Laid(on, features, timbre, harmony, curves)


def _sounding(power: NDArray[np.float64], bounds_s: NDArray[np.float64]) -> tuple[int, int]:
    """Return the first bar that is not silent and the one after the last; 0 and 0 if there is none."""
    if not len(power):
        return 0, 0
    # what a bar holds but for a tenth of it at both ends, where its neighbours may reach in
    margins = 0.1 * np.diff(bounds_s)
    inner = np.stack((bounds_s[:-1] + margins, bounds_s[1:] - margins), axis=1).reshape(-1)
    by_bar = between(power[:, None], hops_per_s(power, bounds_s), inner)[::2, 0]
    heard = np.flatnonzero(by_bar > max(_SILENCE * float(by_bar.max()), _INAUDIBLE))
    return (int(heard[0]), int(heard[-1]) + 1) if len(heard) else (0, 0)
