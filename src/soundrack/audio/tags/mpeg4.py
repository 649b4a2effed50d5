"""The tags of MPEG-4 files: the item list that iTunes made the custom.

Sources: ISO/IEC 14496-12 (boxes); "QuickTime File Format", Metadata (Apple): `moov.udta.meta.ilst`, whose items hold
`data` boxes of a type, a locale and a value. Pure Python: tags are read where PyAV is not installed, too. What is
written is what iTunes writes, and freeform items where it has none.
"""

from __future__ import annotations

import re
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
_NAMED = {
    b"ISRC": "isrc",
    b"LABEL": "label",
    b"INITIALKEY": "key",
    b"BPM": "bpm",
    b"COPYRIGHT": "copyright",
    b"TRACK": "track",
    b"DISC": "disc",
}
"""Names of freeform items, in capitals."""
_WRITTEN = {field: name for name, field in _TEXTS.items() if field != "label"} | {
    field: name for name, field in _PAIRS.items()
}
_FREEFORM = {"isrc": b"ISRC", "label": b"LABEL", "key": b"initialkey", "bpm": b"BPM"}
_BINARY, _UTF_8, _UTF_16, _JPEG, _PNG, _SIGNED = 0, 1, 2, 13, 14, 21
_PAIR = re.compile(r"(\d{1,5})(?:/(\d{1,5}))?", re.ASCII)
_ENCODER = b"\xa9too"
MOST_BOXES = 1 << 16
"""At the top, where a fragmented file has two for every few seconds."""
_MOST_VALUES = 16

Box = tuple[bytes, int, int]


def mpeg4_user_data(tags: Tags) -> bytes:
    """Return tags as a `udta` box, to stand in `moov`; nothing if there are none.

    A track or disc that is no number of at most 65535, and a tempo that is no whole one, go into freeform items.
    """
    if not tags:
        return b""
    items = b"".join(_item(name, text) for name, text in tags.texts().items())
    if tags.cover is not None:
        kind = _PNG if tags.cover.mime == "image/png" else _JPEG
        items += _box(b"covr", _value(kind, tags.cover.data))
    handler = _box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    return _box(b"udta", _box(b"meta", bytes(4) + handler + _box(b"ilst", items)))


def _item(field: str, text: str) -> bytes:
    if field in ("track", "disc"):
        counted = _PAIR.fullmatch(text)
        number, total = (int(part or 0) for part in counted.groups()) if counted else (0, 0)
        if number and max(number, total) < 1 << 16 and text == (f"{number}/{total}" if total else str(number)):
            pair = b"".join(part.to_bytes(2, "big") for part in (0, number, total))
            return _box(_WRITTEN[field], _value(_BINARY, pair + (b"\0\0" if field == "track" else b"")))
        return _freeform(field.upper().encode("ascii"), text)
    if field == "bpm" and text.isdecimal() and text == str(int(text)) and 0 < int(text) < 1 << 15:
        return _box(b"tmpo", _value(_SIGNED, int(text).to_bytes(2, "big")))
    if field in _FREEFORM:
        return _freeform(_FREEFORM[field], text)
    return _box(_WRITTEN[field], _value(_UTF_8, text.encode("utf-8")))


def _freeform(name: bytes, text: str) -> bytes:
    mean = _box(b"mean", bytes(4) + b"com.apple.iTunes")
    return _box(b"----", mean + _box(b"name", bytes(4) + name) + _value(_UTF_8, text.encode("utf-8")))


def _value(kind: int, data: bytes) -> bytes:
    return _box(b"data", kind.to_bytes(4, "big") + bytes(4) + data)


def _box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + name + body


def read_mpeg4_tags(file: TagFile) -> Tags:
    """Return the tags of an MPEG-4 file."""
    gathering = Gathering()
    for name, start, end in _items(file):
        if name == b"----":
            _read_freeform(file, start, end, gathering)
            continue
        for child, child_start, child_end in boxes(file, start, end, _MOST_VALUES):
            if child == b"data":
                _read_value(file, name, child_start, child_end, gathering)
    return gathering.tags()


def _items(file: TagFile) -> Iterator[Box]:
    start, end = 0, file.size
    for name in (b"moov", b"udta", b"meta", b"ilst"):
        if name == b"ilst" and file.read(start + 4, 4) != b"hdlr":
            start += 4  # version and flags, which QuickTime's own `meta` does not have
        inside = boxes(file, start, end, MOST_BOXES if name == b"moov" else MOST_PARTS)
        found = next((box for box in inside if box[0] == name), None)
        if found is None:
            return
        _, start, end = found
    yield from boxes(file, start, end, MOST_PARTS)


def boxes(file: TagFile, position: int, end: int, most: int) -> Iterator[Box]:
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
    for child, child_start, child_end in boxes(file, start, end, _MOST_VALUES):
        if child == b"name":
            name = file.read(child_start + 4, min(child_end - child_start - 4, 40))
            field = _NAMED.get(name.upper())
            if field is None:
                gathering.unplaced(name.decode("latin-1"))
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
    elif name[:1] == b"\xa9" and name != _ENCODER:
        gathering.unplaced(name[1:].decode("latin-1"))


def _read_text(file: TagFile, name: str, start: int, end: int, gathering: Gathering) -> None:
    kind = int.from_bytes(file.read(start, 4), "big")
    data = file.read(start + 8, min(end - start - 8, 4 * MOST_TEXT_BYTES))
    gathering.text(name, data.decode("utf-16-be" if kind == _UTF_16 else "utf-8", "replace"))
