"""How long a file plays by its own word, without decoding any of it.

Pure Python, as :mod:`soundrack.audio.containers` and for the same reason. Sources: those named there; the FLAC format,
RFC 9639 (STREAMINFO); ISO/IEC 11172-3 and 13818-3 (layer III frames); "Mp3 Info Tag revision 1 specifications" (Xing,
LAME).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from soundrack.audio.containers import HEAD_BYTES, Container, id3_bytes, mp3_frame, sniff, wav_promise
from soundrack.errors import UnsupportedFormat, UnusableAudio

_STREAMINFO_BYTES = 18
_LONGEST_LOOK_BYTES = 64 * 1024
_LAME_BYTES = 24
_DELAY_AT = 21
_XING_FIELDS = (4, 4, 100, 4)
"""Bytes of its count of frames, count of bytes, table and quality, each there if its flag is set."""


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
        If it is none of WAV, FLAC and MP3.
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
    raise UnsupportedFormat("The file is not audio in one of these formats: MP3, WAV, FLAC.")


def _of_wav(file: BinaryIO, size: int) -> float | None:
    try:
        promise = wav_promise(file, size)
    except UnusableAudio:  # whoever decodes it will say so in full
        return None
    return promise.frames / promise.rate_hz if promise.frames is not None and promise.rate_hz else None


def _of_flac(file: BinaryIO, start: int) -> float | None:
    """RFC 9639, 8.2: 20 bits of rate, 3 of channels, 5 of bits and 36 of samples, 0 where nobody knows."""
    file.seek(start + 4)
    head = file.read(4 + _STREAMINFO_BYTES)
    if len(head) < 4 + _STREAMINFO_BYTES or head[0] & 0x7F != 0:
        return None
    packed = int.from_bytes(head[14:22], "big")
    rate_hz, frames = packed >> 44, packed & (1 << 36) - 1
    return frames / rate_hz if rate_hz and frames else None


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
