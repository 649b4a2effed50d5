"""ID3: every version and form of it is read, and what cannot be carried over is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundrack.audio.containers import Container
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.audio.tags.metadata import MOST_COVER_BYTES, MOST_TEXT_BYTES
from tests.audio.tagged import ID3_FORMS, JPEG, PNG, frame, from_id3, id3


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
