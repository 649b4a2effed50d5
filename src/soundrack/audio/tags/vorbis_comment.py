"""Vorbis comments and FLAC pictures: the tags of FLAC, Ogg Vorbis and Opus.

Sources: "Ogg Vorbis I format specification: comment field and header specification" (Xiph.Org); RFC 9639 (FLAC), 8.6
and 8.8; "VorbisComment", section METADATA_BLOCK_PICTURE (Xiph.Org wiki).
"""

from __future__ import annotations

import binascii
import re

from soundrack.audio.tags.image import picture_size
from soundrack.audio.tags.metadata import FRONT_COVER, MOST_PARTS, Cover, Cursor, Damaged, Gathering, Tags

_NAMES = {
    "title": ("TITLE",),
    "artist": ("ARTIST",),
    "album": ("ALBUM",),
    "album_artist": ("ALBUMARTIST", "ALBUM ARTIST", "ALBUM_ARTIST"),
    "composer": ("COMPOSER",),
    "genre": ("GENRE",),
    "date": ("DATE", "YEAR"),
    "track": ("TRACKNUMBER", "TRACK"),
    "disc": ("DISCNUMBER", "DISC"),
    "comment": ("COMMENT", "DESCRIPTION"),
    "isrc": ("ISRC",),
    "copyright": ("COPYRIGHT",),
    "label": ("LABEL", "ORGANIZATION", "PUBLISHER"),
    "bpm": ("BPM", "TEMPO"),
    "key": ("KEY", "INITIALKEY"),
}
"""The name that is written, and others that are read where it is missing."""
_TOTALS = {"track": ("TRACKTOTAL", "TOTALTRACKS"), "disc": ("DISCTOTAL", "TOTALDISCS")}
_WANTED = {name for names in (*_NAMES.values(), *_TOTALS.values()) for name in names}
_MASK = re.compile(rb"0[xX][0-9a-fA-F]{1,8}")
_NUMBER_OF_TOTAL = re.compile(r"(\d+)/(\d+)", re.ASCII)


def vorbis_comment(tags: Tags, vendor: bytes) -> bytes:
    """Return the texts of `tags` as a comment header, without framing. `vendor` names the encoder, in UTF-8."""
    comments = []
    for name, text in tags.texts().items():
        counted = _NUMBER_OF_TOTAL.fullmatch(text) if name in _TOTALS else None
        if counted:
            comments += [f"{_NAMES[name][0]}={counted[1]}", f"{_TOTALS[name][0]}={counted[2]}"]
        else:
            comments.append(f"{_NAMES[name][0]}={text}")
    strings = [comment.encode("utf-8") for comment in comments]
    listed = b"".join(_counted(string) for string in strings)
    return _counted(vendor) + len(strings).to_bytes(4, "little") + listed


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def picture(cover: Cover) -> bytes:
    """Return the body of a FLAC picture block. Of its size, what cannot be read is zero, which stands for unknown."""
    mime = cover.mime.encode("ascii")
    head = FRONT_COVER.to_bytes(4, "big") + len(mime).to_bytes(4, "big") + mime
    size = picture_size(cover.data)
    form = b"".join(number.to_bytes(4, "big") for number in (size.width, size.height, size.bits, size.colours))
    return head + bytes(4) + form + len(cover.data).to_bytes(4, "big") + cover.data


def vendor_of(comment: bytes) -> bytes:
    """Return the vendor string of a comment header.

    Raises
    ------
    Damaged
        If it is cut off.
    """
    cursor = Cursor(comment)
    return cursor.take(int.from_bytes(cursor.take(4), "little"))


def channel_mask_of(comment: bytes) -> int:
    """Return what a comment header says of the loudspeakers the channels are for, 0 if it says nothing readable."""
    try:
        cursor = Cursor(comment)
        cursor.take(int.from_bytes(cursor.take(4), "little"))
        for _ in range(min(int.from_bytes(cursor.take(4), "little"), MOST_PARTS)):
            name, _, value = cursor.take(int.from_bytes(cursor.take(4), "little")).partition(b"=")
            if name.upper() == b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK" and _MASK.fullmatch(value):
                return int(value, 16)
    except Damaged:
        pass
    return 0


def read_vorbis_comment(data: bytes, gathering: Gathering) -> None:
    """Read a comment header, and pictures among its comments, as far as it goes."""
    values: dict[str, list[str]] = {}
    try:
        cursor = Cursor(data)
        cursor.take(int.from_bytes(cursor.take(4), "little"))
        count = int.from_bytes(cursor.take(4), "little")
        for _ in range(min(count, MOST_PARTS)):
            comment = cursor.take(int.from_bytes(cursor.take(4), "little"))
            name, _, value = comment.partition(b"=")
            key = name[:40].decode("ascii", "replace").upper()
            if key in ("METADATA_BLOCK_PICTURE", "COVERART"):
                _read_coded_picture(value, key, gathering)
            elif key in _WANTED:
                values.setdefault(key, []).append(value.decode("utf-8", "replace"))
            else:
                gathering.unplaced(key)
        if count > MOST_PARTS:
            gathering.leave_out(f"what follows the first {MOST_PARTS} comments")
    except Damaged:
        gathering.leave_out("damaged comments")
    for field, keys in _NAMES.items():
        found = next((values[key] for key in keys if key in values), [])
        total = next((values[key][0] for key in _TOTALS.get(field, ()) if key in values), "")
        if len(found) == 1 and total and "/" not in found[0]:
            found = [f"{found[0]}/{total}"]
        for text in found:
            gathering.text(field, text)


def _read_coded_picture(value: bytes, key: str, gathering: Gathering) -> None:
    """Read a picture in Base64: a FLAC picture block, or, as it was done of old, the image alone."""
    try:
        decoded = binascii.a2b_base64(value)
    except binascii.Error:
        gathering.leave_out("a damaged picture")
        return
    if key == "COVERART":
        gathering.cover(decoded, 0)
    else:
        read_picture(decoded, gathering)


def read_picture(data: bytes, gathering: Gathering) -> None:
    """Read the body of a FLAC picture block."""
    try:
        cursor = Cursor(data)
        kind = int.from_bytes(cursor.take(4), "big")
        link = cursor.take(int.from_bytes(cursor.take(4), "big")) == b"-->"
        cursor.take(int.from_bytes(cursor.take(4), "big"))  # the description
        cursor.take(16)  # width, height, depth, colours
        image = cursor.take(int.from_bytes(cursor.take(4), "big"))
    except Damaged:
        gathering.leave_out("a damaged picture")
        return
    if not link:
        gathering.cover(image, kind)
