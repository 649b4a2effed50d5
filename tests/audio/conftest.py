from __future__ import annotations

from pathlib import Path

import pytest
from immich_memories_music import tracks_dir

from soundrack.audio.files import Sound, read


@pytest.fixture(scope="session")
def songs() -> list[Sound]:
    """Four real recordings of different kinds, about half a minute each."""
    tracks = sorted(tracks_dir().rglob("*.opus"))
    return [read(track) for track in tracks[:: len(tracks) // 4][:4]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a file can be written."""
    return tmp_path / "file"
