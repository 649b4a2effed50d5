"""Sounds and tags for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ, Sound
from soundrack.analysis.tags import Tags
from soundrack.analysis.tags.labels import MSD, MTT
from tests.analysis.songs import as_sound


def song(mono: NDArray[np.floating]) -> Sound:
    """A song of one channel at the rate of `Sound.mono`."""
    return as_sound(mono, RATE_HZ)


def noise(seconds: float, level: float = 0.1) -> NDArray[np.float32]:
    random = np.random.default_rng(3)
    return (level * random.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def heard(msd: Mapping[str, float], mtt: Mapping[str, float], patches: int = 4) -> Tags:
    """What the networks would hear if only these tags held, in every patch."""
    rows = [
        np.array([told.get(label, 0.01) for label in labels], dtype=np.float32)
        for labels, told in ((MSD, msd), (MTT, mtt))
    ]
    each = [np.repeat(row[None], patches, axis=0) for row in rows]
    return Tags(np.arange(patches, dtype=np.float64), each[0], each[1], np.zeros(200, dtype=np.float32))


def nothing() -> Tags:
    return heard({}, {}, patches=0)
