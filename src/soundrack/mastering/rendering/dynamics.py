"""Dynamics: bands that are each held a little closer to their own level.

A compressor that listens to a whole mix lets the kick drum duck the voice. Here each band has its own detector, linked
over the channels so that the stereo image stands still, with a threshold relative to that band's level in this song:
what sticks out is held, whatever the song's spectrum. The split adds up to the whole in magnitude.

A band that is held more than the others would be softer than the mix had it. What compression takes of each band on
the whole is therefore evened out: every band keeps its share of the song's power, and tone stays what was planned.

The detector reads the mean square over a window as long as the attack, centred, so that a period of the sound is not
taken for its envelope: a gain that moves within a period distorts. What it reads rises at the pace of the attack and
falls at that of the release; the static curve has a soft knee.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.crossover import CONTROL_FRAMES, band_power, crossovers, mix_bands_in_place
from soundrack.audio.kernels import kernel
from soundrack.errors import Invalid
from soundrack.mastering.plan import Band, DynamicsStep

_LONGEST_WINDOW_MS = 50.0
"""A period of the lowest sound heard: what a window needs to see of a sound to know its level."""
_PLAYING = 0.1
"""A band plays where its power is at least this share of its mean."""
_SILENT_DB = -100.0
"""A band that is softer than this where it plays holds nothing that would need holding."""
_MOST_MADE_UP_DB = 4.0
_LEAST_SHARE = 10.0**-3.5
"""A band with less of the song's power holds little more than the slopes of its neighbours."""
_DB = np.float32(10.0 / math.log(10.0))


@dataclass(frozen=True)
class Reduction:
    """How far a band was turned down in the mix of compressed and plain sound, in dB.

    `busy_db` is the 95th percentile over time, `over_3_db` the share of time, 0 to 1, that it was more than 3 dB.
    `made_up_db` is what the band was then turned up, or down if negative, to keep its share of the song's power.
    """

    mean_db: float
    busy_db: float
    most_db: float
    over_3_db: float
    made_up_db: float


@dataclass(frozen=True)
class Compression:
    """What was done to each band, from the lowest to the highest.

    `over_time_db` is the mean reduction of all bands, float32, evenly over the song.
    """

    bands: tuple[Reduction, ...]
    over_time_db: NDArray[np.float32]

    def as_dict(self) -> dict[str, Any]:
        """Return the bands' statistics for JSON."""
        return {"bands": [asdict(band) for band in self.bands]}


def compress(samples: NDArray[np.float32], rate_hz: int, step: DynamicsStep) -> Compression:
    """Compress a song band by band, in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 8 channels, at least one frame. Replaced; every channel gets the same gains.
    rate_hz : int
        Sample rate.
    step : DynamicsStep
        Where to split, how each band is compressed, and how much of the result is mixed in.

    Returns
    -------
    Compression
        By how much each band was turned down.

    Raises
    ------
    Invalid
        If a crossover does not lie below half the sample rate.
    """
    if step.crossovers_hz[-1] >= rate_hz / 2:
        raise Invalid(
            f"A song with a sample rate of {rate_hz} Hz cannot be split at {step.crossovers_hz[-1]:g} Hz.",
            field="dynamics.crossovers_hz",
        )
    filters = crossovers(rate_hz, step.crossovers_hz)
    power = band_power(samples, filters)
    held_db = reductions_db(power, rate_hz, step.bands)
    gains = 1.0 - np.float32(step.wet) * (1.0 - np.exp(held_db / (-2.0 * _DB)))
    taken_db = -2.0 * _DB * np.log(gains)
    made_up_db = _made_up_db(power.T, gains)
    gains *= 10.0 ** (made_up_db[:, None] / np.float32(20.0))
    # The first gain holds from the song's beginning, each other is reached at its block's end.
    mix_bands_in_place(samples, filters, np.ascontiguousarray(np.concatenate((gains[:, :1], gains), axis=1).T))
    reductions = (_reduction(row, float(made_up)) for row, made_up in zip(taken_db, made_up_db, strict=True))
    return Compression(tuple(reductions), taken_db.mean(axis=0))


def reductions_db(power: NDArray[np.float32], rate_hz: int, bands: Sequence[Band]) -> NDArray[np.float32]:
    """Return how far each band should be turned down at the end of each control block.

    The static curve is that of D. Giannoulis, M. Massberg and J. D. Reiss, "Digital Dynamic Range Compressor Design: A
    Tutorial and Analysis", J. Audio Eng. Soc. 60, 2012, equation 4.

    Parameters
    ----------
    power : float32 array, shape (points, bands)
        From :func:`~soundrack.audio.crossover.band_power`.
    rate_hz : int
        Sample rate.
    bands : sequence of Band
        The settings, one for each band.

    Returns
    -------
    float32 array, shape (bands, points)
        In dB, from 0 to the band's `most_db`; 0 throughout in a band that is silent.
    """
    columns = np.ascontiguousarray(power.T)
    windows = [_window(band.attack_ms, rate_hz) for band in bands]
    smooth = np.stack([_windowed(column, window) for column, window in zip(columns, windows, strict=True)])
    pace = np.array([[_decay(band.attack_ms, rate_hz), _decay(band.release_ms, rate_hz)] for band in bands])
    threshold_db = np.array([_threshold_db(row, band) for row, band in zip(smooth, bands, strict=True)], np.float32)
    over_db = _DB * np.log(_followed(smooth, pace) + np.float32(1e-12)) - threshold_db[:, None]
    knee_db, slope, most_db = np.array(
        [(band.knee_db, 1.0 - 1.0 / band.ratio, band.most_db) for band in bands], np.float32
    ).T[..., None]
    knee = np.clip(over_db + knee_db / 2.0, 0.0, knee_db) ** 2 / (2.0 * knee_db)
    reduction: NDArray[np.float32] = np.minimum(slope * np.maximum(knee, over_db), most_db)
    return reduction


def _made_up_db(power: NDArray[np.float32], gains: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the gain of each band that gives it back its share of the power of all."""
    before = power.sum(axis=1, dtype=np.float64)
    after = np.einsum("bp,bp,bp->b", power, gains, gains, dtype=np.float64)
    made_up_db = np.zeros(len(before), np.float32)
    filled = before > _LEAST_SHARE * before.sum()
    if not filled.any():
        return made_up_db
    kept = after[filled].sum() / before[filled].sum()
    made_up_db[filled] = 10.0 * np.log10(kept * before[filled] / after[filled])
    return np.clip(made_up_db, -_MOST_MADE_UP_DB, _MOST_MADE_UP_DB)


def _window(length_ms: float, rate_hz: int) -> NDArray[np.float32]:
    """Return a Hann window of about this length, an odd number of blocks whose sum is one."""
    blocks = min(length_ms, _LONGEST_WINDOW_MS) * 0.001 * rate_hz / CONTROL_FRAMES
    window = np.hanning(2 * round(blocks / 2.0) + 3)[1:-1]
    return np.asarray(window / window.sum(), dtype=np.float32)


def _decay(time_ms: float, rate_hz: int) -> float:
    return math.exp(-CONTROL_FRAMES / (time_ms * 0.001 * rate_hz))


def _threshold_db(power: NDArray[np.float32], band: Band) -> float:
    """Return a band's threshold: relative to its level where it plays, beyond reach if it never does."""
    playing = power[power >= _PLAYING * power.mean(dtype=np.float64)]
    level_db = 10.0 * math.log10(playing.mean(dtype=np.float64) + 1e-20)
    return level_db + band.threshold_db if level_db > _SILENT_DB else math.inf


def _reduction(held_db: NDArray[np.float32], made_up_db: float) -> Reduction:
    return Reduction(
        mean_db=float(held_db.mean(dtype=np.float64)),
        busy_db=float(np.percentile(held_db, 95.0)),
        most_db=float(held_db.max()),
        over_3_db=float(np.mean(held_db > 3.0)),
        made_up_db=made_up_db,
    )


@kernel
def _windowed(power: NDArray[np.float32], window: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean square under a window centred on each block; beyond both ends there is silence."""
    length, half = len(power), len(window) // 2
    mean = np.zeros(length, np.float32)
    for tap in range(len(window)):
        ahead, weight = tap - half, window[tap]
        for point in range(max(0, -ahead), min(length, length - ahead)):
            mean[point] += weight * power[point + ahead]
    return mean


@kernel
def _followed(power: NDArray[np.float32], pace: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the detector's level, rows as in `power`: it rises at the pace of the first column, falls at the second's.

    The pace is what a block leaves of the distance.
    """
    followed = np.empty(power.shape, np.float32)
    for band in range(len(power)):
        level = np.float64(power[band, 0])
        for point in range(power.shape[1]):
            value = np.float64(power[band, point])
            level = value + (level - value) * (pace[band, 0] if value > level else pace[band, 1])
            followed[band, point] = level
    return followed
