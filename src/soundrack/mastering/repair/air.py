"""Air: the missing top of a song that a coder or a generator has cut off.

What lies below the limit is repeated above it, as in spectral band replication (Dietz, Liljeryd, Kjörling and Kunz,
"Spectral Band Replication, a Novel Approach in Audio Coding", 112th AES Convention, paper 5553, 2002): moved up whole,
it keeps its envelope in time, and its level continues the song's slope.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.errors import Invalid
from soundrack.mastering.repair.blocks import add_changes, block_frames
from soundrack.mastering.repair.generators import Profile
from soundrack.mastering.repair.spectra import Spectra
from soundrack.mastering.repair.steps import AirStep

_FROM_HZ, _TO_HZ = 7000.0, 18_500.0
"""A limit below is a telephone's, and one above is heard by few."""
_TOP_HZ = 20_000.0
_BAND_HZ = 100.0
_BESIDE, _ACROSS = 6, 8
"""In bands: what is averaged beside a limit, and how far it may fall over."""
_STEEP_DB_PER_OCTAVE = 60.0
"""No instrument, microphone or usual filter falls like that; a coder's limit falls by hundreds."""
_LEAST_MISSING_HZ = 1200.0
_FALLEN_DB = 6.0
_LEAST_LEVEL_DB = -90.0
"""The last bands below the limit, relative to the song: where they are quieter, nothing is missing that was heard."""
_SLOPES_DB = (-24.0, -3.0)
_BLOCK_S = 0.043
_RAMP_BINS = 6
_NOTHING = 1e-20


def find(looked: Spectra, profile: Profile) -> AirStep | None:
    """Return how to fill the top, where the spectrum falls steeply between 7 and 18.5 kHz and does not come back."""
    top_hz = min(_TOP_HZ, 0.47 * looked.rate_hz)
    power = looked.mean_power()
    levels = _levels_db(power, looked.bin_hz, top_hz)
    first, last = int(_FROM_HZ / _BAND_HZ), int(min(_TO_HZ, top_hz - _LEAST_MISSING_HZ) / _BAND_HZ)
    last = min(last, len(levels) - _ACROSS - 1)
    if last <= first:
        return None
    edges = np.arange(first, last)
    falls = np.array([levels[at - _BESIDE : at].mean() - levels[at + _ACROSS :].max() for at in edges])
    at = int(edges[np.argmax(falls)])
    fall = float(falls.max())
    octaves = math.log2((at + _ACROSS) / (at - 0.5 * _BESIDE))
    song_db = 10.0 * math.log10(max(float(power.sum()), _NOTHING))
    before_db = float(levels[at - _BESIDE : at].mean()) + 10.0 * math.log10(_BAND_HZ / looked.bin_hz)
    if fall < profile.fall_db or fall / octaves < _STEEP_DB_PER_OCTAVE or before_db < song_db + _LEAST_LEVEL_DB:
        return None
    slope, line = _slope(levels[: at - 2], at)
    below = np.flatnonzero(levels[at - _BESIDE : at + _ACROSS] < line[at - _BESIDE : at + _ACROSS] - _FALLEN_DB)
    cutoff = at - _BESIDE + (int(below[0]) if len(below) else _BESIDE)
    return AirStep(
        cutoff_hz=cutoff * _BAND_HZ,
        to_hz=top_hz,
        slope_db_per_octave=round(slope, 1),
        reason=(
            f"The spectrum ends at {cutoff * _BAND_HZ / 1000.0:.1f} kHz: it falls by {fall:.0f} dB within "
            f"{_BAND_HZ * (_ACROSS + 0.5 * _BESIDE) / 1000.0:.1f} kHz ({fall / octaves:.0f} dB per octave) and stays "
            f"there up to {top_hz / 1000.0:.1f} kHz."
        ),
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: AirStep) -> None:
    """Fill the top, in place.

    Raises
    ------
    Invalid
        If there is nothing between the limit and `to_hz` that this rate can hold.
    """
    size = block_frames(_BLOCK_S, rate_hz)
    bin_hz = rate_hz / size
    limit, end = round(step.cutoff_hz / bin_hz), int(min(step.to_hz, 0.499 * rate_hz) / bin_hz)
    if end - limit <= 2 * _RAMP_BINS:
        raise Invalid(f"There is no room above {step.cutoff_hz:.0f} Hz at this sample rate.", field="repair")
    # Blocks overlap by half: moved by an even number of bins, each continues the last one's phase.
    shift = 2 * (min(end - limit, limit // 2) // 2)
    to = np.arange(limit, end)
    source = to - shift * -(-(to - limit + 1) // shift)  # the octave below, as often as it takes
    gains_db = step.slope_db_per_octave * np.log2(to / source) + step.amount_db
    ramp = np.minimum(1.0, np.minimum(to - limit + 1, end - to) / _RAMP_BINS)
    gains = (10.0 ** (gains_db / 20.0) * np.sin(0.5 * np.pi * ramp) ** 2).astype(np.float32)

    add_changes(samples, size, lambda blocks: _moved(blocks, limit, source[None], gains[None]))


@kernel
def _moved(
    blocks: NDArray[np.complex64], limit: int, source: NDArray[np.int64], gains: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Turn spectra into what stands from `limit` on when `source`, all of it below, is moved there."""
    size, count = blocks.shape[1], gains.shape[1]
    for block in range(len(blocks)):
        row = blocks[block]
        for n in range(count):
            row[limit + n] = gains[0, n] * row[source[0, n]]
            row[size - limit - n] = gains[0, n] * row[size - source[0, n]]
        row[:limit] = np.complex64(0.0)
        row[limit + count : size - limit - count + 1] = np.complex64(0.0)
        row[size - limit + 1 :] = np.complex64(0.0)
    return np.ones(len(blocks), dtype=np.bool_)


def _levels_db(power: NDArray[np.float64], bin_hz: float, top_hz: float) -> NDArray[np.float64]:
    """Return the mean level of a bin in bands of 100 Hz up to `top_hz`."""
    edges = np.arange(0.0, top_hz + 1.0, _BAND_HZ) / bin_hz
    running = np.concatenate(([0.0], np.cumsum(power)))
    bands = np.diff(np.interp(edges, np.arange(len(running)) - 0.5, running)) / (_BAND_HZ / bin_hz)
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(bands, _NOTHING))
    return levels


def _slope(levels: NDArray[np.float64], at: int) -> tuple[float, NDArray[np.float64]]:
    """Return the slope over the octave below a limit, in dB per octave, and its line up to an octave above."""
    octaves = np.log2((np.arange(2 * at) + 0.5) / at)
    within = slice(len(levels) // 2, len(levels))
    rise = np.polyfit(octaves[within], levels[within], 1)[0]
    slope = float(np.clip(rise, *_SLOPES_DB))
    return slope, slope * octaves + float((levels[within] - slope * octaves[within]).mean())
