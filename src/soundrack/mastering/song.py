"""A song as it comes in: decoded, measured, and refused where nothing can be made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.files import Limits, read
from soundrack.audio.loudness import HopPower, hop_power, hop_power_by_channel, integrated_lufs
from soundrack.audio.measurement import Measurement, measure_power
from soundrack.audio.survey import Survey, survey
from soundrack.audio.tags import Tags, read_tags
from soundrack.errors import UnusableAudio
from soundrack.progress import Progress, silent

STRICT_OVERSAMPLING = 16
"""At which true peaks are read where something depends on them."""

_SHORTEST_S = 0.4
_CHANNELS = (1, 2)
_AUDIBLE_OFFSET = 1e-4


@dataclass(frozen=True)
class Song:
    """A decoded song, float32, shape (frames, 1 or 2), with what was measured and seen of it."""

    samples: NDArray[np.float32]
    rate_hz: int
    power: HopPower
    seen: Survey
    measurement: Measurement


def listened(samples: NDArray[np.float32], rate_hz: int) -> Song:
    """Measure a decoded song with all meters, true peaks at sixteen times its rate.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Full scale = 1.0, finite, at least one frame.
    rate_hz : int
        Sample rate.
    """
    power, seen = hop_power_by_channel(samples, rate_hz), survey(samples)
    measurement = measure_power(samples, rate_hz, power, seen, oversampling=STRICT_OVERSAMPLING)
    return Song(samples, rate_hz, power, seen, measurement)


def hear(path: Path, limits: Limits, progress: Progress = silent) -> tuple[Song, Tags]:
    """Decode and measure a song; return it with what its file says of it.

    Parameters
    ----------
    path : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file, mono or stereo, at least 400 ms long.
    limits : Limits
        What it may be at most.
    progress : Progress
        Told of ``"read"`` and ``"measure"``, each as it begins.

    Raises
    ------
    UnsupportedFormat, TooLarge
        As :func:`~soundrack.audio.files.read`.
    UnusableAudio
        As :func:`~soundrack.audio.files.read`, and: more than two channels, shorter than 400 ms, or silent.
    """
    progress("read", 0.0)
    sound = read(path, limits)
    channels = sound.samples.shape[1]
    if channels not in _CHANNELS:
        raise UnusableAudio(f"This file has {channels} channels; mono and stereo are mastered.")
    _refuse_short(len(sound.samples), sound.rate_hz, "This file is")
    progress("measure", 0.5)
    song = listened(sound.samples, sound.rate_hz)
    if _silent(song):
        raise UnusableAudio("This file is silent: nothing in it is louder than -70 LUFS.")
    return song, read_tags(path, sound.info.container)


def check_left(samples: NDArray[np.float32], rate_hz: int) -> None:
    """Refuse what a repair has left of a song if it can no longer be mastered.

    Raises
    ------
    UnusableAudio
        If it is shorter than 400 ms, or silent.
    """
    _refuse_short(len(samples), rate_hz, "What the repair leaves of this file is")
    if integrated_lufs(hop_power(samples, rate_hz)) == -math.inf:
        raise UnusableAudio("What the repair leaves of this file is silent.")


def _refuse_short(frames: int, rate_hz: int, what: str) -> None:
    if frames < _SHORTEST_S * rate_hz:
        raise UnusableAudio(
            f"{what} {1000 * frames / rate_hz:.0f} ms long; at least {1000 * _SHORTEST_S:.0f} ms are needed."
        )


def _silent(song: Song) -> bool:
    """Return whether nothing but a constant passes the gate: the filter hears a constant's beginning."""
    if song.measurement.integrated_lufs == -math.inf:
        return True
    offsets = np.array(song.measurement.dc_offsets)
    if np.abs(offsets).max() < _AUDIBLE_OFFSET:
        return False
    return integrated_lufs(hop_power(song.samples - offsets.astype(np.float32), song.rate_hz)) == -math.inf
