"""The genres that are told, and what speaks for each: the data file `genres.toml`."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from soundrack.analysis.tags import Tags

_FILE = Path(__file__).with_name("genres.toml")
_ALONE = 0.8
"""What a genre counts that one network alone can tell."""


@dataclass(frozen=True)
class Genre:
    """A genre and its evidence.

    `msd` and `mtt` are the mean likelihood at which a tag of either network is full evidence by itself; `most` is the
    highest confidence with which it is told.
    """

    label: str
    msd: Mapping[str, float]
    mtt: Mapping[str, float]
    most: float

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
        return math.sqrt(told[0] * told[1]) if len(told) == 2 else _ALONE * told[0]


def genres() -> Mapping[str, Genre]:
    """Return every genre by its label."""
    return _genres()


@cache
def _genres() -> dict[str, Genre]:
    with _FILE.open("rb") as file:
        return {label: Genre(label, **told) for label, told in tomllib.load(file).items()}
