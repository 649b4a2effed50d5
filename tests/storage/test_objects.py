"""The object store."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from soundrack.errors import NotFound
from soundrack.storage.objects import ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


@pytest.mark.parametrize("size", [0, 1, 300_000, 6 * 2**20])
def test_a_file_comes_back_as_it_went_in(store: ObjectStore, tmp_path: Path, size: int):
    path, back = tmp_path / "file", tmp_path / "back"
    path.write_bytes(os.urandom(size))

    assert store.put_file("a/b", path) == size
    assert store.fetch("a/b", back) == size
    assert back.read_bytes() == path.read_bytes()
    assert store.head("a/b", 100) == path.read_bytes()[:100]


def test_what_is_not_there_is_not_found(store: ObjectStore, tmp_path: Path):
    assert store.info("none") is None
    with pytest.raises(NotFound):
        store.fetch("none", tmp_path / "back")
    with pytest.raises(NotFound):
        store.head("none", 1)
    store.delete("none")


def test_a_key_cannot_lead_out_of_the_store(store: ObjectStore, tmp_path: Path):
    (tmp_path / "secret").write_text("x")

    with pytest.raises(ValueError, match=r"\.\."):
        store.head("../secret", 1)


def test_what_a_crash_cut_off_is_swept_after_a_day(store: ObjectStore, tmp_path: Path):
    (tmp_path / "objects" / "assets").mkdir()
    old, new = (tmp_path / "objects" / "assets" / name for name in ("old.wav#1", "new.wav#1"))
    for path in (old, new):
        path.write_bytes(b"part")
    os.utime(old, (time.time() - 90_000, time.time() - 90_000))

    assert store.sweep() == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_a_symbolic_link_is_not_followed_into_the_store(store: ObjectStore, tmp_path: Path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "output").symlink_to(tmp_path / "secret")

    with pytest.raises(OSError, match="symbolic"):
        store.put_file("a", tmp_path / "output")

    assert store.info("a") is None
