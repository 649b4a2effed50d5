"""A ZIP archive of objects, made while it is sent: stored and not deflated, so that its length is known before.

PKWARE's APPNOTE 6.3.10. Sound does not deflate by enough to be worth the time. Each object is read twice, once for its
CRC-32, which stands before it: an archive with the sums behind the files cannot be read by those that read as it comes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from soundrack.storage.objects import ObjectStore

CONTENT_TYPE = "application/zip"

_LIMIT = 0xFFFFFFFF
"""A size or place from here on stands in the ZIP64 extra field (4.4.8, 4.5.3)."""
_MOST_MEMBERS = 0xFFFF
_STORED = 0
_UTF_8 = 1 << 11
_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
_UNIX = 3
_REGULAR_FILE = 0o100644 << 16
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL = struct.Struct("<4sBBHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_ZIP64_END = struct.Struct("<4sQBBHLLQQQQ")
_ZIP64_LOCATOR = struct.Struct("<4sLQL")


@dataclass(frozen=True)
class Member:
    """One object in an archive."""

    name: str
    """As it is unpacked: without folders."""
    key: str
    size_bytes: int


def length(members: Sequence[Member]) -> int:
    """Return the size of the archive in bytes."""
    places = _places(members)
    heads = sum(len(_central(one, 0, at, _moment_of(None))) for one, at in zip(members, places, strict=False))
    start = places[-1]
    return start + heads + len(_end(len(members), start, heads))


async def stream(store: ObjectStore, members: Sequence[Member], made_at: datetime) -> AsyncIterator[bytes]:
    """Yield the archive.

    Parameters
    ----------
    members : sequence of Member
        Objects that exist, at most 65,534, each with a name of its own.
    made_at : datetime
        What is told as the time of each file.
    """
    places, moment, sums = _places(members), _moment_of(made_at), []
    for one in members:
        sums.append(await _crc(store, one))
        yield _local(one, sums[-1], moment)
        async for chunk in store.stream(one.key, 0, one.size_bytes):
            yield chunk
    directory = b"".join(_central(one, crc, at, moment) for one, crc, at in zip(members, sums, places, strict=False))
    yield directory + _end(len(members), places[-1], len(directory))


async def _crc(store: ObjectStore, one: Member) -> int:
    crc = 0
    async for chunk in store.stream(one.key, 0, one.size_bytes):
        crc = zlib.crc32(chunk, crc)
    return crc


def _places(members: Sequence[Member]) -> list[int]:
    """Return where each member begins, and where the last one ends."""
    if len(members) >= _MOST_MEMBERS:
        raise ValueError(f"an archive has fewer than {_MOST_MEMBERS} members")
    places = [0]
    for one in members:
        places.append(places[-1] + len(_local(one, 0, _moment_of(None))) + one.size_bytes)
    return places


def _local(one: Member, crc: int, moment: tuple[int, int]) -> bytes:
    """The header before a file (4.3.7)."""
    name = one.name.encode()
    is_long = one.size_bytes >= _LIMIT
    extra = struct.pack("<HHQQ", 1, 16, one.size_bytes, one.size_bytes) if is_long else b""
    version, size = (_ZIP64_VERSION if is_long else _PLAIN_VERSION), _shown(one.size_bytes)
    head = _LOCAL.pack(b"PK\3\4", version, _UTF_8, _STORED, *moment, crc, size, size, len(name), len(extra))
    return head + name + extra


def _central(one: Member, crc: int, at: int, moment: tuple[int, int]) -> bytes:
    """The entry of a file in the directory at the end (4.3.12)."""
    name = one.name.encode()
    long_ones = [one.size_bytes] * 2 if one.size_bytes >= _LIMIT else []
    long_ones += [at] if at >= _LIMIT else []
    extra = struct.pack(f"<HH{len(long_ones)}Q", 1, 8 * len(long_ones), *long_ones) if long_ones else b""
    version = _ZIP64_VERSION if long_ones else _PLAIN_VERSION
    head = _CENTRAL.pack(
        b"PK\1\2",
        version,
        _UNIX,
        version,
        _UTF_8,
        _STORED,
        *moment,
        crc,
        _shown(one.size_bytes),
        _shown(one.size_bytes),
        len(name),
        len(extra),
        0,
        0,
        0,
        _REGULAR_FILE,
        _shown(at),
    )
    return head + name + extra


def _end(count: int, start: int, size: int) -> bytes:
    """What ends the archive (4.3.14 to 4.3.16)."""
    plain = _END.pack(b"PK\5\6", 0, 0, count, count, _shown(size), _shown(start), 0)
    if start < _LIMIT and size < _LIMIT:
        return plain
    long = _ZIP64_END.pack(
        b"PK\6\6", _ZIP64_END.size - 12, _ZIP64_VERSION, _UNIX, _ZIP64_VERSION, 0, 0, count, count, size, start
    )
    return long + _ZIP64_LOCATOR.pack(b"PK\6\7", 0, start + size, 1) + plain


def _shown(value: int) -> int:
    """What stands in a field of four bytes."""
    return 0xFFFFFFFF if value >= _LIMIT else value


def _moment_of(moment: datetime | None) -> tuple[int, int]:
    """Return time and date as MS-DOS writes them, in UTC (4.4.6); there are none before 1980."""
    if moment is None or moment.year < 1980:
        return 0, 0x21
    at = moment.astimezone(UTC)
    return at.hour << 11 | at.minute << 5 | at.second // 2, (at.year - 1980) << 9 | at.month << 5 | at.day
