"""What a file says of its song in words, its cover, and the bounds within which strangers' tags are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import BinaryIO

MOST_TAG_BYTES = 16 << 20
"""As much of a file as is ever read in search of tags."""

MOST_COVER_BYTES = 10 << 20
MOST_TEXT_BYTES = 4096
"""Of one field, in UTF-8."""

MOST_PARTS = 4096
"""Chunks, frames or comments of one tag."""

FRONT_COVER = 3
"""A picture's type in ID3v2 and FLAC."""

_MOST_VALUES = 64
_MOST_WORDS = 8
_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_MOST_NAMES = 8
_NAME = re.compile(r"[ -~]{1,40}")
_OF_THE_SOUND = re.compile(
    r"(REPLAYGAIN_|R128_|ITUN|ENCOD|MP3GAIN_|WAVEFORMATEXTENSIBLE_|TOOL$|MAJOR_|MINOR_|COMPATIBLE_)", re.IGNORECASE
)
"""Fields that are true of one encoding alone: a master loses nothing with them."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROLS_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Cover:
    """A front cover: the bytes of a JPEG or PNG file.

    Raises
    ------
    ValueError
        If they do not begin as one, or are more than 10 MiB.
    """

    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not any(self.data.startswith(signature) for signature in _SIGNATURES):
            raise ValueError("a cover is a JPEG or PNG file")
        if len(self.data) > MOST_COVER_BYTES:
            raise ValueError("a cover has at most 10 MiB")

    @property
    def mime(self) -> str:
        """``image/jpeg`` or ``image/png``, by the first bytes; what a tag says of its picture plays no part."""
        return next(mime for signature, mime in _SIGNATURES.items() if self.data.startswith(signature))


@dataclass(frozen=True)
class Tags:
    """What a file says of its song.

    A field that is not there is empty. Every text is clean whatever it was made of: without control characters (a
    comment may have line feeds), lone surrogates, byte order marks and space around it, and at most 4 KiB in UTF-8.
    `track` and `disc` are a number or ``number/total``; `date` is a year or ISO 8601 where the source keeps to the
    standards; several values of a field are joined with ``"; "``. What depends on the sound itself, such as gains and
    peaks, has no place here, since a master changes it.

    `left_out` tells in words what the file had and was not read; it takes no part in comparisons.

    Examples
    --------
    >>> Tags(title=" Sun\\0rise ").texts()
    {'title': 'Sun rise'}
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    composer: str = ""
    genre: str = ""
    date: str = ""
    track: str = ""
    disc: str = ""
    comment: str = ""
    isrc: str = ""
    copyright: str = ""
    label: str = ""
    bpm: str = ""
    key: str = ""
    cover: Cover | None = None
    left_out: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in TEXT_FIELDS:
            object.__setattr__(self, name, _clean(getattr(self, name), multiline=name == "comment"))

    def __bool__(self) -> bool:
        return self.cover is not None or any(getattr(self, name) for name in TEXT_FIELDS)

    def texts(self) -> dict[str, str]:
        """Return the fields of text that are there, in their order."""
        return {name: text for name in TEXT_FIELDS if (text := getattr(self, name))}

    def completed_by(self, other: Tags) -> Tags:
        """Return these tags with what they lack taken from `other`."""
        missing = {name: text for name, text in other.texts().items() if not getattr(self, name)}
        left_out = tuple(dict.fromkeys(self.left_out + other.left_out))
        return replace(self, **missing, cover=self.cover or other.cover, left_out=left_out)


TEXT_FIELDS = tuple(part.name for part in fields(Tags) if part.name not in ("cover", "left_out"))


def _clean(text: str, *, multiline: bool) -> str:
    if multiline:
        text = _CONTROLS_BUT_NEWLINE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    else:
        text = _CONTROLS.sub(" ", text)
    encoded = text.replace("\ufeff", "").strip().encode("utf-8", "replace")
    return encoded[:MOST_TEXT_BYTES].decode("utf-8", "ignore").rstrip()


class Gathering:
    """Collects what a reader finds, and the words for what it has to leave out."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}
        self._cover: Cover | None = None
        self._is_front = False
        self._left_out: dict[str, None] = {}
        self._unplaced: dict[str, None] = {}

    def text(self, name: str, value: str) -> None:
        """Add a value of the field `name`; NULs part several."""
        values = self._values.setdefault(name, [])
        # Longer than any field may be, so that :meth:`tags` sees what is too long; still short enough to handle freely.
        for one in value[: 4 * MOST_TEXT_BYTES].split("\0", _MOST_VALUES):
            cleaned = one.strip(" \t\ufeff")
            if cleaned and cleaned not in values and len(values) < _MOST_VALUES:
                values.append(cleaned)

    def cover(self, data: bytes, kind: int) -> None:
        """Offer a picture: the first front cover is kept, else the first picture."""
        if self._cover is not None and (self._is_front or kind != FRONT_COVER):
            return
        if len(data) > MOST_COVER_BYTES:
            self.leave_out("a cover larger than 10 MiB")
            return
        try:
            self._cover, self._is_front = Cover(data), kind == FRONT_COVER
        except ValueError:
            self.leave_out("a picture that is neither JPEG nor PNG")

    def leave_out(self, what: str) -> None:
        """Remember in words what is not read."""
        if len(self._left_out) < _MOST_WORDS:
            self._left_out[what] = None

    def unplaced(self, name: str) -> None:
        """Remember a field that :class:`Tags` has no place for."""
        if _NAME.fullmatch(name) and not _OF_THE_SOUND.match(name) and len(self._unplaced) <= _MOST_NAMES:
            self._unplaced[name] = None

    def tags(self) -> Tags:
        """Return what was found."""
        joined = {name: "; ".join(values) for name, values in self._values.items()}
        for name, text in joined.items():
            if len(text.encode("utf-8", "replace")) > MOST_TEXT_BYTES:
                self.leave_out(f"the end of {spoken(name)}, which is longer than 4 KiB")
        if self._unplaced:
            names = list(self._unplaced)
            more = " and more" if len(names) > _MOST_NAMES else ""
            self.leave_out(f"the field{'s' * (len(names) > 1)} {', '.join(names[:_MOST_NAMES])}{more}")
        return Tags(**joined, cover=self._cover, left_out=tuple(self._left_out))


def spoken(name: str) -> str:
    """Return the name of a field as it is written in a sentence."""
    return {"isrc": "ISRC", "bpm": "BPM"}.get(name, name.replace("_", " "))


class TagFile:
    """A stranger's file, of which no more than 16 MiB are read and nothing outside it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_TAG_BYTES
        self.size = os.fstat(file.fileno()).st_size

    def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start` on: fewer where the file, or what may be read of it, ends."""
        length = min(length, self._left, self.size - start)
        if start < 0 or length <= 0:
            return b""
        self._file.seek(start)
        data = self._file.read(length)
        self._left -= len(data)
        return data


class Damaged(Exception):
    """A tag that ends before it should, or says what cannot be."""


class Cursor:
    """Takes bytes from the front of `data`, one part after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes, or raise :class:`Damaged` if there are not as many."""
        part = self._data[self._position : self._position + length]
        if len(part) < length:
            raise Damaged
        self._position += length
        return part

    def until(self, end: bytes, step: int = 1) -> bytes:
        """Return what comes before the mark `end`, which stands at a multiple of `step`, and pass over the mark."""
        place = self._data.find(end, self._position)
        while place >= 0 and (place - self._position) % step:
            place = self._data.find(end, place + 1)
        if place < 0:
            raise Damaged
        part = self._data[self._position : place]
        self._position = place + len(end)
        return part

    def rest(self) -> bytes:
        """Return all that is left."""
        return self._data[self._position :]


def best_of(found: Iterable[Tags]) -> Tags:
    """Join tags of several kinds in one file, the more trustworthy first."""
    joined = Tags()
    for tags in found:
        joined = joined.completed_by(tags)
    return joined


def text_of_unknown_coding(data: bytes) -> str:
    """Decode text whose standard names no coding: UTF-8 if it can be, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
