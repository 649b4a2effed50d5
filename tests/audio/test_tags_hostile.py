"""Strangers' tags: whatever the bytes, reading ends, stays within its bounds, and gives tags."""

from __future__ import annotations

import io
import os
import struct
from functools import cache
from pathlib import Path

import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundrack.audio.containers import Container
from soundrack.audio.encoding import Format, write
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.audio.tags.metadata import MOST_COVER_BYTES, MOST_TAG_BYTES, MOST_TEXT_BYTES, TagFile
from soundrack.audio.tags.vorbis_comment import picture
from tests.audio.tagged import (
    FULL,
    ID3_FORMS,
    JPEG,
    PNG,
    RATE_HZ,
    box,
    comment,
    from_id3,
    id3,
    m4a,
    ogg,
    sketch,
    value,
)


@cache
def tagged(container: Container, folder: Path) -> bytes:
    path = folder / f"tagged.{container}"
    if container in (Container.WAV, Container.FLAC, Container.MP3):
        write(path, sketch(50), RATE_HZ, Format(container), tags=FULL)
        return path.read_bytes()
    if container is Container.AIFF:
        soundfile.write(path, sketch(50), RATE_HZ, format="AIFF")
        tag = ID3_FORMS["2.2"]
        return path.read_bytes() + b"NAME\0\0\0\x02Hi" + b"ID3 " + struct.pack(">I", len(tag)) + tag
    if container is Container.OGG:
        return ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"TITLE=Hi", b"TRACKTOTAL=2", b"TRACKNUMBER=1"))
    name = box(b"\xa9nam", value(1, b"Hi"))
    freeform = box(b"----", box(b"mean", bytes(8)) + box(b"name", bytes(4) + b"ISRC") + value(1, b"X"))
    return m4a(name, box(b"trkn", value(0, bytes(8))), freeform, box(b"covr", value(14, PNG)))


@pytest.mark.parametrize("container", Container)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_still_gives_tags(
    container: Container, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    whole = tagged(container, tmp_path_factory.getbasetemp())
    content = bytearray(whole)
    places = st.integers(0, len(content) - 1)
    for place, inserted in data.draw(st.lists(st.tuples(places, st.binary(max_size=6)), max_size=12)):
        content[place : place + len(inserted)] = inserted
    for place in data.draw(st.lists(places, max_size=2)):
        del content[place : place + data.draw(st.integers(1, 40))]
    (tmp_path / "file").write_bytes(content)
    for taken_for in Container:  # whatever it is taken for
        tags = read_tags(tmp_path / "file", taken_for)
        assert all(len(text.encode()) <= MOST_TEXT_BYTES for text in tags.texts().values())


@pytest.mark.parametrize("form", ID3_FORMS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_id3_tag_still_gives_tags(form: str, data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(ID3_FORMS[form])
    for place in data.draw(st.lists(st.integers(4, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    assert isinstance(from_id3(tmp_path / "file", bytes(content)), Tags)


@pytest.mark.parametrize("container", Container)
def test_a_file_cut_anywhere_still_gives_tags(
    container: Container, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    whole = tagged(container, tmp_path_factory.getbasetemp())
    assert read_tags(tmp_path_factory.getbasetemp() / _copy(tmp_path, whole), container)
    for length in range(0, len(whole), 3):
        assert isinstance(read_tags(_copy(tmp_path, whole[:length]), container), Tags)


def _copy(folder: Path, content: bytes) -> Path:
    (folder / "copy").write_bytes(content)
    return folder / "copy"


def _endless_boxes() -> bytes:
    return box(b"ftyp", b"M4A ") + box(b"free", b"") * 300_000


HOSTILE = {
    "an MP3 with a tag of frames of no length": (Container.MP3, id3(3, b"TIT2\0\0\0\0\0\0" * 400_000)),
    "a WAV of empty chunks": (Container.WAV, b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 300_000),
    "a WAV with a list of empty chunks": (
        Container.WAV,
        b"RIFF\0\0\0\0WAVELIST" + struct.pack("<I", 2_400_004) + b"INFO" + b"INAM\0\0\0\0" * 300_000,
    ),
    "a FLAC of empty blocks": (Container.FLAC, b"fLaC" + b"\x04\0\0\0" * 500_000),
    "a FLAC of overlong comments": (Container.FLAC, b"fLaC\x84\xff\xff\xff" + bytes(4) + b"\xff" * 1000),
    "an Ogg of empty pages": (Container.OGG, (b"OggS\0\x02" + bytes(20) + b"\0") * 200_000),
    "an M4A of empty boxes": (Container.M4A, _endless_boxes()),
    "an M4A of boxes in boxes": (Container.M4A, b"".join(b"\x7f\xff\xff\xffmoov" for _ in range(300_000))),
    "an M4A with a box longer than any file": (Container.M4A, b"\0\0\0\x01moov" + b"\xff" * 8 + bytes(100)),
    "an AIFF with a name longer than the file": (Container.AIFF, b"FORM\0\0\0\0AIFFNAME\xff\xff\xff\xffHi"),
}


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size) or b""
        self.taken += len(data)
        return data


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_built_to_keep_a_reader_busy_does_not(name: str, tmp_path: Path) -> None:
    container, content = HOSTILE[name]
    tags = read_tags(_copy(tmp_path, content), container)
    assert tags.cover is None


def test_no_more_is_read_than_16_mib_and_nothing_outside_the_file(tmp_path: Path) -> None:
    path = _copy(tmp_path, b"")
    os.truncate(path, 3 * MOST_TAG_BYTES)
    with Counted(path) as counted:
        file = TagFile(counted)
        assert len(file.read(0, 1 << 40)) == MOST_TAG_BYTES
        assert file.read(0, 1) == b""
        assert counted.taken == MOST_TAG_BYTES
    with path.open("rb") as opened:
        file = TagFile(opened)
        assert [file.read(-1, 5), file.read(5, -1), file.read(file.size, 5)] == [b"", b"", b""]
        assert len(file.read(file.size - 3, 5)) == 3


@pytest.mark.parametrize("container", [Container.FLAC, Container.OGG, Container.M4A, Container.WAV])
def test_a_cover_that_is_too_large_is_left_out_and_told(container: Container, tmp_path: Path) -> None:
    image = PNG + bytes(MOST_COVER_BYTES)
    block = picture(Cover(PNG))[: -len(PNG) - 4] + len(image).to_bytes(4, "big") + image
    title = comment(b"TITLE=Hi")
    apic = b"\0image/png\0\x03\0" + image
    tag = id3(3, b"TIT2\0\0\0\x03\0\0\0Hi" + b"APIC" + len(apic).to_bytes(4, "big") + b"\0\0" + apic)
    contents = {
        Container.FLAC: b"fLaC\x04"
        + len(title).to_bytes(3, "big")
        + title
        + b"\x86"
        + len(block).to_bytes(3, "big")
        + block,
        Container.OGG: ogg(b"\x7fFLAC\x01\0", b"\x04" + bytes(3) + title, b"\x86" + bytes(3) + block),
        Container.M4A: m4a(box(b"\xa9nam", value(1, b"Hi")), box(b"covr", value(14, image))),
        Container.WAV: b"RIFF\0\0\0\0WAVEid3 " + struct.pack("<I", len(tag)) + tag,
    }
    tags = read_tags(_copy(tmp_path, contents[container]), container)
    assert tags == Tags(title="Hi")
    assert tags.left_out == ("a cover larger than 10 MiB",)


def test_a_text_is_cut_between_letters(tmp_path: Path) -> None:
    tags = from_id3(tmp_path / "file", id3(4, b"TIT2\0\0\x6f\x01\0\0\x03" + "あ".encode() * 4736))
    assert tags.title == "あ" * (MOST_TEXT_BYTES // 3)
    assert tags.left_out == ("the end of title, which is longer than 4 KiB",)


def test_text_of_a_stranger_cannot_pass_for_a_cover(tmp_path: Path) -> None:
    block = picture(Cover(JPEG)).replace(JPEG, b"<svg>" + JPEG[5:])
    (tmp_path / "file").write_bytes(b"fLaC\x86" + len(block).to_bytes(3, "big") + block)
    tags = read_tags(tmp_path / "file", Container.FLAC)
    assert tags.cover is None
    assert tags.left_out == ("a picture that is neither JPEG nor PNG",)
