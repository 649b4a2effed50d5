"""Where notes and drums begin, in three ranges of pitch, and how the harmony moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands, rise
from soundrack.analysis.features.neighbourhood import greatest_nearby

RANGES_HZ = {"low": (0.0, 130.0), "mid": (150.0, 2500.0), "high": (5000.0, 12_000.0)}
"""Kick and bass; the snare's body, chords and voices; cymbals, hats and the snare's rattle."""

_HARMONY_HZ, _BASS_HZ = (130.0, 2000.0), (0.0, 260.0)
REACH_FRAMES = 2
"""How far an onset may lie from the time that it is looked for at."""
_LEAST_RISE = np.float32(0.002)
"""Of a level from frame to frame, on average: a sustained sound rises and falls by less where waves beat."""

CHARACTER = tuple(f"{kind}_{name}" for kind in ("level", "rise", "tops", "density") for name in RANGES_HZ)
"""What a song sounds like, by range: its level beside that of all bands, its mean rise beside that level, how far the
strongest fiftieth of its frames is above the mean, all as natural logarithms, its onsets in a second, as octaves."""

_TOPS = 0.98
_PEAK_FRAMES = 7
_ONSET_STRENGTH = 2.0
"""Above which a peak of a range counts as an onset."""


@dataclass(frozen=True)
class Onsets:
    """Onset strengths, and the levels that harmony is told by; `FPS` frames a second.

    `strength` is float32, shape (frames, 3), by range as in `RANGES_HZ`: the half-wave rectified rise of the level, 1.0
    on average over the song, less where hardly anything rises. `nearby` is the same, in each frame the greatest within
    40 ms. `character` is float64, shape (12,), as in `CHARACTER`. `harmony` and `bass` are float64, shape
    (frames + 1, bands): running sums of the levels of the ranges that chords and bass notes lie in.
    """

    strength: NDArray[np.float32]
    nearby: NDArray[np.float32]
    character: NDArray[np.float64]
    harmony: NDArray[np.float64]
    bass: NDArray[np.float64]


def onsets(bands: Bands) -> Onsets:
    """Return a song's onsets.

    Parameters
    ----------
    bands : Bands
        The song, of one frame at least.

    Returns
    -------
    Onsets
    """
    level = bands.level
    risen = rise(level)
    strength = np.stack([risen[:, bands.between(*hz)].mean(axis=1) for hz in RANGES_HZ.values()], axis=1)
    rises = strength.mean(axis=0)
    strength /= np.maximum(rises, _LEAST_RISE)
    levels = np.array([level[:, bands.between(*hz)].mean() for hz in RANGES_HZ.values()])
    sound = _character(strength, rises, levels, float(level.mean()))
    harmony, bass = (_running(level[:, bands.between(*hz)]) for hz in (_HARMONY_HZ, _BASS_HZ))
    return Onsets(strength, widened(strength), sound, harmony, bass)


def widened(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return, in each frame, the greatest within 40 ms: shape as `curve`, (frames, ...)."""
    return greatest_nearby(curve, 2 * REACH_FRAMES + 1)


def sampled(curve: NDArray[np.float32], times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a curve's frames nearest to some times: shape (len(times_s), ...); beyond both ends, the end's."""
    frames = np.clip(np.rint(times_s * FPS).astype(np.int64), 0, len(curve) - 1)
    return curve[frames]


def averaged(running: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean level between each time and the next, behind the last as long as before it.

    Parameters
    ----------
    running : float64 array, shape (frames + 1, bands)
        A running sum, as in `Onsets`.
    times_s : float64 array, shape (n,)
        Ascending, two at least.

    Returns
    -------
    float64 array, shape (n, bands)
    """
    edges = np.append(times_s, 2.0 * times_s[-1] - times_s[-2]) * FPS
    frames = np.clip(np.rint(edges).astype(np.int64), 0, len(running) - 1)
    counts = np.maximum(np.diff(frames), 1)
    means: NDArray[np.float64] = np.diff(running[frames], axis=0) / counts[:, None]
    return means


def change(profiles: NDArray[np.float64], reach: int = 1) -> NDArray[np.float64]:
    """Return how unlike what comes is to what was.

    Parameters
    ----------
    profiles : float64 array, shape (n, bands)
        Mean levels by beat.
    reach : int
        How many beats before each one are compared with as many from it on.

    Returns
    -------
    float64 array, shape (n,)
        1 minus the cosine between both, each less the mean of the song: 0 to 2; 0 where there are not enough beats.
    """
    changed = np.zeros(len(profiles))
    if len(profiles) < 2 * reach:
        return changed
    sums = np.cumsum(np.vstack((np.zeros(profiles.shape[1]), profiles - profiles.mean(axis=0))), axis=0)
    means = sums[reach:] - sums[:-reach]
    before, after = means[:-reach], means[reach:]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products = np.einsum("ij,ij->i", before, after)
    known = norms > 1e-9
    changed[reach : len(profiles) - reach + 1][known] = 1.0 - products[known] / norms[known]
    return changed


def _character(
    strength: NDArray[np.float32], rises: NDArray[np.float32], levels: NDArray[np.float32], level: float
) -> NDArray[np.float64]:
    """Return what is in `CHARACTER`; `rises` and `levels` are means by range, `level` that of all bands."""
    peaks = (strength == greatest_nearby(strength, _PEAK_FRAMES)) & (strength > _ONSET_STRENGTH)
    return np.concatenate(
        (
            np.log((levels + 1e-4) / (level + 1e-4)),
            np.log((rises + 1e-5) / (levels + 1e-3)),
            np.log(np.quantile(strength, _TOPS, axis=0) + 1e-3),
            np.log2(FPS * peaks.mean(axis=0) + 0.1),
        ),
        dtype=np.float64,
    )


def _running(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    running = np.zeros((len(levels) + 1, levels.shape[1]))
    np.cumsum(levels, axis=0, out=running[1:])
    return running
