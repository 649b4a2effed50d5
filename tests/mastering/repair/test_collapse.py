from __future__ import annotations

import numpy as np
import pytest

from soundrack.mastering.repair import collapse, find
from soundrack.mastering.repair.generators import Generator
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples


@pytest.mark.parametrize("last_s", [2.0, 6.0])
@pytest.mark.parametrize("number", range(5))
def test_a_collapsed_end_is_told_with_its_moment_and_not_treated(
    number: int, last_s: float, songs: list[Samples]
) -> None:
    song = songs[number]
    found = find(faults.collapsed(song, RATE_HZ, last_s), RATE_HZ, Generator.OTHER)
    assert not found.steps
    assert [note.kind for note in found.notes] == ["collapse"]
    assert found.notes[0].at_s == pytest.approx(len(song) / RATE_HZ - last_s, abs=0.75)


@pytest.mark.parametrize("fade_s", [3.0, 10.0])
def test_a_fade_is_no_collapse(fade_s: float, songs: list[Samples]) -> None:
    for song in songs:
        faded = song.copy()
        frames = round(fade_s * RATE_HZ)
        faded[-frames:] *= np.linspace(1.0, 0.0, frames, dtype=np.float32)[:, None]
        assert collapse.find(faded, RATE_HZ) is None


def test_a_short_song_has_no_end_to_compare(songs: list[Samples]) -> None:
    assert collapse.find(faults.collapsed(songs[0][: 20 * RATE_HZ], RATE_HZ, 5.0), RATE_HZ) is None
