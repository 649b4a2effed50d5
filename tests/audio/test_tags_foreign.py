"""What other programs have written into files of each container is read, and what has no place here is told."""

from __future__ import annotations

import base64
import struct
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from av.audio.stream import AudioStream

from soundrack.audio.containers import Container
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.audio.tags.vorbis_comment import picture
from tests.audio.tagged import JPEG, PNG, RATE_HZ, box, comment, frame, id3, m4a, ogg, sketch, value


def write_with_ffmpeg(path: Path, kind: str, codec: str, tags: dict[str, str]) -> None:
    with av.open(str(path), "w", format=kind) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=48_000, layout="stereo")
        assert isinstance(stream, AudioStream)
        stream.metadata.update(tags)
        shape = {"flac": "s16", "libopus": "flt"}.get(codec, "fltp")
        sound = sketch(4800)
        if shape == "s16":
            sound = (sound * 32767).astype(np.int16)
        planes = sound.T.copy() if shape == "fltp" else sound.reshape(1, -1)
        audio = av.AudioFrame.from_ndarray(planes, format=shape, layout="stereo")
        audio.sample_rate = 48_000
        for packet in [*stream.encode(audio), *stream.encode(None)]:
            container.mux(packet)


@pytest.mark.parametrize(
    ("kind", "codec", "container"),
    [
        ("mp4", "aac", Container.M4A),
        ("ipod", "aac", Container.M4A),
        ("ogg", "libopus", Container.OGG),
        ("flac", "flac", Container.FLAC),
        ("mp3", "libmp3lame", Container.MP3),
    ],
)
def test_what_ffmpeg_writes_is_read(kind: str, codec: str, container: Container, file: Path) -> None:
    said = {"title": "Über", "artist": "坂本", "album": "Sea", "genre": "Funk", "date": "2024", "track": "3/12"}
    write_with_ffmpeg(file, kind, codec, said)
    tags = read_tags(file, container)
    assert tags.texts() | said == tags.texts()
    assert tags.left_out == ()


@pytest.mark.parametrize("container", [Container.WAV, Container.AIFF, Container.FLAC, Container.OGG])
def test_what_libsndfile_writes_is_read(container: Container, file: Path) -> None:
    said = {"title": "Über", "artist": "坂本", "comment": "good", "copyright": "me"}
    if container is not Container.AIFF:  # libsndfile puts no album into AIFF
        said |= {"album": "Sea", "genre": "Funk", "date": "2024"}
    with soundfile.SoundFile(file, "w", RATE_HZ, 2, format=container.value.upper()) as sound:
        for name, text in said.items():
            setattr(sound, name, text)
        sound.write(sketch())
    assert read_tags(file, container).texts() == said


def test_an_id3_chunk_is_believed_before_the_text_chunks_of_an_aiff(file: Path) -> None:
    soundfile.write(file, sketch(), RATE_HZ, format="AIFF")
    tag = id3(4, frame(b"TIT2", b"\x03Title"))
    chunks = b"NAME\0\0\0\x03Nam\0" + b"AUTH\0\0\0\x02Me" + b"ID3 " + struct.pack(">I", len(tag)) + tag
    file.write_bytes(file.read_bytes() + chunks)
    assert read_tags(file, Container.AIFF) == Tags(title="Title", artist="Me")


def test_the_items_of_an_m4a_are_read(file: Path) -> None:
    items = [
        box(b"\xa9nam", value(1, "Ü".encode())),
        box(b"aART", value(2, "VA".encode("utf-16-be"))),
        box(b"trkn", value(0, bytes((0, 0, 0, 3, 0, 12, 0, 0)))),
        box(b"disk", value(0, bytes((0, 0, 0, 1, 0, 0)))),
        box(b"gnre", value(0, b"\0\x12")),
        box(b"tmpo", value(21, b"\0\x78")),
        box(b"covr", value(13, JPEG) + value(14, PNG)),
        box(b"----", box(b"mean", bytes(4) + b"com.apple.iTunes") + box(b"name", bytes(4) + b"ISRC") + value(1, b"X1")),
    ]
    file.write_bytes(m4a(*items))
    expected = Tags(title="Ü", album_artist="VA", track="3/12", disc="1", genre="Rock", bpm="120", isrc="X1")
    assert read_tags(file, Container.M4A) == replace(expected, cover=Cover(JPEG))


def test_an_ogg_cover_over_several_pages_is_read(file: Path) -> None:
    cover = Cover(JPEG + bytes(200_000))
    coded = b"METADATA_BLOCK_PICTURE=" + base64.b64encode(picture(cover))
    file.write_bytes(ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"title=Hi", coded, b"Artist=A", b"ARTIST=B")))
    assert read_tags(file, Container.OGG) == Tags(title="Hi", artist="A; B", cover=cover)


def test_totals_of_their_own_join_their_number(file: Path) -> None:
    file.write_bytes(ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"TRACKNUMBER=3", b"TOTALTRACKS=12")))
    assert read_tags(file, Container.OGG).track == "3/12"


@pytest.mark.parametrize(
    ("container", "content"),
    [
        (Container.MP3, id3(3, frame(b"TXXX", b"\0Catalogue\0X1") + frame(b"TXXX", b"\0replaygain_track_gain\0-3 dB"))),
        (Container.OGG, ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"Catalogue=X1", b"ENCODER=opusenc"))),
        (
            Container.M4A,
            m4a(
                box(b"\xa9too", value(1, b"Lavf")),
                box(b"----", box(b"mean", bytes(4)) + box(b"name", bytes(4) + b"Catalogue") + value(1, b"X1")),
            ),
        ),
    ],
    ids=["id3", "vorbis", "mpeg4"],
)
def test_fields_without_a_place_are_told_by_name_and_those_of_one_encoding_are_not(
    container: Container, content: bytes, file: Path
) -> None:
    file.write_bytes(content + bytes(1000))
    (told,) = read_tags(file, container).left_out
    assert told.casefold() == "the field catalogue"


def test_many_fields_without_a_place_are_told_in_few_words(file: Path) -> None:
    file.write_bytes(id3(3, b"".join(frame(b"TXXX", b"\0%d\0x" % n) for n in range(100))))
    (told,) = read_tags(file, Container.MP3).left_out
    assert told == "the fields 0, 1, 2, 3, 4, 5, 6, 7 and more"
