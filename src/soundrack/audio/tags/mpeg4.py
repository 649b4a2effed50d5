"""The tags of MPEG-4 files: the item list that iTunes made the custom.

Sources: ISO/IEC 14496-12 (boxes); "QuickTime File Format", Metadata (Apple): `moov.udta.meta.ilst`, whose items hold
`data` boxes of a type, a locale and a value. Pure Python: tags are read where PyAV is not installed, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from soundrack.audio.tags.genres import GENRES
from soundrack.audio.tags.metadata import (
    FRONT_COVER,
    MOST_COVER_BYTES,
    MOST_PARTS,
    MOST_TEXT_BYTES,
    Gathering,
    TagFile,
    Tags,
)

_TEXTS = {
    b"\xa9nam": "title",
    b"\xa9ART": "artist",
    b"\xa9alb": "album",
    b"aART": "album_artist",
    b"\xa9wrt": "composer",
    b"\xa9gen": "genre",
    b"\xa9day": "date",
    b"\xa9cmt": "comment",
    b"cprt": "copyright",
    b"\xa9pub": "label",
}
_PAIRS = {b"trkn": "track", b"disk": "disc"}
_NAMED = {b"ISRC": "isrc", b"LABEL": "label", b"INITIALKEY": "key", b"BPM": "bpm", b"COPYRIGHT": "copyright"}
"""Names of freeform items, in capitals."""
_UTF_16 = 2
_MOST_BOXES = 1 << 16
"""At the top, where a fragmented file has two for every few seconds."""
_MOST_VALUES = 16

_Box = tuple[bytes, int, int]


def read_mpeg4_tags(file: TagFile) -> Tags:
    """Return the tags of an MPEG-4 file."""
    gathering = Gathering()
    for name, start, end in _items(file):
        if name == b"----":
            _read_freeform(file, start, end, gathering)
            continue
        for child, child_start, child_end in _boxes(file, start, end, _MOST_VALUES):
            if child == b"data":
                _read_value(file, name, child_start, child_end, gathering)
    return gathering.tags()


def _items(file: TagFile) -> Iterator[_Box]:
    start, end = 0, file.size
    for name in (b"moov", b"udta", b"meta", b"ilst"):
        if name == b"ilst" and file.read(start + 4, 4) != b"hdlr":
            start += 4  # version and flags, which QuickTime's own `meta` does not have
        boxes = _boxes(file, start, end, _MOST_BOXES if name == b"moov" else MOST_PARTS)
        found = next((box for box in boxes if box[0] == name), None)
        if found is None:
            return
        _, start, end = found
    yield from _boxes(file, start, end, MOST_PARTS)


def _boxes(file: TagFile, position: int, end: int, most: int) -> Iterator[_Box]:
    """Yield each box's name, start of body and end, never beyond `end`."""
    for _ in range(most):
        head = file.read(position, 8)
        if position + 8 > end or len(head) < 8:
            return
        length, head_bytes = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, head_bytes = int.from_bytes(file.read(position + 8, 8), "big"), 16
        elif length == 0:
            length = end - position
        if length < head_bytes:
            return
        yield head[4:], position + head_bytes, min(position + length, end)
        position += length


def _read_freeform(file: TagFile, start: int, end: int, gathering: Gathering) -> None:
    field = None
    for child, child_start, child_end in _boxes(file, start, end, _MOST_VALUES):
        if child == b"name":
            field = _NAMED.get(file.read(child_start + 4, min(child_end - child_start - 4, 40)).upper())
        elif child == b"data" and field is not None:
            _read_text(file, field, child_start, child_end, gathering)


def _read_value(file: TagFile, name: bytes, start: int, end: int, gathering: Gathering) -> None:
    if name in _TEXTS:
        _read_text(file, _TEXTS[name], start, end, gathering)
    elif name == b"covr" and end - start - 8 > MOST_COVER_BYTES:
        gathering.leave_out("a cover larger than 10 MiB")
    elif name == b"covr":
        gathering.cover(file.read(start + 8, end - start - 8), FRONT_COVER)
    elif name in _PAIRS:
        pair = file.read(start + 8, min(end - start - 8, 6))
        number, total = int.from_bytes(pair[2:4], "big"), int.from_bytes(pair[4:6], "big")
        gathering.text(_PAIRS[name], f"{number}/{total}" if total else str(number or ""))
    elif name in (b"gnre", b"tmpo"):
        number = int.from_bytes(file.read(start + 8, min(end - start - 8, 2)), "big")
        if name == b"tmpo":
            gathering.text("bpm", str(number or ""))
        elif 0 < number <= len(GENRES):  # counted from 1 here
            gathering.text("genre", GENRES[number - 1])


def _read_text(file: TagFile, name: str, start: int, end: int, gathering: Gathering) -> None:
    kind = int.from_bytes(file.read(start, 4), "big")
    data = file.read(start + 8, min(end - start - 8, 4 * MOST_TEXT_BYTES))
    gathering.text(name, data.decode("utf-16-be" if kind == _UTF_16 else "utf-8", "replace"))
