"""ID3: the tags of MP3, and of AIFF and WAV in a chunk of their own. Any version is read, version 2.3 is written.

Sources: "ID3 tag version 2" (1998), "ID3 tag version 2.3.0" (1999), "ID3 tag version 2.4.0" Structure and Native Frames
(2000), all M. Nilsson, id3.org; "ID3 tag version 1.1" (E. Kemp, M. Mutschler, 1997).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from soundrack.audio.tags.genres import numbered_genre
from soundrack.audio.tags.metadata import (
    FRONT_COVER,
    MOST_COVER_BYTES,
    MOST_PARTS,
    Cursor,
    Damaged,
    Gathering,
    TagFile,
    Tags,
)

_TEXT_FRAMES = {
    "title": b"TIT2",
    "artist": b"TPE1",
    "album": b"TALB",
    "album_artist": b"TPE2",
    "composer": b"TCOM",
    "genre": b"TCON",
    "track": b"TRCK",
    "disc": b"TPOS",
    "isrc": b"TSRC",
    "copyright": b"TCOP",
    "label": b"TPUB",
    "bpm": b"TBPM",
    "key": b"TKEY",
}
_FIELDS = {frame: name for name, frame in _TEXT_FRAMES.items()}
_SHORT_NAMES = {
    b"TT2": b"TIT2",
    b"TP1": b"TPE1",
    b"TAL": b"TALB",
    b"TP2": b"TPE2",
    b"TCM": b"TCOM",
    b"TCO": b"TCON",
    b"TRK": b"TRCK",
    b"TPA": b"TPOS",
    b"TRC": b"TSRC",
    b"TCR": b"TCOP",
    b"TPB": b"TPUB",
    b"TBP": b"TBPM",
    b"TKE": b"TKEY",
    b"TYE": b"TYER",
    b"TDA": b"TDAT",
    b"COM": b"COMM",
    b"TXX": b"TXXX",
    b"PIC": b"APIC",
}
"""Version 2.2's names of three letters."""

_OTHER_WORDS = (b"USLT", b"ULT", b"SYLT", b"SLT", b"IPLS", b"IPL")
"""Lyrics and people involved."""
# fmt: off
_OF_THE_FILE = (
    b"TSSE", b"TSS", b"TENC", b"TEN", b"TLEN", b"TLE", b"TFLT", b"TFT", b"TSIZ", b"TSI", b"TDLY", b"TDY",
    b"TDEN", b"TDTG", b"TOFN", b"TOF", b"TIME", b"TIM",
)
# fmt: on
"""How and when it was made: true of the source alone."""

_UNSYNCHRONISED, _COMPRESSED_TAG, _EXTENDED = 0x80, 0x40, 0x40
_LATIN_1, _UTF_16, _UTF_16_BE, _UTF_8 = range(4)
_UNKNOWN_LANGUAGE = b"XXX"
_WHOLE_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_GENRE_REFERENCE = re.compile(r"\((\d{1,3}|RX|CR)\)", re.ASCII)
_SPOILT_COMMENT = "iTun"
"""iTunes keeps gains and gaps in comments with descriptions that begin so: true of the source, not of its master."""


def id3v2(tags: Tags) -> bytes:
    """Return tags as ID3v2.3, without padding; nothing if there are none.

    Text that Latin-1 cannot hold is UTF-16 with a byte order mark. A date goes into TYER and TDAT as far as they hold
    it, and if they do not, also into a user-defined frame.
    """
    if not tags:
        return b""
    frames = b"".join(_written_text(name, text) for name, text in tags.texts().items())
    if tags.cover is not None:
        head = b"\0" + tags.cover.mime.encode("ascii") + b"\0" + bytes((FRONT_COVER, 0))
        frames += _frame(b"APIC", head + tags.cover.data)
    return b"ID3\x03\x00\x00" + _to_syncsafe(len(frames)) + frames


def _written_text(name: str, text: str) -> bytes:
    if name == "comment":
        coding, encoded, nul = _encoded(text)
        empty_description = encoded[:2] + nul if coding == _UTF_16 else nul  # the mark stands before each string
        return _frame(b"COMM", bytes((coding,)) + _UNKNOWN_LANGUAGE + empty_description + encoded)
    if name == "date":
        return _written_date(text)
    if name == "genre" and (text.startswith("((") or _GENRE_REFERENCE.match(text)):
        text = "(" + text  # else it would refer to a numbered genre; other players show the doubled parenthesis
    return _text_frame(_TEXT_FRAMES[name], text)


def _written_date(text: str) -> bytes:
    if whole := _WHOLE_DATE.fullmatch(text):
        year, month, day = whole.groups()
        return _text_frame(b"TYER", year) + _text_frame(b"TDAT", day + month)
    if _YEAR.fullmatch(text):
        return _text_frame(b"TYER", text)
    coding, encoded, nul = _encoded(text)
    description = b"DATE" if coding == _LATIN_1 else b"\xff\xfe" + "DATE".encode("utf-16-le")
    user_defined = _frame(b"TXXX", bytes((coding,)) + description + nul + encoded)
    year_alone = _YEAR.match(text)
    return (_text_frame(b"TYER", year_alone[0]) if year_alone else b"") + user_defined


def _text_frame(frame: bytes, text: str) -> bytes:
    coding, encoded, _ = _encoded(text)
    return _frame(frame, bytes((coding,)) + encoded)


def _encoded(text: str) -> tuple[int, bytes, bytes]:
    """Return the number of a coding that holds `text`, the text in it, and its NUL."""
    try:
        return _LATIN_1, text.encode("latin-1"), b"\0"
    except UnicodeEncodeError:
        return _UTF_16, b"\xff\xfe" + text.encode("utf-16-le"), b"\0\0"


def _frame(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "big") + b"\0\0" + body


def _to_syncsafe(number: int) -> bytes:
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def read_id3v2(file: TagFile, start: int, most_bytes: int) -> Tags:
    """Return the tags of the ID3v2 tag at `start`, of which `most_bytes` may be read; none if there is none."""
    header = file.read(start, min(10, most_bytes))
    if len(header) < 10 or header[:3] != b"ID3" or header[3] not in (2, 3, 4):
        return Tags()
    version, flags, length = header[3], header[5], _from_syncsafe(header[6:])
    gathering = Gathering()
    if version == 2 and flags & _COMPRESSED_TAG:
        gathering.leave_out("a compressed ID3 tag")
        return gathering.tags()
    body = file.read(start + 10, min(length, most_bytes - 10))
    if len(body) < length:
        gathering.leave_out("the end of an ID3 tag, which is cut off or beyond 16 MiB")
    if flags & _UNSYNCHRONISED and version < 4:
        body = _synchronised(body)
    extension = 0
    if version > 2 and flags & _EXTENDED:
        # Version 2.3 does not count the four bytes of the size itself; 2.4 does, and is syncsafe.
        extension = int.from_bytes(body[:4], "big") + 4 if version == 3 else _from_syncsafe(body[:4].ljust(4, b"\0"))
    dates: dict[bytes, str] = {}
    for name, content in _frames(body[extension:], version, gathering):
        try:
            _read_frame(name, content, version, gathering, dates)
        except Damaged:
            gathering.leave_out("damaged parts of an ID3 tag")
    _settle_date(dates, gathering)
    return gathering.tags()


def _synchronised(data: bytes) -> bytes:
    return data.replace(b"\xff\x00", b"\xff")


def _frames(body: bytes, version: int, gathering: Gathering) -> Iterator[tuple[bytes, bytes]]:
    """Yield each frame's name, in four letters, and its plain content."""
    letters, head = (3, 6) if version == 2 else (4, 10)
    position = 0
    for _ in range(MOST_PARTS):
        header = body[position : position + head]
        if len(header) < head or header[0] == 0:  # the padding
            return
        name = header[:letters]
        if not _is_frame_name(name):
            gathering.leave_out("damaged parts of an ID3 tag")
            return
        length = _frame_bytes(body, position, version)
        content = body[position + head : position + head + length]
        position += head + length
        if len(content) < length:
            too_large = name in (b"APIC", b"PIC") and length > MOST_COVER_BYTES
            gathering.leave_out("a cover larger than 10 MiB" if too_large else "damaged parts of an ID3 tag")
            return
        if version == 2:
            yield _SHORT_NAMES.get(name, name), content
        elif (plain := _plain(content, header[9], version)) is not None:
            yield name, plain
        else:
            gathering.leave_out("compressed or encrypted parts of an ID3 tag")
    gathering.leave_out(f"what follows the first {MOST_PARTS} parts of an ID3 tag")


def _is_frame_name(name: bytes) -> bool:
    return name.isalnum() and name.upper() == name


def _frame_bytes(body: bytes, position: int, version: int) -> int:
    if version == 2:
        return int.from_bytes(body[position + 3 : position + 6], "big")
    size = body[position + 4 : position + 8]
    plain, syncsafe = int.from_bytes(size, "big"), _from_syncsafe(size)
    if version == 3:
        return plain
    # iTunes wrote 2.4 with sizes as in 2.3: whichever leads to another frame is right, the standard's in doubt.
    after = [body[position + 10 + length : position + 14 + length] for length in (syncsafe, plain)]
    leads_on = [not four.strip(b"\0") or _is_frame_name(four) for four in after]
    return plain if plain != syncsafe and not leads_on[0] and leads_on[1] else syncsafe


def _plain(content: bytes, flags: int, version: int) -> bytes | None:
    """Undo what a frame's flags say was done to its content; None if that is compression or encryption."""
    grouped, compressed, encrypted = (0x20, 0x80, 0x40) if version == 3 else (0x40, 0x08, 0x04)
    if flags & (compressed | encrypted):
        return None
    content = content[1 if flags & grouped else 0 :]
    if version == 4:
        content = content[4 if flags & 0x01 else 0 :]
        content = _synchronised(content) if flags & 0x02 else content
    return content


def _read_frame(name: bytes, content: bytes, version: int, gathering: Gathering, dates: dict[bytes, str]) -> None:
    if name in _FIELDS:
        text = _decoded(content[0] if content else _LATIN_1, content[1:])
        for value in text.split("\0") if name == b"TCON" else (text,):
            gathering.text(_FIELDS[name], _genre(value, version) if name == b"TCON" else value)
    elif name in (b"TYER", b"TDAT", b"TDRC"):
        dates.setdefault(name, _decoded(content[0] if content else _LATIN_1, content[1:]).strip("\0 \ufeff"))
    elif name in (b"COMM", b"TXXX"):
        cursor = Cursor(content)
        coding = cursor.take(1)[0]
        cursor.take(3 if name == b"COMM" else 0)  # the language
        description = _decoded(coding, _string(cursor, coding)).strip("\ufeff")
        if name == b"TXXX" and description.upper() == "DATE":
            dates.setdefault(name, _decoded(coding, cursor.rest()).strip("\0 \ufeff"))
        elif name == b"TXXX":
            gathering.unplaced(description)
        elif not description.startswith(_SPOILT_COMMENT):
            gathering.text("comment", _decoded(coding, cursor.rest()))
    elif name == b"APIC":
        cursor = Cursor(content)
        coding = cursor.take(1)[0]
        link = (cursor.take(3) if version == 2 else cursor.until(b"\0")) == b"-->"
        kind = cursor.take(1)[0]
        _string(cursor, coding)
        if not link:
            gathering.cover(cursor.rest(), kind)
    elif (name[:1] in (b"T", b"W") or name in _OTHER_WORDS) and name not in _OF_THE_FILE:
        gathering.unplaced(name.decode("ascii"))


def _string(cursor: Cursor, coding: int) -> bytes:
    """Take a string and its NUL, which in UTF-16 is two bytes wide."""
    return cursor.until(b"\0\0", 2) if coding in (_UTF_16, _UTF_16_BE) else cursor.until(b"\0")


def _decoded(coding: int, data: bytes) -> str:
    if coding == _UTF_16:
        return data.decode("utf-16-be" if data[:2] == b"\xfe\xff" else "utf-16-le", "replace")
    return data.decode({_UTF_16_BE: "utf-16-be", _UTF_8: "utf-8"}.get(coding, "latin-1"), "replace")


def _genre(text: str, version: int) -> str:
    """Return a genre in words: "(17)", "(17)Rock" and, in version 2.4, "17" refer to a list."""
    text = text.strip(" \ufeff")
    if text.startswith("(("):
        return text[1:]
    if reference := _GENRE_REFERENCE.match(text):
        refinement = text[reference.end() :]
        if refinement and not _GENRE_REFERENCE.match(refinement):
            return refinement
        return numbered_genre(reference[1]) or text
    return numbered_genre(text) or text if version == 4 else text


def _settle_date(dates: dict[bytes, str], gathering: Gathering) -> None:
    year, day_and_month = dates.get(b"TYER", ""), dates.get(b"TDAT", "")
    if re.fullmatch(r"\d{4}", day_and_month, re.ASCII) and _YEAR.fullmatch(year):
        year = f"{year}-{day_and_month[2:]}-{day_and_month[:2]}"
    gathering.text("date", dates.get(b"TXXX") or dates.get(b"TDRC") or year)


def read_id3v1(file: TagFile) -> Tags:
    """Return the tags in the last 128 bytes of a file, none if there are none."""
    tag = file.read(file.size - 128, 128)
    if len(tag) < 128 or tag[:3] != b"TAG":
        return Tags()
    gathering = Gathering()
    for name, start, end in (("title", 3, 33), ("artist", 33, 63), ("album", 63, 93), ("date", 93, 97)):
        gathering.text(name, tag[start:end].decode("latin-1").partition("\0")[0])
    numbered = tag[125] == 0 and tag[126] > 0  # version 1.1 has a track in the comment's last byte
    gathering.text("comment", tag[97 : 125 if numbered else 127].decode("latin-1").partition("\0")[0])
    gathering.text("track", str(tag[126]) if numbered else "")
    gathering.text("genre", numbered_genre(str(tag[127])))
    return gathering.tags()
