"""Recordings as the composition engine works on them: two channels at its own rate, whatever a file holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.channels import NAMES, USUAL_MASKS
from soundrack.audio.files import DEFAULT_LIMITS, AudioInfo, Limits, read
from soundrack.audio.resampling import resampled
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.errors import UnusableAudio

_BESIDE = math.sqrt(0.5)
_SILENCE = 1e-5
"""-100 dBFS: a peak below it is no sound."""


@dataclass(frozen=True)
class Recording:
    """A decoded recording.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        At 44.1 kHz. More than two channels are brought to two; one stands in both.
    channels : int
        1 or 2: how many are different by the file's own word.
    info : AudioInfo
        What the file says of itself.
    """

    sound: Sound
    channels: int
    info: AudioInfo

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.sound) / RATE_HZ


def recording(path: Path, limits: Limits = DEFAULT_LIMITS) -> Recording:
    """Decode a recording.

    Parameters
    ----------
    path : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file.
    limits : Limits
        What it may be at most.

    Raises
    ------
    UnsupportedFormat, TooLong, TooLarge
        As :func:`soundrack.audio.files.read`.
    UnusableAudio
        As there, and if there is nothing to hear.
    """
    decoded = read(path, limits)
    info = decoded.info
    stereo = two_channels(decoded.samples, info.channel_mask)
    del decoded
    sound = np.ascontiguousarray(resampled(stereo, info.rate_hz, RATE_HZ))
    if peak_of(sound) < _SILENCE:
        raise UnusableAudio("This recording is silent.")
    return Recording(sound, min(info.channels, 2), info)


def two_channels(samples: NDArray[np.float32], mask: int = 0) -> Sound:
    """Return any number of channels as two.

    What is aside goes to its side, what is in the middle to both, 3 dB down, surround channels likewise; the LFE is
    left out (ITU-R BS.775-3, annex 4).

    Parameters
    ----------
    samples : float32 array, shape (frames, channels)
    mask : int
        Which loudspeakers they are for (:mod:`soundrack.audio.channels`); 0: those that are usual for so many.

    Returns
    -------
    float32 array, shape (frames, 2), C-contiguous
    """
    channels = samples.shape[1]
    if channels == 2:
        return np.ascontiguousarray(samples)
    if channels == 1:
        return np.repeat(samples, 2, axis=1)
    mask = mask or USUAL_MASKS.get(channels, 0)
    names = [name for bit, name in enumerate(NAMES) if mask >> bit & 1][:channels]
    names += ["FC"] * (channels - len(names))
    return samples @ np.array([_sides(name) for name in names], dtype=np.float32)


def peak_of(sound: NDArray[np.float32]) -> float:
    """Return the highest absolute sample, 0 where there is none, without a copy."""
    return max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))


def _sides(name: str) -> tuple[float, float]:
    """Return what a loudspeaker's channel gives to left and right."""
    if name == "LFE":
        return 0.0, 0.0
    if name in ("FL", "FR"):
        return float(name == "FL"), float(name == "FR")
    side = name[-2] if name.endswith("C") else name[-1]
    if side in "LR":
        return _BESIDE * (side == "L"), _BESIDE * (side == "R")
    return _BESIDE, _BESIDE
