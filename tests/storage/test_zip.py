"""ZIP archives of objects, read by the standard library."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.storage import zip as archive
from soundrack.storage.objects import ObjectStore
from soundrack.storage.zip import Member

MADE_AT = datetime(2026, 5, 1, 12, 34, 57, tzinfo=UTC)


async def whole(store: ObjectStore, members: list[Member]) -> bytes:
    return b"".join([chunk async for chunk in archive.stream(store, members, MADE_AT)])


def stored(folder: Path, contents: dict[str, bytes]) -> tuple[ObjectStore, list[Member]]:
    store = ObjectStore(folder / "objects")
    members = []
    for number, (name, content) in enumerate(contents.items()):
        (folder / "file").write_bytes(content)
        store.put_file(f"output/{number}", folder / "file")
        members.append(Member(name, f"output/{number}", len(content)))
    return store, members


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/\\:"), min_size=1),
        st.binary(max_size=1000),
        max_size=4,
    )
)
def test_an_archive_holds_every_object_under_its_name_and_is_as_long_as_it_says(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
):
    store, members = stored(tmp_path_factory.mktemp("zip"), contents)

    made = asyncio.run(whole(store, members))

    assert len(made) == archive.length(members)
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == contents
        assert all(one.date_time == (2026, 5, 1, 12, 34, 56) for one in found.infolist())


@pytest.mark.parametrize("limit", [1, 60, 200, 450])
def test_beyond_four_gigabytes_it_is_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int):
    """With the limit drawn down, sizes, places and the directory each come to stand in the extra fields."""
    contents = {f"{number}.wav": bytes([number]) * 100 for number in range(4)}
    store, members = stored(tmp_path, contents)
    monkeypatch.setattr(archive, "_LIMIT", limit)

    made = asyncio.run(whole(store, members))

    assert b"PK\6\6" in made
    assert len(made) == archive.length(members)
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == contents


def test_more_members_than_the_format_counts_are_refused():
    with pytest.raises(ValueError, match="members"):
        archive.length([Member("a", "a", 0)] * 0xFFFF)
