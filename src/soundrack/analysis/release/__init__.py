"""The release kit: clips, captions, hashtags and pictures for telling the world of a song."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.release.captions import captions
from soundrack.analysis.release.clips import Clip, clips
from soundrack.analysis.release.facts import LEAST_CONFIDENCE, Facts
from soundrack.analysis.release.hashtags import hashtags
from soundrack.analysis.structure import Structure

__all__ = ["LEAST_CONFIDENCE", "Clip", "Facts", "ReleaseKit", "release_kit"]


@dataclass(frozen=True)
class ReleaseKit:
    """Clips, captions by network and language, hashtags; `pictures` are file names by what they show."""

    clips: tuple[Clip, ...]
    captions: dict[str, dict[str, str]]
    hashtags: tuple[str, ...]
    pictures: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as published."""
        return {
            "clips": [clip.as_dict() for clip in self.clips],
            "captions": self.captions,
            "hashtags": list(self.hashtags),
            "pictures": self.pictures,
        }


def release_kit(
    facts: Facts,
    structure: Structure,
    *,
    duration_s: float,
    downbeats_s: NDArray[np.float64],
    voice: NDArray[np.float64] | None = None,
    pictures: dict[str, str] | None = None,
) -> ReleaseKit:
    """Put a release kit together.

    Parameters
    ----------
    facts : Facts
        What may be said of the song: findings of at least `LEAST_CONFIDENCE`.
    structure, duration_s, downbeats_s, voice
        As for :func:`soundrack.analysis.release.clips.clips`.
    pictures : dict of str to str, optional
        The names of the pictures that were drawn (:mod:`soundrack.analysis.release.pictures`), by what they show.
    """
    tags = hashtags(facts)
    chosen = clips(structure, duration_s=duration_s, downbeats_s=downbeats_s, voice=voice)
    return ReleaseKit(chosen, captions(facts, tags), tags, pictures or {})
