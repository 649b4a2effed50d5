from __future__ import annotations

import pytest
from immich_memories_music import tracks_dir

from soundrack.audio.files import read
from soundrack.audio.resampling import resampled
from tests.mastering.repair.faults import Samples

RATE_HZ = 32_000
"""The tracks have been through a coder that ends at 16 kHz: at this rate nothing is missing in them."""


@pytest.fixture(scope="session")
def songs() -> list[Samples]:
    """Five real recordings of different kinds at 32 kHz, about half a minute each, without a constant."""
    tracks = sorted(tracks_dir().rglob("*.opus"))
    found = [resampled(read(track).samples, 48_000, RATE_HZ) for track in tracks[::6]]
    return [song - song.mean(axis=0) for song in found]
