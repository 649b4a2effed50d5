"""Containers by their first bytes, and what a WAV or AIFF header promises.

Pure Python on purpose: these lines are the first to touch a stranger's bytes. Sources: RIFF/WAVE (Microsoft and IBM,
1991), RF64 (EBU Tech 3306), AIFF 1.3 and AIFF-C (Apple, 1989 and 1991), ID3v2.4, ISO/IEC 11172-3 (MPEG audio frames),
ISO/IEC 14496-12 (`ftyp`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from soundrack.errors import UnsupportedFormat, UnusableAudio

HEAD_BYTES = 4096
"""As much of a file as :func:`sniff` ever needs."""

_MAX_CHUNKS = 4096
_LONG_SIZE = 0xFFFFFFFF
_UNKNOWN_SIZES = (0, 0x7FFFF000, _LONG_SIZE)
"""What programs write for the size of a data chunk when they cannot go back to fill it in (a pipe)."""
_CODED_BY_FRAME = (0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE)
"""WAVE format tags with a whole number of bytes a frame: PCM, float, A-law, µ-law, extensible."""
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"jxl ", b"crx ")
_MP3_KBPS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


class Container(StrEnum):
    """The kinds of file that are read here."""

    WAV = "wav"
    FLAC = "flac"
    AIFF = "aiff"
    MP3 = "mp3"
    OGG = "ogg"
    M4A = "m4a"


class Pcm(StrEnum):
    """How linear PCM lies in a file, least significant byte first. The values are libsndfile's names."""

    U8 = "PCM_U8"
    S16 = "PCM_16"
    S24 = "PCM_24"
    S32 = "PCM_32"
    F32 = "FLOAT"
    F64 = "DOUBLE"

    @property
    def width(self) -> int:
        """Bytes of a sample."""
        return {"PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}[self]


_PCM = {
    (0x0001, 1): Pcm.U8,
    (0x0001, 2): Pcm.S16,
    (0x0001, 3): Pcm.S24,
    (0x0001, 4): Pcm.S32,
    (0x0003, 4): Pcm.F32,
    (0x0003, 8): Pcm.F64,
}
"""By WAVE format tag and bytes of a sample."""
_EXTENSIBLE = 0xFFFE
_EXTENSIBLE_BYTES = 40

_MAGIC: dict[bytes, tuple[Container, tuple[bytes, ...]]] = {
    b"RIFF": (Container.WAV, (b"WAVE",)),
    b"RIFX": (Container.WAV, (b"WAVE",)),
    b"RF64": (Container.WAV, (b"WAVE",)),
    b"FORM": (Container.AIFF, (b"AIFF", b"AIFC")),
    b"fLaC": (Container.FLAC, ()),
    b"OggS": (Container.OGG, ()),
}
"""First four bytes, and the form types that may follow the size where the container holds more than sound."""


@dataclass(frozen=True)
class AudioInfo:
    """What a file says of itself. `frames` and `duration_s` are None where the header does not tell.

    `channel_mask` says which loudspeakers the channels are for, as dwChannelMask of WAVEFORMATEXTENSIBLE does, and 0
    where it is left to their number.
    """

    container: Container
    encoding: str
    rate_hz: int
    channels: int
    frames: int | None
    duration_s: float | None
    channel_mask: int = 0


@dataclass(frozen=True)
class Promise:
    """What a WAV or AIFF header says is to come.

    `frames` is None when the header leaves the length open; `missing_bytes` is how much of the promised data the file
    does not hold. `unfilled_at` is the place of four bytes that should say the size of the sound and say zero. `pcm` is
    how the sound lies in the file if it is plain PCM, from byte `sound_at` on. `channel_mask` is as in `AudioInfo`.
    """

    channels: int
    rate_hz: int
    frames: int | None
    missing_bytes: int
    unfilled_at: int | None = None
    pcm: Pcm | None = None
    sound_at: int = 0
    channel_mask: int = 0


def sniff(head: bytes) -> Container | None:
    """Return the container that begins with `head`, or None if it is none that is read here.

    Parameters
    ----------
    head : bytes
        The beginning of the file. 4096 bytes suffice; fewer may be given if the file has no more. Any bytes are safe.

    Notes
    -----
    An ID3v2 tag longer than `head` is taken for the beginning of an MP3. Raw AAC (ADTS) is not read here.

    Examples
    --------
    >>> sniff(b"fLaC" + bytes(38))
    <Container.FLAC: 'flac'>
    >>> sniff(b"%PDF-1.7") is None
    True
    """
    tag = id3_bytes(head)
    if tag:
        return sniff(head[tag:]) if tag + 4 <= len(head) else Container.MP3
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _PICTURE_BRANDS else Container.M4A
    if head[:4] in _MAGIC:
        container, forms = _MAGIC[head[:4]]
        return container if not forms or head[8:12] in forms else None
    return Container.MP3 if _is_mp3(head) else None


def id3_bytes(head: bytes) -> int:
    """Return the length in bytes of the ID3v2 tag at the beginning of `head`, 0 if there is none."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _is_mp3(head: bytes) -> bool:
    """Tell whether `head` begins with an MPEG layer III frame and, as far as it reaches, a second one after it."""
    frame = mp3_frame(head)
    return frame is not None and (len(head) < frame.length + 4 or mp3_frame(head[frame.length :]) is not None)


@dataclass(frozen=True, slots=True)
class Mp3Frame:
    """What the header of an MPEG layer III frame says: its length in bytes, and the sound in it."""

    length: int
    samples: int
    rate_hz: int


def mp3_frame(head: bytes) -> Mp3Frame | None:
    """Return the MPEG layer III frame whose header begins `head`, or None if there is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # eleven sync bits, then layer III
        return None
    version, bitrate, rate, padding = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3, (head[2] >> 1) & 1
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    rate_hz = (44_100, 48_000, 32_000)[rate] // {3: 1, 2: 2, 0: 4}[version]
    kbps = _MP3_KBPS[1 if version == 3 else 2][bitrate - 1]
    samples = 1152 if version == 3 else 576
    return Mp3Frame(samples // 8 * kbps * 1000 // rate_hz + padding, samples, rate_hz)


def wav_promise(file: BinaryIO, size: int) -> Promise:
    """Read what the header of a WAV file of `size` bytes promises.

    Raises
    ------
    UnsupportedFormat
        If there is no readable ``fmt`` chunk.
    UnusableAudio
        If there is no ``data`` chunk: the file ends before any sound.
    """
    file.seek(0)
    order = ">" if file.read(4) == b"RIFX" else "<"
    layout: tuple[int, ...] | None = None
    long_size: int | None = None
    for name, start, length in _chunks(file, size, order):
        if name == b"ds64":
            ds64 = file.read(16)
            long_size = int.from_bytes(ds64[8:16], "little") if len(ds64) == 16 else None
        elif name == b"fmt ":
            fmt = file.read(min(length, _EXTENSIBLE_BYTES))
            if len(fmt) >= 16:
                layout = _wave_layout(fmt, order)
        elif name == b"data":
            if layout is None:
                break
            tag, channels, rate_hz, frame_bytes, sub_tag, mask = layout
            promised = long_size if length == _LONG_SIZE and long_size is not None else length
            present = max(size - start, 0)
            open_ended = promised in _UNKNOWN_SIZES and present > 0
            countable = tag in _CODED_BY_FRAME and frame_bytes > 0 and not open_ended
            frames = promised // frame_bytes if countable else None
            missing = 0 if open_ended else max(promised - present, 0)
            unfilled_at = start - 4 if open_ended and promised == 0 else None
            plain = order == "<" and channels > 0 and frame_bytes % channels == 0
            pcm = _PCM.get((sub_tag, frame_bytes // channels)) if plain else None
            return Promise(channels, rate_hz, frames, missing, unfilled_at, pcm, start, mask)
    if layout is None:
        raise UnsupportedFormat("This WAV file has no format description.")
    raise UnusableAudio("This WAV file ends before its sound begins: it is truncated.")


def _wave_layout(fmt: bytes, order: str) -> tuple[int, ...]:
    """Return format tag, channels, rate, bytes of a frame, and the tag and channel mask of an extensible format."""
    tag, channels, rate_hz, _, frame_bytes, _ = struct.unpack(order + "HHIIHH", fmt[:16])
    extended = tag == _EXTENSIBLE and len(fmt) == _EXTENSIBLE_BYTES
    mask, sub_tag = struct.unpack(order + "IH", fmt[20:26]) if extended else (0, tag)
    return tag, channels, rate_hz, frame_bytes, sub_tag, mask


def aiff_promise(file: BinaryIO, size: int) -> Promise:
    """Read what the header of an AIFF or AIFF-C file of `size` bytes promises.

    Raises
    ------
    UnsupportedFormat
        If there is no readable ``COMM`` chunk.
    UnusableAudio
        If sound is promised and there is no ``SSND`` chunk.
    """
    common: Promise | None = None
    missing: int | None = None
    for name, start, length in _chunks(file, size, ">"):
        if name == b"COMM":
            body = file.read(18)
            if len(body) == 18:
                channels, frames, _ = struct.unpack(">HIH", body[:8])
                common = Promise(channels, _extended_to_int(body[8:]), frames, 0)
        elif name == b"SSND":
            missing = 0 if length in _UNKNOWN_SIZES else max(length - (size - start), 0)
    if common is None:
        raise UnsupportedFormat("This AIFF file has no format description.")
    if missing is None and common.frames:
        raise UnusableAudio("This AIFF file ends before its sound begins: it is truncated.")
    return Promise(common.channels, common.rate_hz, common.frames, missing or 0)


def _chunks(file: BinaryIO, size: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, start of body and length, with the file standing at the body."""
    position = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return
        length = struct.unpack(order + "I", header[4:])[0]
        yield header[:4], position + 8, length
        position += 8 + length + (length & 1)
        if position >= size:
            return
    raise UnsupportedFormat(f"This file has more than {_MAX_CHUNKS} chunks.")


def _extended_to_int(ten: bytes) -> int:
    """Convert an 80-bit extended float (AIFF's sample rate) to the nearest integer; 0 if it is none or absurd."""
    exponent, mantissa = struct.unpack(">HQ", ten)
    shift = 16383 + 63 - exponent
    return round(mantissa / 2**shift) if exponent < 0x8000 and 0 <= shift <= 64 else 0
