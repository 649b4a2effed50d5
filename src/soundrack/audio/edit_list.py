"""How long an MPEG-4 file plays: its sound less the encoder's delay and padding.

Sources: ISO/IEC 14496-12, `mdhd` (length of a track's media), `elst` (what part of it is presented).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from soundrack.audio.tags.metadata import TagFile
from soundrack.audio.tags.mpeg4 import MOST_BOXES, boxes

_MOST_CHILDREN = 64
_DELAY_AT_MOST = 1 << 16


@dataclass(frozen=True)
class Presentation:
    """How many units of `timescale` a second are presented of a track."""

    length: int
    timescale: int


def presentation(file: BinaryIO) -> Presentation | None:
    """Return what is presented of the first audio track, None where no edit list cuts off an encoder's delay.

    The edit's own length is counted in ticks of the whole file, often no finer than a millisecond, and rounded: it
    cuts no more than it certainly excludes. The length of the media, in samples, is exact where the encoder's padding
    is not part of it.
    """
    tags = TagFile(file)
    moov = _child(tags, 0, tags.size, b"moov", MOST_BOXES)
    if moov is None:
        return None
    header = _child(tags, *moov, b"mvhd")
    movie_scale = _scale_and_length(tags, header)[0] if header else 0
    for name, start, end in boxes(tags, *moov, _MOST_CHILDREN):
        media = _child(tags, start, end, b"mdia") if name == b"trak" else None
        handler = _child(tags, *media, b"hdlr") if media else None
        if media is None or handler is None or tags.read(handler[0] + 8, 4) != b"soun":
            continue
        media_header, edits = _child(tags, *media, b"mdhd"), _child(tags, start, end, b"edts")
        edit = _child(tags, *edits, b"elst") if edits else None
        if media_header is None or edit is None or not movie_scale:
            return None
        return _presented(tags.read(edit[0], 24), *_scale_and_length(tags, media_header), movie_scale)
    return None


def _child(file: TagFile, start: int, end: int, name: bytes, most: int = _MOST_CHILDREN) -> tuple[int, int] | None:
    return next(((begin, stop) for kind, begin, stop in boxes(file, start, end, most) if kind == name), None)


def _scale_and_length(file: TagFile, place: tuple[int, int]) -> tuple[int, int]:
    """Read `mvhd` or `mdhd`, which begin alike."""
    head = file.read(place[0], 32)
    at, width = (20, 8) if head[:1] == b"\1" else (12, 4)
    return int.from_bytes(head[at : at + 4], "big"), int.from_bytes(head[at + 4 : at + 4 + width], "big")


def _presented(edit: bytes, scale: int, media_length: int, movie_scale: int) -> Presentation | None:
    wide = edit[:1] == b"\1"
    width = 8 if wide else 4
    count, length = int.from_bytes(edit[4:8], "big"), int.from_bytes(edit[8 : 8 + width], "big")
    delay = int.from_bytes(edit[8 + width : 8 + 2 * width], "big", signed=True)
    if count != 1 or not scale or not length or not 0 <= delay <= min(_DELAY_AT_MOST, media_length):
        return None
    by_edit = length if movie_scale == scale else -(-(length + 1) * scale // movie_scale)
    return Presentation(min(by_edit, media_length - delay), scale)
