"""A song as every estimator hears it: decoded once, as it is and as one channel at a low rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from soundrack.audio.files import DEFAULT_LIMITS, AudioInfo, Limits, read

RATE_HZ = 22_050
"""Of `Sound.mono`: beats, keys and chords are told by what lies below 11 kHz."""

_LEVEL, _PEAK = 10.0 ** (-14.0 / 20.0), 1.0
"""Root mean square and peak that songs are brought to, whichever is reached first: -14 and 0 dBFS, as loud records."""
_SILENCE = 1e-5
_CANCELLED = 1e-3
"""Power of the mean of the channels, beside theirs, below which they have cancelled each other: 30 dB."""


@dataclass(frozen=True)
class Sound:
    """A decoded song.

    `samples` is float32, shape (frames, channels), full scale 1.0, at `rate_hz`, as the file has it. `mono` is float32,
    shape (n,): one channel at `RATE_HZ`, brought to one level, so that no estimator goes by how loud a file is. `info`
    is what the file says of itself.
    """

    samples: NDArray[np.float32]
    rate_hz: int
    mono: NDArray[np.float32]
    info: AudioInfo

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.samples) / self.rate_hz


def hear(path: Path, limits: Limits = DEFAULT_LIMITS) -> Sound:
    """Decode a song.

    Parameters
    ----------
    path : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file.
    limits : Limits
        What it may be at most.

    Raises
    ------
    UnsupportedFormat, UnusableAudio, TooLong, TooLarge
        As :func:`soundrack.audio.files.read`.
    """
    decoded = read(path, limits)
    mono = levelled(low_mono(decoded.samples, decoded.rate_hz))
    return Sound(decoded.samples, decoded.rate_hz, mono, decoded.info)


def levelled(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a sound without its offset at -14 dBFS, or lower where its peaks would be above full scale.

    What lies below -100 dBFS is silence, and stays so.
    """
    if not mono.size:
        return mono
    centred: NDArray[np.float32] = mono - np.float32(mono.mean(dtype=np.float64))
    level = float(np.sqrt(np.mean(np.square(centred), dtype=np.float64)))
    if level < _SILENCE:
        return centred
    centred *= np.float32(min(_LEVEL / level, _PEAK / float(np.abs(centred).max())))
    return centred


def low_mono(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return the mean of the channels at `RATE_HZ`; where they cancel each other, the first.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels)
        The sound.
    rate_hz : int
        Its sample rate.

    Returns
    -------
    float32 array, shape (n,)
    """
    channels = samples.shape[1]
    # a product is fifteen times as fast as a mean over so short an axis
    mono = samples @ np.full(channels, 1.0 / channels, dtype=np.float32)
    if np.vdot(mono, mono) < _CANCELLED * np.vdot(samples, samples) / channels:
        mono = np.ascontiguousarray(samples[:, 0])
    if rate_hz == RATE_HZ:
        return mono
    low: NDArray[np.float32] = soxr.resample(mono, rate_hz, RATE_HZ, quality="HQ")
    return low
