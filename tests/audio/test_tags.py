"""Tags and covers: what is written is read back here, by libsndfile and by FFmpeg, and never touches the sound."""

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundrack.audio.containers import Container
from soundrack.audio.encoding import Format, write
from soundrack.audio.files import read
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.audio.tags.metadata import MOST_COVER_BYTES, MOST_TEXT_BYTES, TEXT_FIELDS
from soundrack.audio.tags.vorbis_comment import picture

RATE_HZ = 44_100
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 3  # every byte, false MPEG syncs among them
FULL = Tags(
    title="Lève-toi",
    artist="Ólafur & 坂本",
    album="Sea; Sky",
    album_artist="Various Artists",
    composer="Clara Schumann",
    genre="(Not) Rock",
    date="2024-05-31",
    track="3/12",
    disc="1/2",
    comment="two\nlines",
    isrc="DEA123456789",
    copyright="2024 Label",
    label="Label",
    bpm="120",
    key="F#m",
    cover=Cover(PNG),
)


def sketch(frames: int = 3000) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.3 * np.random.default_rng(0).standard_normal((frames, 2))).clip(-0.99, 0.99).astype(np.float32)


def reread(path: Path, format: Format, tags: Tags) -> Tags:
    write(path, sketch(100), RATE_HZ, format, tags=tags)
    return read_tags(path, Container(format))


def frame(name: bytes, body: bytes, *, size: bytes | None = None, flags: bytes = b"\0\0") -> bytes:
    return name + (size or len(body).to_bytes(4, "big")) + flags + body


def id3(version: int, body: bytes, flags: int = 0) -> bytes:
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes((version, 0, flags)) + size + body


def from_id3(path: Path, tag: bytes) -> Tags:
    path.write_bytes(tag + b"\xff\xfb\x90\x00" + bytes(1000))
    return read_tags(path, Container.MP3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


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


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16-be")


ID3_FORMS = {
    "2.2": id3(2, b"TT2\0\0\x03\0Hi" + b"PIC" + (6 + len(PNG)).to_bytes(3, "big") + b"\0PNG\x03\0" + PNG),
    "2.3 in UTF-16 of either order": id3(3, frame(b"TIT2", b"\x01\xfe\xff" + _utf_16("Hi"))),
    "2.3 with an extended header": id3(3, b"\0\0\0\x06" + bytes(6) + frame(b"TIT2", b"\0Hi"), 0x40),
    "2.3 unsynchronised": id3(3, frame(b"APIC", b"\0image/jpeg\0\x03\0" + JPEG).replace(b"\xff", b"\xff\0"), 0x80)[:10]
    + frame(b"TIT2", b"\0Hi"),
    "2.3 with a grouped frame": id3(3, frame(b"TIT2", b"\x07\0Hi", flags=b"\0\x20")),
    "2.4 in UTF-8": id3(4, frame(b"TIT2", b"\x03Hi")),
    "2.4 in UTF-16 without a mark": id3(4, frame(b"TIT2", b"\x02" + _utf_16("Hi"))),
    "2.4 with an extended header": id3(4, b"\0\0\0\x06\x01\0" + frame(b"TIT2", b"\x03Hi"), 0x40),
    "2.4 unsynchronised": id3(4, frame(b"TIT2", b"\0\0\0\x03\x03Hi", flags=b"\0\x03"), 0x80),
    "2.4 with sizes as iTunes wrote them": id3(
        4, frame(b"TPE1", b"\x03" + b"a" * 300) + frame(b"TIT2", b"\x03Hi") + bytes(20)
    ),
}


@pytest.mark.parametrize("form", ID3_FORMS)
def test_every_form_of_id3_is_read(form: str, file: Path) -> None:
    assert from_id3(file, ID3_FORMS[form]).title == "Hi"


def test_unsynchronised_pictures_are_restored(file: Path) -> None:
    body = frame(b"APIC", b"\0image/jpeg\0\x03\0" + JPEG + b"\xff\0\xff\xe0")
    assert from_id3(file, id3(3, body.replace(b"\xff", b"\xff\0"), 0x80)).cover == Cover(JPEG + b"\xff\0\xff\xe0")


@pytest.mark.parametrize(
    ("version", "text", "genre"),
    [
        (3, "(17)", "Rock"),
        (3, "(17)Kraut", "Kraut"),
        (3, "((17)", "(17)"),
        (3, "17", "17"),
        (4, "17", "Rock"),
        (4, "17\0RX\0Own", "Rock; Remix; Own"),
        (4, "255", "255"),
    ],
)
def test_numbered_genres_are_told_in_words(version: int, text: str, genre: str, file: Path) -> None:
    assert from_id3(file, id3(version, frame(b"TCON", b"\0" + text.encode()))).genre == genre


def test_itunes_notes_on_the_sound_are_no_comment(file: Path) -> None:
    spoilt = frame(b"COMM", b"\0engiTunNORM\0 0000034D 0000034D")
    assert from_id3(file, id3(3, spoilt + frame(b"COMM", b"\0eng\0good"))).comment == "good"


def test_several_values_are_joined(file: Path) -> None:
    assert from_id3(file, id3(4, frame(b"TPE1", b"\x03One\0Two\0"))).artist == "One; Two"


def test_the_front_cover_is_preferred(file: Path) -> None:
    pictures = frame(b"APIC", b"\0image/png\0\x04back\0" + PNG) + frame(b"APIC", b"\0\0\x03\0" + JPEG)
    assert from_id3(file, id3(3, pictures)).cover == Cover(JPEG)


def test_id3v1_is_read_where_there_is_nothing_newer(file: Path) -> None:
    older = b"TAG" + b"Old".ljust(30, b"\0") + b"Me".ljust(30) + bytes(30) + b"1999" + bytes(29) + b"\x05\x11"
    file.write_bytes(b"\xff\xfb\x90\x00" + bytes(1000) + older)
    assert read_tags(file, Container.MP3) == Tags(title="Old", artist="Me", date="1999", track="5", genre="Rock")
    file.write_bytes(id3(3, frame(b"TIT2", b"\0New")) + bytes(1000) + older)
    assert read_tags(file, Container.MP3) == Tags(title="New")


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


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def m4a(*items: bytes) -> bytes:
    meta = box(b"meta", bytes(4) + box(b"hdlr", bytes(25)) + box(b"ilst", b"".join(items)))
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", bytes(100)) + box(b"moov", box(b"udta", meta))


def value(kind: int, data: bytes) -> bytes:
    return box(b"data", struct.pack(">II", kind, 0) + data)


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


def ogg(*packets: bytes) -> bytes:
    """Lay packets into pages of one segment less than the most, so that long ones go over several."""
    pages, place = b"", 0
    for packet in packets:
        lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
        start = 0
        for first in range(0, len(lacing), 254):
            segments = lacing[first : first + 254]
            body = packet[start : start + sum(segments)]
            start += len(body)
            kind = (2 if place == 0 else 0) | (1 if first else 0)
            head = b"OggS\0" + bytes((kind,)) + bytes(8) + b"\1\0\0\0" + struct.pack("<II", place, 0)
            pages += head + bytes((len(segments), *segments)) + body
            place += 1
    return pages


def comment(*strings: bytes) -> bytes:
    return bytes(4) + struct.pack("<I", len(strings)) + b"".join(struct.pack("<I", len(s)) + s for s in strings)


def test_an_ogg_cover_over_several_pages_is_read(file: Path) -> None:
    cover = Cover(JPEG + bytes(200_000))
    coded = b"METADATA_BLOCK_PICTURE=" + base64.b64encode(picture(cover))
    file.write_bytes(ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"title=Hi", coded, b"Artist=A", b"ARTIST=B")))
    assert read_tags(file, Container.OGG) == Tags(title="Hi", artist="A; B", cover=cover)


def test_totals_of_their_own_join_their_number(file: Path) -> None:
    file.write_bytes(ogg(b"OpusHead" + bytes(11), b"OpusTags" + comment(b"TRACKNUMBER=3", b"TOTALTRACKS=12")))
    assert read_tags(file, Container.OGG).track == "3/12"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        (id3(3, frame(b"APIC", b"\0image/gif\0\x03\0GIF89a")), "neither JPEG nor PNG"),
        (id3(3, frame(b"APIC", b"\0image/png\0\x03\0" + PNG + bytes(MOST_COVER_BYTES))), "10 MiB"),
        (id3(3, frame(b"COMM", b"\0eng\0" + b"a" * 5000)), "4 KiB"),
        (id3(3, frame(b"TIT2", b"\0Hi", size=b"\0\0\xff\xff")), "damaged"),
        (id3(3, frame(b"APIC", b"\0image/png")), "damaged"),
        (id3(3, frame(b"TIT2", b"\0Hi", flags=b"\0\x80")), "compressed"),
        (b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + frame(b"TIT2", b"\0Hi"), "cut off"),
    ],
)
def test_what_is_left_out_is_told(tag: bytes, words: str, file: Path) -> None:
    tags = from_id3(file, tag)
    assert any(words in what for what in tags.left_out)
    assert tags.cover is None
    assert len(tags.comment) <= MOST_TEXT_BYTES


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
