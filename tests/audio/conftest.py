from __future__ import annotations

import pytest
from immich_memories_music import tracks_dir

from soundrack.audio.files import Sound, read


@pytest.fixture(scope="session")
def songs() -> list[Sound]:
    """Four real recordings of different kinds, about half a minute each."""
    tracks = sorted(tracks_dir().rglob("*.opus"))
    return [read(track) for track in tracks[:: len(tracks) // 4][:4]]
