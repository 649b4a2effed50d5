"""The tags of chunked files: WAV's INFO list and AIFF's text chunks, and the ID3 chunk of both.

Sources: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft, 1991), chapter 2, LIST and
INFO; RF64 (EBU Tech 3306); AIFF 1.3 (Apple, 1989), text chunks. The ID3 chunk is a custom that all players follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from soundrack.audio.tags.id3 import id3v2, read_id3v2
from soundrack.audio.tags.metadata import (
    MOST_PARTS,
    MOST_TEXT_BYTES,
    Gathering,
    TagFile,
    Tags,
    best_of,
    text_of_unknown_coding,
)

_INFO = {
    "title": b"INAM",
    "artist": b"IART",
    "album": b"IPRD",
    "genre": b"IGNR",
    "date": b"ICRD",
    "track": b"ITRK",
    "comment": b"ICMT",
    "copyright": b"ICOP",
}
"""What INFO has a place for. Its ISRC is the name of who supplied the original, not a recording code."""
_INFO_FIELDS = {chunk: name for name, chunk in _INFO.items()} | {b"IPRT": "track"}
_SOFTWARE = b"ISFT"
_AIFF_FIELDS = {b"NAME": "title", b"AUTH": "artist", b"ANNO": "comment", b"(c) ": "copyright"}
_OPEN_SIZES = (0, 0x7FFFF000, 0xFFFFFFFF)
_LONG_SIZE = 0xFFFFFFFF


def wav_chunks(tags: Tags) -> bytes:
    """Return the chunks that hold `tags` in a WAV file, of even length: an INFO list and, complete, an ID3 tag.

    INFO names no coding; it is UTF-8 here, as FFmpeg writes it. The ID3 tag leaves no doubt.
    """
    if not tags:
        return b""
    listed = b"".join(
        _chunk(_INFO[name], text.encode("utf-8") + b"\0") for name, text in tags.texts().items() if name in _INFO
    )
    return (_chunk(b"LIST", b"INFO" + listed) if listed else b"") + _chunk(b"id3 ", id3v2(tags))


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def read_wav_tags(file: TagFile) -> Tags:
    """Return the tags of a WAV file: its ID3 chunk's, completed by its INFO list's."""
    order: Literal["big", "little"] = "big" if file.read(0, 4) == b"RIFX" else "little"
    id3, info = Tags(), Gathering()
    for name, start, length in _chunks(file, 12, file.size, order):
        if name in (b"id3 ", b"ID3 "):
            id3 = id3.completed_by(read_id3v2(file, start, length))
        elif name == b"LIST" and file.read(start, 4) == b"INFO":
            for part, part_start, part_length in _chunks(file, start + 4, start + length, order):
                if part in _INFO_FIELDS:
                    _read_text(file, part_start, part_length, _INFO_FIELDS[part], info)
                elif part != _SOFTWARE:
                    info.unplaced(part.decode("latin-1"))
    return best_of((id3, info.tags()))


def read_aiff_tags(file: TagFile) -> Tags:
    """Return the tags of an AIFF file: its ID3 chunk's, completed by its text chunks'."""
    id3, texts = Tags(), Gathering()
    for name, start, length in _chunks(file, 12, file.size, "big"):
        if name == b"ID3 ":
            id3 = id3.completed_by(read_id3v2(file, start, length))
        elif name in _AIFF_FIELDS:
            _read_text(file, start, length, _AIFF_FIELDS[name], texts)
    return best_of((id3, texts.tags()))


def _read_text(file: TagFile, start: int, length: int, name: str, gathering: Gathering) -> None:
    gathering.text(name, text_of_unknown_coding(file.read(start, min(length, 4 * MOST_TEXT_BYTES))).rstrip("\0"))


def _chunks(
    file: TagFile, position: int, end: int, order: Literal["big", "little"]
) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, start of body and length, up to `end` or sound without an end."""
    long_size = 0
    for _ in range(MOST_PARTS):
        header = file.read(position, 8)
        if position + 8 > end or len(header) < 8:
            return
        name, length = header[:4], int.from_bytes(header[4:], order)
        if name == b"ds64":
            long_size = int.from_bytes(file.read(position + 16, 8), "little")
        if name == b"data" and length in _OPEN_SIZES:
            if length != _LONG_SIZE or not long_size:
                return
            length = long_size
        yield name, position + 8, length
        position += 8 + length + (length & 1)
