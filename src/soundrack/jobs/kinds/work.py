"""One job as its engine sees it, and what the engine gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack.audio.encoding import Format
from soundrack.audio.files import Limits
from soundrack.progress import Progress

CONTENT_TYPES = {
    Format.WAV: "audio/wav",
    Format.FLAC: "audio/flac",
    Format.MP3: "audio/mpeg",
    Format.M4A: "audio/mp4",
}
_MASTERING_ROOM_BYTES = 128 * 2**20
_MASTERING_BYTES_PER_SAMPLE = 12
"""A decoded song stands in memory twice, as itself and as its gain curves, with half as much again to work in."""
_ANALYSIS_ROOM_BYTES = 384 * 2**20
_ANALYSIS_BYTES_PER_SAMPLE = 8
"""The song as it is and as one channel, its spectra, and what is worked out of them: half an hour of stereo at 48 kHz
took 6.9 bytes a sample above the 372 MB that the engine has loaded."""


@dataclass(frozen=True)
class Work:
    """One job as its engine sees it."""

    job_id: str
    inputs: Mapping[str, Path]
    """By name."""
    outputs: Path
    """The folder to write into; files in it that are not told of are thrown away."""
    parameters: Mapping[str, Any]
    memory_bytes: int

    @property
    def limits_of_mastering(self) -> Limits:
        """What each input of a master may be at most, so that the work fits into its memory.

        A reference is decoded and measured while the song stands in memory once, and is gone before more is.
        """
        return self._limits(_MASTERING_ROOM_BYTES, _MASTERING_BYTES_PER_SAMPLE)

    @property
    def limits_of_analysis(self) -> Limits:
        """What a song that is analysed may be at most."""
        return self._limits(_ANALYSIS_ROOM_BYTES, _ANALYSIS_BYTES_PER_SAMPLE)

    def _limits(self, room_bytes: int, bytes_per_sample: int) -> Limits:
        return Limits(max_samples=max(0, self.memory_bytes - room_bytes) // bytes_per_sample)


@dataclass(frozen=True)
class Made:
    """A file in the folder of outputs; it is delivered under its name there."""

    filename: str
    content_type: str


@dataclass(frozen=True)
class Product:
    """What an engine gives back."""

    outputs: dict[str, Made]
    """By name."""
    result: dict[str, Any]
    report: dict[str, Any]
    work_s: float


Run = Callable[[Work, Progress], Product]
