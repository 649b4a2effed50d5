"""Songs that sound alike are found first, and the index survives being written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from immich_memories_music import tracks_dir

from soundrack.analysis.features.sound import Sound, hear, low_mono
from soundrack.analysis.similarity import Index
from soundrack.analysis.tags import tags
from soundrack.errors import Invalid


def unit(*values: float) -> np.ndarray:
    out = np.zeros(200, dtype=np.float32)
    out[: len(values)] = values
    return out / np.linalg.norm(out)


def excerpt(sound: Sound, start_s: float, stop_s: float) -> Sound:
    part = sound.samples[round(start_s * sound.rate_hz) : round(stop_s * sound.rate_hz)]
    return replace(sound, samples=part, mono=low_mono(part, sound.rate_hz))


def test_the_excerpt_of_a_song_finds_it_and_its_own_kind_comes_before_another():
    clips = [*sorted(tracks_dir().rglob("*_electronic_*"))[:2], *sorted(tracks_dir().rglob("*_acoustic_*"))[:2]]
    index = Index()
    for clip in clips:
        index = index.add(clip.name, 0, tags(hear(clip)).embedding)

    for clip in (clips[0], clips[-1]):
        found = index.nearest(tags(excerpt(hear(clip), 5.0, 22.0)).embedding, 4)
        kinds = ["electronic" in match.path for match in found]

        assert found[0].path == clip.name
        assert kinds in ([True, True, False, False], [False, False, True, True])
        assert found[0].similarity > found[-1].similarity + 0.3


def test_songs_come_by_the_angle_between_them():
    index = Index().add("near", 1, unit(1, 0.1)).add("far", 1, unit(-1)).add("aside", 1, unit(0, 1))
    found = index.nearest(unit(1), 2)

    assert [match.path for match in found] == ["near", "aside"]
    assert found[0].similarity == pytest.approx(1 / np.sqrt(1.01))
    assert [match.path for match in index.nearest(unit(1), 9, without=["near"])] == ["aside", "far"]


def test_a_song_that_is_heard_again_takes_its_own_place():
    index = Index().add("song", 1, unit(1)).add("other", 1, unit(1, 1)).add("song", 2, unit(0, 1))

    assert index.paths == ("other", "song")
    assert index.stamp("song") == 2
    assert index.stamp("unheard") is None
    assert index.nearest(unit(0, 1), 1)[0].path == "song"


def test_an_index_is_read_as_it_was_written(tmp_path: Path):
    index = Index().add("/music/하루.flac", 1_700_000_000_000_000_001, unit(3, 4))
    index.save(tmp_path / "songs.npz")
    found = Index.load(tmp_path / "songs.npz")

    assert found.paths == index.paths
    assert found.stamp("/music/하루.flac") == 1_700_000_000_000_000_001
    assert np.array_equal(found.embeddings, index.embeddings)
    assert [path.name for path in tmp_path.iterdir()] == ["songs.npz"]


def test_an_index_without_a_file_is_empty(tmp_path: Path):
    index = Index.load(tmp_path / "songs.npz")
    assert index.paths == ()
    assert index.nearest(unit(1), 3) == []

    index.save(tmp_path / "songs.npz")
    assert Index.load(tmp_path / "songs.npz").paths == ()


def test_what_is_no_index_or_one_of_another_network_is_refused(tmp_path: Path):
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 no index")
    np.savez(tmp_path / "other.npz", paths=np.array(["a"]), stamps=[1], embeddings=np.zeros((1, 200)), network="0")

    with pytest.raises(Invalid, match="not an index"):
        Index.load(tmp_path / "broken.npz")
    with pytest.raises(Invalid, match="another network"):
        Index.load(tmp_path / "other.npz")
