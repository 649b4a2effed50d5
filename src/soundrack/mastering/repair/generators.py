"""What makes songs by machine, and which faults each is known for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Generator(StrEnum):
    """What made the song, where a machine did: it tells which faults to look for."""

    SUNO = "suno"
    UDIO = "udio"
    ELEVENLABS = "elevenlabs"
    OTHER = "other"


@dataclass(frozen=True)
class Profile:
    """How much evidence is asked for; a fault that a generator is known for needs a little less.

    Attributes
    ----------
    line_db : float
        How far a spectral line must stand above its surroundings.
    fall_db : float
        How far the spectrum must fall at a band limit.
    shimmer_percent : float
        How much of the treble must stand out of its surroundings for a moment only.
    """

    line_db: float = 8.0
    fall_db: float = 18.0
    shimmer_percent: float = 3.5


PROFILES = {
    # Up-sampling by transposed convolution stamps lines: shown for Suno and Udio in Afchar, Meseguer-Brocal, Akesbi and
    # Hennequin, "A Fourier Explanation of AI-music Artifacts", arXiv 2506.19108, 2025.
    Generator.SUNO: Profile(line_db=6.0, shimmer_percent=3.0),
    Generator.UDIO: Profile(line_db=6.0),
    # Delivered as MP3 unless asked otherwise, and that is where a band limit comes from.
    Generator.ELEVENLABS: Profile(fall_db=15.0),
    Generator.OTHER: Profile(),
}
