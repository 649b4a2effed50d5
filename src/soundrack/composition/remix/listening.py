"""Listening: what a remix has to know of its source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from soundrack import analysis
from soundrack.analysis import Report
from soundrack.audio.files import Limits
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.orders import LONGEST_S
from soundrack.composition.recordings import recording
from soundrack.composition.remix.order import SHORTEST_S
from soundrack.errors import TooLong, UnusableAudio
from soundrack.progress import Progress

_SILENT = 1e-4
_HOP = RATE_HZ // 100
_AUDIBLE_DB = -45.0
"""Beside the loudest moment: where a recording begins and ends."""


@dataclass(frozen=True)
class Source:
    """A recording.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        At 44.1 kHz.
    duration_s : float
        How long it is.
    report : Report
        What the analysis found.
    heard_s : (float, float)
        When its first and its last sound come.
    """

    sound: Sound
    duration_s: float
    report: Report
    heard_s: tuple[float, float]

    @property
    def told(self) -> Source:
        """What was found, without the sound, which a song's length of memory goes with."""
        return replace(self, sound=self.sound[:0].copy())


def listen(path: Path, limits: Limits, progress: Progress) -> Source:
    """Read and analyse a recording.

    Raises
    ------
    UnsupportedFormat, TooLarge
        If it cannot be read.
    TooLong
        If it lasts more than 600 s.
    UnusableAudio
        If it cannot be decoded, is silent, or lasts less than 4 s.
    """
    limits = replace(limits, max_duration_s=min(limits.max_duration_s, LONGEST_S))
    try:
        sound = recording(path, limits).sound
    except TooLong as error:
        raise TooLong(f"A source of a remix lasts {LONGEST_S:g} s at most.", field="source") from error
    if len(sound) < SHORTEST_S * RATE_HZ:
        raise UnusableAudio(f"A source of a remix lasts {SHORTEST_S:g} s at least.", field="source")
    heard_s = heard(sound)
    report = analysis.analyze(path, limits=limits, progress=lambda _stage, done: progress("listen", 0.15 * done))
    return Source(sound, len(sound) / RATE_HZ, report, heard_s)


def heard(sound: Sound) -> tuple[float, float]:
    """Return when the first and the last sound of a recording come, in seconds.

    Raises
    ------
    UnusableAudio
        If nothing reaches -80 dBFS.
    """
    hops = -(-len(sound) // _HOP)
    peaks = np.array([np.abs(sound[_HOP * hop : _HOP * (hop + 1)]).max() for hop in range(hops)])
    if peaks.max(initial=0.0) < _SILENT:
        raise UnusableAudio("This source is silent.", field="source")
    audible = np.flatnonzero(peaks > peaks.max() * 10.0 ** (_AUDIBLE_DB / 20.0))
    return float(audible[0]) * _HOP / RATE_HZ, float(audible[-1] + 1) * _HOP / RATE_HZ
