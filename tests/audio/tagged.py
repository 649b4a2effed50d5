"""Tags made by hand, byte by byte as their documents say, and the covers and fields that are put into them."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import numpy as np

from soundrack.audio.containers import Container
from soundrack.audio.tags import Cover, Tags, read_tags

RATE_HZ = 44_100
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 3  # every byte, false MPEG syncs among them
FULL = Tags(
    title="Lève-toi",
    artist="Ólafur & 坂本",
    album="Sea; Sky",
    album_artist="Various Artists",
    composer="Clara Schumann",
    genre="(Not) Rock",
    date="2024-05-31",
    track="3/12",
    disc="1/2",
    comment="two\nlines",
    isrc="DEA123456789",
    copyright="2024 Label",
    label="Label",
    bpm="120",
    key="F#m",
    cover=Cover(PNG),
)


def sketch(frames: int = 3000) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.3 * np.random.default_rng(0).standard_normal((frames, 2))).clip(-0.99, 0.99).astype(np.float32)


def frame(name: bytes, body: bytes, *, size: bytes | None = None, flags: bytes = b"\0\0") -> bytes:
    return name + (size or len(body).to_bytes(4, "big")) + flags + body


def id3(version: int, body: bytes, flags: int = 0) -> bytes:
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes((version, 0, flags)) + size + body


def from_id3(path: Path, tag: bytes) -> Tags:
    path.write_bytes(tag + b"\xff\xfb\x90\x00" + bytes(1000))
    return read_tags(path, Container.MP3)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def m4a(*items: bytes) -> bytes:
    meta = box(b"meta", bytes(4) + box(b"hdlr", bytes(25)) + box(b"ilst", b"".join(items)))
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", bytes(100)) + box(b"moov", box(b"udta", meta))


def value(kind: int, data: bytes) -> bytes:
    return box(b"data", struct.pack(">II", kind, 0) + data)


def ogg(*packets: bytes) -> bytes:
    """Lay packets into pages of one segment less than the most, so that long ones go over several."""
    pages, place = b"", 0
    for packet in packets:
        lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
        start = 0
        for first in range(0, len(lacing), 254):
            segments = lacing[first : first + 254]
            body = packet[start : start + sum(segments)]
            start += len(body)
            kind = (2 if place == 0 else 0) | (1 if first else 0)
            head = b"OggS\0" + bytes((kind,)) + bytes(8) + b"\1\0\0\0" + struct.pack("<II", place, 0)
            pages += head + bytes((len(segments), *segments)) + body
            place += 1
    return pages


def comment(*strings: bytes) -> bytes:
    return bytes(4) + struct.pack("<I", len(strings)) + b"".join(struct.pack("<I", len(s)) + s for s in strings)


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16-be")


ID3_FORMS = {
    "2.2": id3(2, b"TT2\0\0\x03\0Hi" + b"PIC" + (6 + len(PNG)).to_bytes(3, "big") + b"\0PNG\x03\0" + PNG),
    "2.3 in UTF-16 of either order": id3(3, frame(b"TIT2", b"\x01\xfe\xff" + _utf_16("Hi"))),
    "2.3 with an extended header": id3(3, b"\0\0\0\x06" + bytes(6) + frame(b"TIT2", b"\0Hi"), 0x40),
    "2.3 unsynchronised": id3(3, frame(b"APIC", b"\0image/jpeg\0\x03\0" + JPEG).replace(b"\xff", b"\xff\0"), 0x80)[:10]
    + frame(b"TIT2", b"\0Hi"),
    "2.3 with a grouped frame": id3(3, frame(b"TIT2", b"\x07\0Hi", flags=b"\0\x20")),
    "2.4 in UTF-8": id3(4, frame(b"TIT2", b"\x03Hi")),
    "2.4 in UTF-16 without a mark": id3(4, frame(b"TIT2", b"\x02" + _utf_16("Hi"))),
    "2.4 with an extended header": id3(4, b"\0\0\0\x06\x01\0" + frame(b"TIT2", b"\x03Hi"), 0x40),
    "2.4 unsynchronised": id3(4, frame(b"TIT2", b"\0\0\0\x03\x03Hi", flags=b"\0\x03"), 0x80),
    "2.4 with sizes as iTunes wrote them": id3(
        4, frame(b"TPE1", b"\x03" + b"a" * 300) + frame(b"TIT2", b"\x03Hi") + bytes(20)
    ),
}
