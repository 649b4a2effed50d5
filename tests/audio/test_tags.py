"""Tags and covers: what is written is read back here, by libsndfile and by FFmpeg, and never touches the sound."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundrack.audio.containers import Container
from soundrack.audio.encoding import Format, write
from soundrack.audio.files import read
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.audio.tags.metadata import TEXT_FIELDS
from tests.audio.tagged import FULL, JPEG, PNG, RATE_HZ, sketch


def reread(path: Path, format: Format, tags: Tags) -> Tags:
    write(path, sketch(100), RATE_HZ, format, tags=tags)
    return read_tags(path, Container(format))


texts = st.text(st.characters(codec=None), max_size=60)
dates = st.one_of(texts, st.dates().map(str), st.sampled_from(["1999", "2024-05", "2024-05-31T12:00", "19991"]))
numbers = st.one_of(texts, st.sampled_from(["1", "07/12", "3/", "/4", "1/2/3"]))
genres = st.one_of(texts, st.sampled_from(["(17)", "((17)", "17", "RX", "(RX)", "(4)Rock"]))
any_tags = st.builds(
    Tags,
    **dict.fromkeys(TEXT_FIELDS, texts) | {"date": dates, "track": numbers, "disc": numbers, "genre": genres},
    cover=st.sampled_from([None, Cover(PNG), Cover(JPEG), Cover(JPEG + b"!")]),
)


@pytest.mark.parametrize("format", Format)
@given(tags=any_tags)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tags_are_read_back_as_they_were_written(format: Format, tags: Tags, tmp_path: Path) -> None:
    back = reread(tmp_path / "file", format, tags)
    assert back == tags
    assert back.left_out == ()


@given(text=st.text(st.characters(codec=None)))
@settings(max_examples=200)
def test_text_is_clean_and_stays_as_it_is(text: str) -> None:
    tags = Tags(title=text, comment=text)
    assert Tags(title=tags.title, comment=tags.comment) == tags
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in tags.title)
    tags.comment.encode("utf-8")


@pytest.mark.parametrize("format", Format)
def test_tags_change_no_sample(format: Format, tmp_path: Path) -> None:
    large = Cover(JPEG + bytes(3_000_000))
    for name, tags in (("plain", Tags()), ("tagged", FULL), ("large", Tags(cover=large))):
        write(tmp_path / name, sketch(), RATE_HZ, format, tags=tags)
    plain = read(tmp_path / "plain")
    for name in ("tagged", "large"):
        sound = read(tmp_path / name)
        np.testing.assert_array_equal(sound.samples, plain.samples)
        assert sound.info == plain.info
        if format is not Format.M4A:
            by_libsndfile, _ = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)
            np.testing.assert_array_equal(by_libsndfile, plain.samples)
    assert read_tags(tmp_path / "large", Container(format)).cover == large
    assert not read_tags(tmp_path / "plain", Container(format))


@pytest.mark.parametrize("format", Format)
def test_the_same_tags_give_the_same_bytes(format: Format, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, sketch(), RATE_HZ, format, tags=FULL)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.parametrize("format", [Format.WAV, Format.FLAC])
def test_libsndfile_reads_what_is_written(format: Format, file: Path) -> None:
    write(file, sketch(101), RATE_HZ, format, tags=FULL)
    with soundfile.SoundFile(file) as sound:
        for name in ("title", "artist", "album", "genre", "date", "comment", "copyright"):
            assert getattr(sound, name) == getattr(FULL, name), name
        assert sound.tracknumber == ("3/12" if format is Format.WAV else "3")


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("cover", [PNG, JPEG, None], ids=["png", "jpeg", "none"])
def test_ffmpeg_reads_what_is_written(format: Format, cover: bytes | None, file: Path) -> None:
    tags = replace(FULL, cover=Cover(cover) if cover else None)
    write(file, sketch(20_001), RATE_HZ, format, tags=tags)
    with av.open(str(file)) as container:
        said = {name.lower(): value for name, value in container.metadata.items()}
        if format is not Format.WAV:  # FFmpeg shows no picture of a WAV file
            pictures = [bytes(packet) for stream in container.streams.video for packet in container.demux(stream)]
            assert [picture for picture in pictures if picture] == ([cover] if cover else [])
    for name in ("title", "artist", "album", "album_artist", "composer", "genre", "copyright", "comment"):
        assert said[name] == getattr(FULL, name), name
    assert said["track"] in ("3/12", "3")
    assert said["disc"] in ("1/2", "1")
    assert said["date"].startswith("2024")
    assert FULL.isrc in (said.get("isrc"), said.get("tsrc"))


def test_a_wav_stays_a_sound_list_of_chunks(file: Path) -> None:
    write(file, sketch(3)[:, :1].copy(), RATE_HZ, Format.WAV, tags=Tags(title="odd", cover=Cover(JPEG + b"!!")))
    content = file.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    names, position = [], 12
    while position < len(content):
        names.append(content[position : position + 4])
        length = struct.unpack("<I", content[position + 4 : position + 8])[0]
        position += 8 + length + length % 2
    assert position == len(content)
    assert names == [b"fmt ", b"data", b"LIST", b"id3 "]


def test_a_flac_begins_with_its_stream_information_and_marks_its_last_block_alone(file: Path) -> None:
    write(file, sketch(), RATE_HZ, Format.FLAC, tags=FULL)
    content, position = file.read_bytes(), 4
    heads: list[int] = []
    while not heads or heads[-1] < 0x80:
        heads.append(content[position])
        position += 4 + int.from_bytes(content[position + 1 : position + 4], "big")
    assert heads[0] == 0
    assert [head & 0x7F for head in heads].count(4) == 1
    assert heads[-1] == 0x80 | 6
    assert content[position : position + 2] in (b"\xff\xf8", b"\xff\xf9")  # the first frame's sync code
