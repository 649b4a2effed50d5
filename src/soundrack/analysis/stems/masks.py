"""How much of each bin belongs to the voice, to drums, to the bass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack import models
from soundrack.analysis.stems.medians import running_median
from soundrack.analysis.stems.spectra import BINS, FRAME, RATE_HZ, frames_of, spectra

PATCH, _BINS = 512, 1024
"""Frames and bins that the network sees at once."""
_OVERLAP = 64
"""Frames that two patches share: from one to the next the mask is faded over 1.5 s."""
_AT_ONCE = 128
"""Frames that are passed on together: what is done with them takes several times their memory."""
_TOP = 93
"""Bins of the highest 1 kHz that the network sees: what is the voice's there is the voice's above."""
_FLOOR = np.float32(1e-10)

_SUSTAINED, _STRUCK = 8, 12
"""Half widths of the running medians: 17 frames, 0.4 s, along time, and 25 bins, 270 Hz, along frequency."""
CONTEXT = 2 * _SUSTAINED
"""Frames before and behind that a judgement of drums looks at."""

_BASS_HZ = (150.0, 300.0)
"""The bass has everything below and nothing above; between them it fades."""


@dataclass(frozen=True)
class Part:
    """Frames of a song, in order.

    `mix` is complex64, shape (2, frames, 2049); `voice` is float32 of the same shape: 0 to 1. `last` tells whether this
    is the song's end.
    """

    mix: NDArray[np.complex64]
    voice: NDArray[np.float32]
    last: bool


def voiced(samples: NDArray[np.float32]) -> Iterator[Part]:
    """Yield a song's spectra with the voice's mask, about three seconds at a time.

    Parameters
    ----------
    samples : float32 array, shape (n, 2)
        The song at 44.1 kHz.
    """
    count, step = frames_of(samples.shape[0]), PATCH - _OVERLAP
    rising = (np.arange(1, _OVERLAP + 1, dtype=np.float32) / np.float32(_OVERLAP + 1))[:, None]
    before: NDArray[np.float32] | None = None
    for start in range(0, max(1, count - _OVERLAP), step):
        mix = spectra(samples, start, start + PATCH)
        seen = np.abs(mix[:, :, :_BINS])
        mask = _upwards(_voice(seen), seen)
        if before is not None:
            mask[:, :_OVERLAP] = before + rising * (mask[:, :_OVERLAP] - before)
        before = mask[:, step:].copy()
        last = start + PATCH >= count
        done = count - start if last else step
        for at in range(0, done, _AT_ONCE):
            some = slice(at, min(done, at + _AT_ONCE))
            yield Part(mix[:, some], mask[:, some], last and some.stop == done)


def _voice(magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the voice's share of the power, as the two networks together see it."""
    found = models.session("separator").run(("vocals", "accompaniment"), {"magnitude": magnitude[None]})
    voice, rest = np.square(found[0][0]), np.square(found[1][0])
    share: NDArray[np.float32] = (voice + _FLOOR / 2) / (voice + rest + _FLOOR)
    return share


def _upwards(mask: NDArray[np.float32], magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Go on above 11 kHz as it is just below, on average of the power there."""
    power = np.square(magnitude[:, :, -_TOP:]) + _FLOOR
    above = (mask[:, :, -_TOP:] * power).sum(axis=2, keepdims=True) / power.sum(axis=2, keepdims=True)
    return np.concatenate([mask, np.broadcast_to(above, (*mask.shape[:2], BINS - _BINS))], axis=2)


def struck(magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of each bin is struck rather than sustained, 0 to 1.

    What is struck is a line along frequency and what is sustained a line along time, so that the median along the line
    keeps it and the one across it does not.

    Parameters
    ----------
    magnitude : float32 array, shape (frames, bins)
        Of a mix without its voice.

    References
    ----------
    D. FitzGerald, Harmonic/percussive separation using median filtering, DAFx 2010.
    """
    along_frequency = np.empty_like(magnitude)
    running_median(magnitude, _STRUCK, along_frequency)
    over_time = np.ascontiguousarray(magnitude.T)
    along_time = np.empty_like(over_time)
    running_median(over_time, _SUSTAINED, along_time)
    percussive, harmonic = np.square(along_frequency), np.square(along_time.T)
    return np.asarray(percussive / (percussive + harmonic + _FLOOR), dtype=np.float32)


@cache
def low() -> NDArray[np.float32]:
    """Return how much of each bin's sustained sound is the bass: float32, shape (2049,)."""
    return low_share(np.arange(BINS) * RATE_HZ / FRAME)


def low_share(hz: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how much of what is sustained at some frequencies is the bass, 0 to 1."""
    full, none = _BASS_HZ
    fade = np.clip((hz - full) / (none - full), 0.0, 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * fade), dtype=np.float32)
