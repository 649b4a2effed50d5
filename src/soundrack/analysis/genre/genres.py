"""The genres that are told, what speaks for each, and how sure that makes it: `genres.toml`, `confidence.toml`."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from soundrack.analysis.tags import Tags

_FILE, _CONFIDENCE = Path(__file__).with_name("genres.toml"), Path(__file__).with_name("confidence.toml")
_ALONE = 0.8
"""What a genre counts that one network alone can tell."""


@dataclass(frozen=True)
class Genre:
    """A genre and its evidence.

    `msd` and `mtt` are the mean likelihood at which a tag of either network is full evidence by itself; `against` that
    of MagnaTagATune's tags from which on the evidence falls in proportion; `most` is the highest confidence with which
    it is told.
    """

    label: str
    msd: Mapping[str, float]
    mtt: Mapping[str, float]
    most: float
    against: Mapping[str, float] = field(default_factory=dict)

    def evidence(self, tags: Tags) -> float:
        """Return how much speaks for it, 0 to 1: the geometric mean of both networks, each by its strongest tag.

        A genre of which one network knows nothing is told by the other alone, and counts four fifths. 0 if nothing was
        heard.
        """
        if not tags:
            return 0.0
        told = [
            max(min(1.0, heard[tag] / full) for tag, full in wanted.items())
            for wanted, heard in ((self.msd, tags.msd), (self.mtt, tags.mtt))
            if wanted
        ]
        both = math.sqrt(told[0] * told[1]) if len(told) == 2 else _ALONE * told[0]
        for tag, likelihood in self.against.items():
            both *= min(1.0, likelihood / max(tags.mtt[tag], 1e-9))
        return both

    def confidence(self, evidence: float) -> float:
        """Return how sure it is by what speaks for it, 0 to 1; both rise together."""
        at, share = _curve()
        return self.most * float(np.interp(evidence, at, share))


def genres() -> Mapping[str, Genre]:
    """Return every genre by its label."""
    return _genres()


@cache
def _genres() -> dict[str, Genre]:
    most = _read(_CONFIDENCE)["most"]
    return {label: Genre(label, most=most[label], **told) for label, told in _read(_FILE).items()}


@cache
def _curve() -> tuple[list[float], list[float]]:
    told = _read(_CONFIDENCE)
    return told["evidence"], told["share"]


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)
