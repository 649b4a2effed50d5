"""Real songs are tagged as what they are, and silence not at all."""

from __future__ import annotations

import numpy as np
import pytest
from immich_memories_music import tracks_dir

from soundrack.analysis.features.sound import hear
from soundrack.analysis.tags import tags
from soundrack.analysis.tags.labels import MSD, MTT
from soundrack.analysis.tags.tagging import patches_of
from tests.analysis.tags.hearing import noise, song


def test_there_are_fifty_tags_of_each_network_and_none_twice():
    assert len(set(MSD)) == len(MSD) == 50
    assert len(set(MTT)) == len(MTT) == 50


@pytest.mark.parametrize("seconds", [0.0, 2.9, 20.0])
def test_nothing_is_heard_in_silence_or_in_less_than_a_patch(seconds: float):
    level = 0.1 if seconds < 3 else 0.0
    found = tags(song(noise(seconds, level)))

    assert not found
    assert found.msd == found.mtt == {}
    assert found.msd_patches.shape == (0, 50)
    assert not found.embedding.any()


def test_an_electronic_clip_is_tagged_electronic_and_one_of_guitars_is_not():
    mood = next(path for path in sorted(tracks_dir().iterdir()) if path.is_dir())
    electronic, acoustic = (tags(hear(min(mood.glob(f"*_{kind}_*")))) for kind in ("electronic", "acoustic"))

    assert max(electronic.msd, key=lambda tag: electronic.msd[tag]) == "electronic"
    assert max(acoustic.mtt, key=lambda tag: acoustic.mtt[tag]) == "guitar"
    assert electronic.msd["electronic"] > 3 * acoustic.msd["electronic"]
    assert np.linalg.norm(electronic.embedding) == pytest.approx(1.0, abs=1e-5)


def test_the_same_song_has_the_same_tags_and_few_patches_nearly_those_of_many():
    clip = hear(min(tracks_dir().rglob("*_acoustic_*")))
    few, again, many = tags(clip), tags(clip), tags(clip, 10)

    assert np.array_equal(few.msd_patches, again.msd_patches)
    assert len(few.at_s) == 3
    assert len(many.at_s) == 10
    assert np.corrcoef(list(few.mtt.values()), list(many.mtt.values()))[0, 1] > 0.95


@pytest.mark.parametrize(("seconds", "patches"), [(10.0, 3), (180.0, 8), (300.0, 14), (1800.0, 24)])
def test_longer_songs_are_looked_at_in_more_places(seconds: float, patches: int):
    assert patches_of(seconds) == patches
