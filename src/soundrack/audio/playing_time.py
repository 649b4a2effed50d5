"""How long a file plays by its own word, without decoding any of it.

Pure Python, as :mod:`soundrack.audio.containers` and for the same reason. Sources: those named there; the FLAC format,
RFC 9639 (STREAMINFO, 10.1); ISO/IEC 11172-3 and 13818-3 (layer III frames); "Mp3 Info Tag revision 1 specifications"
(Xing, LAME); RFC 3533 (Ogg pages), "Vorbis I specification", 4.2.2, RFC 7845 (Opus); ISO/IEC 14496-12 (`mvhd`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from soundrack.audio.containers import HEAD_BYTES, Container, aiff_promise, id3_bytes, mp3_frame, sniff, wav_promise
from soundrack.errors import UnsupportedFormat, UnusableAudio

_STREAMINFO_BYTES = 18
_LONGEST_LOOK_BYTES = 64 * 1024
_LAME_BYTES = 24
_DELAY_AT = 21
_XING_FIELDS = (4, 4, 100, 4)
"""Bytes of its count of frames, count of bytes, table and quality, each there if its flag is set."""
_LONGEST_PAGE_BYTES = 65_307
_OPUS_HZ = 48_000
_NO_PACKET_ENDS = (1 << 64) - 1
_MOST_BOXES = 1 << 12


@dataclass(frozen=True)
class PlayingTime:
    """What a file is, and how long it plays: None where its header does not tell."""

    container: Container
    seconds: float | None


def told(file: BinaryIO, size: int, *, beyond_s: float) -> PlayingTime:
    """Return how long a file says that it plays.

    Parameters
    ----------
    file : BinaryIO
        A file of `size` bytes that can be sought in. Any bytes are safe.
    beyond_s : float
        The frames of an MP3, which has no other honest header, are counted until they play longer than this.

    Raises
    ------
    UnsupportedFormat
        If it is in no container that is read here, or one whose header cannot be read.
    """
    file.seek(0)
    start = id3_bytes(file.read(HEAD_BYTES))
    file.seek(start)
    match sniff(file.read(HEAD_BYTES)):
        case Container.WAV if start == 0:
            return PlayingTime(Container.WAV, _of_wav(file, size))
        case Container.FLAC:
            return PlayingTime(Container.FLAC, _of_flac(file, start))
        case Container.MP3:
            return PlayingTime(Container.MP3, _of_mp3(file, start, beyond_s))
        case Container.AIFF if start == 0:
            return PlayingTime(Container.AIFF, _of_aiff(file, size))
        case Container.OGG if start == 0:
            return PlayingTime(Container.OGG, _of_ogg(file, size))
        case Container.M4A if start == 0:
            return PlayingTime(Container.M4A, _of_mpeg4(file, size))
    raise UnsupportedFormat("The file is not audio in a format that is read here.")


def _of_wav(file: BinaryIO, size: int) -> float | None:
    try:
        promise = wav_promise(file, size)
    except UnusableAudio:  # whoever decodes it will say so in full
        return None
    return promise.frames / promise.rate_hz if promise.frames is not None and promise.rate_hz else None


def _of_aiff(file: BinaryIO, size: int) -> float | None:
    try:
        promise = aiff_promise(file, size)
    except UnusableAudio:
        return None
    return promise.frames / promise.rate_hz if promise.frames is not None and promise.rate_hz else None


def _of_flac(file: BinaryIO, start: int) -> float | None:
    """RFC 9639, 8.2: 20 bits of rate, 3 of channels, 5 of bits and 36 of samples, 0 where nobody knows."""
    file.seek(start + 4)
    head = file.read(4 + _STREAMINFO_BYTES)
    if len(head) < 4 + _STREAMINFO_BYTES or head[0] & 0x7F != 0:
        return None
    return _streaminfo_s(head[4:])


def _streaminfo_s(streaminfo: bytes) -> float | None:
    packed = int.from_bytes(streaminfo[10:18], "big")
    rate_hz, frames = packed >> 44, packed & (1 << 36) - 1
    return frames / rate_hz if rate_hz and frames else None


def _of_ogg(file: BinaryIO, size: int) -> float | None:
    """Read how many samples there are at the end of the last page of the stream that stands first (RFC 3533, 6)."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if len(head) < 28:
        return None
    serial, packet = head[14:18], head[27 + head[26] :]
    spare = 0
    if packet.startswith(b"\x01vorbis"):
        rate_hz = int.from_bytes(packet[12:16], "little")
    elif packet.startswith(b"OpusHead"):
        rate_hz, spare = _OPUS_HZ, int.from_bytes(packet[10:12], "little")
    elif packet.startswith(b"\x7fFLAC"):
        return _streaminfo_s(packet[17 : 17 + _STREAMINFO_BYTES])
    else:
        return None
    file.seek(max(0, size - 2 * _LONGEST_PAGE_BYTES))
    tail = file.read(2 * _LONGEST_PAGE_BYTES)
    at = tail.rfind(b"OggS")
    while at >= 0 and rate_hz:
        samples = int.from_bytes(tail[at + 6 : at + 14], "little")
        if tail[at + 14 : at + 18] == serial and samples != _NO_PACKET_ENDS:
            return max(0, samples - spare) / rate_hz
        at = tail.rfind(b"OggS", 0, at)
    return None


def _of_mpeg4(file: BinaryIO, size: int) -> float | None:
    """Read the movie's length; None for a file in fragments, which has none there."""
    moov = _box(file, 0, size, b"moov")
    header = None if moov is None else _box(file, *moov, b"mvhd")
    if header is None:
        return None
    file.seek(header[0])
    content = file.read(32)
    at, width = (20, 8) if content[:1] == b"\1" else (12, 4)
    scale, length = (int.from_bytes(content[begin : begin + wide], "big") for begin, wide in ((at, 4), (at + 4, width)))
    return length / scale if scale and 0 < length < (1 << 8 * width) - 1 else None


def _box(file: BinaryIO, start: int, end: int, wanted: bytes) -> tuple[int, int] | None:
    """Return where the content of the first box of a name begins and ends (ISO/IEC 14496-12, 4.2)."""
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        length, begin = int.from_bytes(head[:4], "big"), start + 8
        if length == 1:
            length, begin = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if length == 0 else start + length
        if len(head) < 8 or stop < begin:
            return None
        if head[4:8] == wanted:
            return begin, min(stop, end)
        start = stop
        if start >= end:
            return None
    return None


def _of_mp3(file: BinaryIO, start: int, beyond_s: float) -> float:
    """Count frames. What is no frame is looked over for the next one, and ends the count where there is none soon."""
    window = _Window(file, start)
    seconds, spare = 0.0, 0.0
    is_first = True
    while seconds - spare <= beyond_s:
        frame = mp3_frame(window.at(4))
        if frame is None:
            if not window.seek_frame():
                break
            continue
        if is_first:
            is_first = False
            gap = _gap(window.at(min(frame.length, _LONGEST_LOOK_BYTES)))
            if gap is not None:  # this frame holds no sound
                spare = gap / frame.rate_hz
                seconds -= frame.samples / frame.rate_hz
        if len(window.at(frame.length)) < frame.length:
            break
        seconds += frame.samples / frame.rate_hz
        window.skip(frame.length)
    return max(0.0, seconds - spare)


def _gap(first: bytes) -> int | None:
    """Return the samples that encoder and padding add, if a first frame tells of the rest; None if it is sound."""
    at = max(first.find(b"Xing", 4, 64), first.find(b"Info", 4, 64))
    if at < 0:
        return 0 if first[36:40] == b"VBRI" else None
    flags = int.from_bytes(first[at + 4 : at + 8], "big")
    lame = at + 8 + sum(size for bit, size in enumerate(_XING_FIELDS) if flags >> bit & 1)
    packed = first[lame + _DELAY_AT : lame + _LAME_BYTES]
    if len(packed) < _LAME_BYTES - _DELAY_AT:
        return 0
    value = int.from_bytes(packed, "big")
    return (value >> 12) + (value & 0xFFF)


class _Window:
    """The bytes from a place on, read a piece at a time."""

    _PIECE_BYTES = 256 * 1024

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._file.seek(start)
        self._bytes = b""
        self._place = 0

    def at(self, count: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        if len(self._bytes) - self._place < count:
            self._bytes = self._bytes[self._place :] + self._file.read(max(count, self._PIECE_BYTES))
            self._place = 0
        return self._bytes[self._place : self._place + count]

    def skip(self, count: int) -> None:
        """Go on; what is skipped has been looked at."""
        self._place += count

    def seek_frame(self) -> bool:
        """Go on to the next frame that another one follows, if there is one near."""
        near = self.at(_LONGEST_LOOK_BYTES)
        found = near.find(b"\xff", 1)
        while found >= 0:
            frame = mp3_frame(near[found : found + 4])
            if frame is not None and mp3_frame(near[found + frame.length : found + frame.length + 4]) is not None:
                self.skip(found)
                return True
            found = near.find(b"\xff", found + 1)
        return False
