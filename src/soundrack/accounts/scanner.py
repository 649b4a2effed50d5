"""Finds keys in files, offline: whatever has the form of one, and by its checksum whether it is one.

Every file is searched byte by byte, text or not, in UTF-8 and in UTF-16 alike. What is compressed (gzip, bzip2, xz,
ZIP) is searched unpacked, one level deep; an uncompressed archive needs no unpacking. Git's object store is passed
over, since a pack holds differences and not files: ``git log -p --all`` writes a history that can be searched.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from soundrack.accounts import formats
from soundrack.accounts.formats import Format, SigningSecretFormat

FILE_BYTES = 1_000_000_000
"""Most bytes of one file that are searched, counted after unpacking, unless something else is asked for."""

_CHUNK_BYTES = 4 * 1024 * 1024
_XZ_MEMORY_BYTES = 128 * 1024 * 1024
_ZIP, _GZIP, _BZIP2, _XZ = b"PK\3\4", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0"
_SNIFFED_BYTES = max(map(len, (_ZIP, _GZIP, _BZIP2, _XZ)))
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,  # a ZIP's method of compression
    RuntimeError,  # a ZIP's member that is encrypted
)

_Form = Format | SigningSecretFormat
_ALPHANUMERIC = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class _Sought(NamedTuple):
    """A prefix as it stands in a file, and the forms that begin with it."""

    needle: bytes
    width: int
    forms: tuple[_Form, ...]


_SOUGHT = tuple(
    # in UTF-16 every second byte of it is zero, and which one does not matter to the search
    _Sought(
        (b"\0" * (width - 1)).join(prefix[i : i + 1].encode() for i in range(len(prefix))),
        width,
        tuple(form for form in formats.PUBLISHED if form.prefix == prefix),
    )
    for prefix in sorted({form.prefix for form in formats.PUBLISHED})
    for width in (1, 2)
)
_MARGIN_BYTES = 2 * (max(form.characters for form in formats.PUBLISHED) + 1)
"""Within so many bytes before and after a place stands all that a judgement about it needs."""


@dataclass(frozen=True)
class Finding:
    """A key in a file.

    Attributes
    ----------
    path : str
        The file; after a ``!``, the member of a ZIP.
    line, column : int
        From 1. Columns are characters of one byte, or of two in UTF-16.
    form : str
        The name of its form.
    is_proven : bool
        Whether its checksum is right. Forms without one can only be told by their look.
    shown : str
        How it begins; the rest is shown nowhere.
    """

    path: str
    line: int
    column: int
    form: str
    is_proven: bool
    shown: str
    token: str = field(repr=False)


@dataclass
class Tally:
    """What was searched so far, and what could not be."""

    files: int = 0
    size_bytes: int = 0
    look_alikes: int = 0
    """Texts in the form of a key whose checksum says that they are none."""
    unreadable: list[str] = field(default_factory=list)
    cut_short: list[str] = field(default_factory=list)
    """Files that were searched up to the limit of size only."""


class _Hit(NamedTuple):
    """A place at which a prefix stands with what may be a key; `form` is None if its checksum says that it is none."""

    offset: int
    width: int
    form: _Form | None
    token: str


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def scan(paths: Iterable[Path], tally: Tally, *, most_bytes: int = FILE_BYTES) -> Iterator[Finding]:
    """Search files and the trees below folders, and yield what is found as it is found.

    Symbolic links and pipes are followed and read where they are named in `paths` and nowhere else, so that there are
    no loops and no waiting. A file that cannot be read is noted in `tally` and the search goes on.
    """
    for path in paths:
        if path.is_dir():
            for file in _files_below(path, tally):
                yield from _scan_file(file, tally, most_bytes)
        elif path.exists() and not path.is_file():
            with path.open("rb") as stream:
                yield from scan_stream(stream, str(path), tally, most_bytes=most_bytes)
        else:
            yield from _scan_file(path, tally, most_bytes)


def scan_stream(stream: BinaryIO, name: str, tally: Tally, *, most_bytes: int = FILE_BYTES) -> Iterator[Finding]:
    """Search what a stream gives, such as standard input."""
    tally.files += 1
    yield from _scan_chunks(iter(lambda: stream.read(_CHUNK_BYTES), b""), name, tally, most_bytes)


def _files_below(root: Path, tally: Tally) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, onerror=lambda error: tally.unreadable.append(str(error.filename))):
        if {"objects", "refs"} <= set(folders) and "HEAD" in names:  # a repository of Git
            folders.remove("objects")
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names) if not (Path(folder) / name).is_symlink())


def _scan_file(path: Path, tally: Tally, most_bytes: int) -> Iterator[Finding]:
    name = str(path)
    try:
        # without O_NONBLOCK a pipe would make the search wait for ever
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123  of a descriptor
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            tally.files += 1
            head = file.read(_SNIFFED_BYTES)
            file.seek(0)
            if head.startswith(_ZIP):
                yield from _scan_zip(file, name, tally, most_bytes)
            else:
                yield from _scan_chunks(_content(file, head), name, tally, most_bytes)
    except _UNREADABLE:
        tally.unreadable.append(name)


def _scan_zip(file: BinaryIO, name: str, tally: Tally, most_bytes: int) -> Iterator[Finding]:
    """The limit holds for all members together, so that a small archive cannot be an endless search."""
    with zipfile.ZipFile(file) as archive:
        end_bytes = tally.size_bytes + most_bytes
        for member in archive.infolist():
            inner = f"{name}!{member.filename}"
            if member.is_dir():
                continue
            try:
                with archive.open(member) as content:
                    yield from _scan_chunks(_chunks(content), inner, tally, end_bytes - tally.size_bytes)
            except _UNREADABLE:
                tally.unreadable.append(inner)


def _content(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    """Return what is in a file: unpacked, if it is compressed."""
    if head.startswith(_GZIP):
        return _chunks(gzip.GzipFile(fileobj=file))
    if head.startswith(_BZIP2):
        return _chunks(bz2.BZ2File(file))
    return _unpack_xz(file) if head.startswith(_XZ) else _chunks(file)


def _chunks(file: _Readable) -> Iterator[bytes]:
    return iter(lambda: file.read(_CHUNK_BYTES), b"")


def _unpack_xz(file: BinaryIO) -> Iterator[bytes]:
    """The module's own file object would take as much memory as the file asks for."""
    unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
    while not unpacker.eof:
        packed = file.read(_CHUNK_BYTES) if unpacker.needs_input else b""
        if unpacker.needs_input and not packed:
            raise EOFError
        yield unpacker.decompress(packed, _CHUNK_BYTES)


def _scan_chunks(chunks: Iterator[bytes], name: str, tally: Tally, most_bytes: int) -> Iterator[Finding]:
    """Search a stream of bytes, in which a key may lie across two chunks."""
    buffer, base, searched, taken = b"", 0, 0, 0
    lines = _Lines()
    while True:
        chunk = next(chunks, b"")
        if len(chunk) > most_bytes - taken:
            chunk = chunk[: max(most_bytes - taken, 0)]
            tally.cut_short.append(name)
            chunks = iter(())
        taken += len(chunk)
        tally.size_bytes += len(chunk)
        buffer += chunk
        end = base + len(buffer)
        ready = end - _MARGIN_BYTES if chunk else end
        for hit in sorted(_hits(buffer), key=lambda hit: hit.offset):
            at = base + hit.offset
            if not searched <= at < ready:
                continue
            if hit.form is None:
                tally.look_alikes += 1
                continue
            lines.go_on(buffer, base, at)
            column = (at - lines.start) // hit.width + 1
            proven, shown = hit.form.has_checksum, hit.form.shown(hit.token)
            yield Finding(name, lines.number, column, hit.form.name, proven, shown, hit.token)
        if not chunk:
            return
        searched = max(searched, ready)
        keep = max(end - 2 * _MARGIN_BYTES, base)  # the first half of it has been searched and is looked back at
        lines.go_on(buffer, base, keep)
        buffer, base = buffer[keep - base :], keep


class _Lines:
    """Counts lines up to a place in a stream."""

    def __init__(self) -> None:
        self.number = 1
        self.start = 0
        self._at = 0

    def go_on(self, buffer: bytes, base: int, to: int) -> None:
        """Count up to a place, given the part of the stream that begins at `base`."""
        first, last = max(self._at - base, 0), to - base
        if last <= first:
            return
        if (count := buffer.count(b"\n", first, last)) > 0:
            self.number += count
            self.start = base + buffer.rindex(b"\n", first, last) + 1
        self._at = to


def _hits(buffer: bytes) -> Iterator[_Hit]:
    """Yield what lies wholly in a buffer, in no order; keys that overlap are all found."""
    has_zeros = b"\0" in buffer  # without them there is no UTF-16, and half of the search can be left out
    for sought in _SOUGHT:
        at = buffer.find(sought.needle) if has_zeros or sought.width == 1 else -1
        while at >= 0:
            hit = _judge(buffer, at, sought)
            if hit is not None:
                yield hit
            at = buffer.find(sought.needle, at + 1)


def _judge(buffer: bytes, at: int, sought: _Sought) -> _Hit | None:
    looks_alike = None
    for form in sought.forms:
        text = _text(buffer, at, sought.width, form.characters)
        if form.plausible(text):
            # a checksum proves a key wherever it stands; without one, it is a key only if nothing goes on around it
            if form.has_checksum or (form.could_be_minted(text) and _stands_alone(buffer, at, sought.width, text)):
                return _Hit(at, sought.width, form, text)
        elif form.has_checksum and form.has_look(text):
            looks_alike = _Hit(at, sought.width, None, text)
    return looks_alike


def _text(buffer: bytes, at: int, width: int, characters: int) -> str:
    """Return the characters at a place, or nothing if they are not all there."""
    last = at + (characters - 1) * width
    if last >= len(buffer):
        return ""
    if width == 2 and any(buffer[at + 1 : last : 2]):
        return ""
    return buffer[at : last + 1 : width].decode("latin-1")


def _stands_alone(buffer: bytes, at: int, width: int, text: str) -> bool:
    around = (at - width, at + len(text) * width)
    return not any(0 <= place < len(buffer) and buffer[place] in _ALPHANUMERIC for place in around)
