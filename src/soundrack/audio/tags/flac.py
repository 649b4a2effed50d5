"""The metadata blocks of FLAC files (RFC 9639, section 8): read, and put into a file that is already written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from soundrack.audio.containers import id3_bytes
from soundrack.audio.tags.id3 import read_id3v2
from soundrack.audio.tags.metadata import MOST_COVER_BYTES, MOST_PARTS, Gathering, TagFile, Tags
from soundrack.audio.tags.vorbis_comment import (
    channel_mask_of,
    picture,
    read_picture,
    read_vorbis_comment,
    vendor_of,
    vorbis_comment,
)

_COMMENT, _PICTURE = 4, 6
_LAST = 0x80
_HEAD_BYTES = 4
_PICTURE_HEAD_BYTES = 1 << 16
"""More than what stands before the image in a picture block ever needs."""
_STEP_BYTES = 1 << 20


def read_flac_tags(file: TagFile) -> Tags:
    """Return the tags of a FLAC file; those of an ID3 tag before it where it has none of its own."""
    start = id3_bytes(file.read(0, 10))
    gathering = Gathering()
    for kind, position, length in _blocks(file, start + 4):
        if kind == _PICTURE and length > MOST_COVER_BYTES + _PICTURE_HEAD_BYTES:
            gathering.leave_out("a cover larger than 10 MiB")
        elif kind == _PICTURE:
            read_picture(file.read(position, length), gathering)
        elif kind == _COMMENT:
            read_vorbis_comment(file.read(position, length), gathering)
    tags = gathering.tags()
    return tags.completed_by(read_id3v2(file, 0, file.size)) if start else tags


def flac_channel_mask(file: TagFile) -> int:
    """Return the channel mask among the comments of a FLAC file (RFC 9639, 8.6.2), 0 if there is none."""
    for kind, position, length in _blocks(file, id3_bytes(file.read(0, 10)) + 4):
        if kind == _COMMENT:
            return channel_mask_of(file.read(position, length))
    return 0


def _blocks(file: TagFile, position: int) -> Iterator[tuple[int, int, int]]:
    """Yield each metadata block's type, start of body and length."""
    for _ in range(MOST_PARTS):
        head = file.read(position, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            return
        length = int.from_bytes(head[1:], "big")
        yield head[0] & ~_LAST, position + _HEAD_BYTES, length
        position += _HEAD_BYTES + length
        if head[0] & _LAST:
            return


def insert_flac_tags(path: Path, tags: Tags) -> None:
    """Put `tags` into a FLAC file of our own writing, before its sound, which is moved and otherwise not touched.

    Comments that are there are replaced, but for the name of the encoder; other blocks stay, STREAMINFO the first.
    """
    with path.open("r+b") as file:
        before = TagFile(file)
        kept: list[tuple[int, bytes]] = []
        vendor, sound_at = b"", 4
        for kind, position, length in _blocks(before, 4):
            body = before.read(position, length)
            if kind == _COMMENT:
                vendor = vendor_of(body)
            else:
                kept.append((kind, body))
            sound_at = position + length
        kept.append((_COMMENT, vorbis_comment(tags, vendor)))
        if tags.cover is not None:
            kept.append((_PICTURE, picture(tags.cover)))
        last = len(kept) - 1
        head = b"fLaC" + b"".join(
            bytes((kind | (_LAST if place == last else 0),)) + len(body).to_bytes(3, "big") + body
            for place, (kind, body) in enumerate(kept)
        )
        _move_up(file, sound_at, len(head) - sound_at)
        file.seek(0)
        file.write(head)


def _move_up(file: BinaryIO, start: int, by: int) -> None:
    """Move what begins at byte `start` up by `by` bytes, from its end on, a part at a time."""
    end = file.seek(0, 2)
    while end > start:
        begin = max(end - _STEP_BYTES, start)
        file.seek(begin)
        part = file.read(end - begin)
        file.seek(begin + by)
        file.write(part)
        end = begin
