"""Plain PCM in WAV files, read and written without a library: the largest part of many a job is moving these bytes.

Sources: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft, 1991); WAVEFORMATEXTENSIBLE
for more than two channels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.channels import USUAL_MASKS
from soundrack.audio.containers import AudioInfo, Container, Pcm, Promise
from soundrack.audio.pcm import unpack
from soundrack.errors import Invalid

_MOST_BYTES = 0xFFFFFFFF - 128
_PCM_TAG, _FLOAT_TAG, _EXTENSIBLE_TAG = 0x0001, 0x0003, 0xFFFE
_SUBFORMAT_REST = bytes.fromhex("0000000010008000 00aa00389b71")


class WavDecoder:
    """The sound of a WAV file of plain PCM. `info` is what its header says, its length what is there."""

    def __init__(self, file: BufferedReader, promise: Promise, size: int) -> None:
        if promise.pcm is None:
            raise ValueError("this WAV file is not plain PCM")
        frame_bytes = promise.channels * promise.pcm.width
        present = (size - promise.sound_at) // frame_bytes
        self._left = present if promise.frames is None else min(promise.frames, present)
        self._file, self._coding, self._frame_bytes = file, promise.pcm, frame_bytes
        duration_s = self._left / promise.rate_hz
        self.info = AudioInfo(
            Container.WAV,
            promise.pcm.value,
            promise.rate_hz,
            promise.channels,
            self._left,
            duration_s,
            promise.channel_mask,
        )
        self._data = np.empty(0, dtype=np.uint8)
        file.seek(promise.sound_at)

    @classmethod
    @contextmanager
    def opened(cls, file: BufferedReader, promise: Promise, size: int) -> Iterator[WavDecoder]:
        """Open a file of `size` bytes whose header promises plain PCM."""
        yield cls(file, promise, size)

    def fill(self, out: NDArray[np.float32]) -> int:
        """Decode into `out`, shape (frames, channels), and return the frames written: fewer only at the end."""
        wanted = min(len(out), self._left) * self._frame_bytes
        if wanted > len(self._data):
            self._data = np.empty(wanted, dtype=np.uint8)
        frames = self._file.readinto(self._data[:wanted].data) // self._frame_bytes
        unpack(self._data[: frames * self._frame_bytes], self._coding, out[:frames])
        self._left -= frames
        return frames


@dataclass
class WavWriter:
    """Writes a WAV file of plain PCM, block by block; its header is completed at the end.

    `trailer` is the bytes of whole chunks that follow the sound, of even length. `channel_mask` says which loudspeakers
    more than two channels are for; 0 for those that are usual for so many.

    Raises
    ------
    Invalid
        If there is more sound than the four bytes of a WAV file's size can tell.
    """

    path: Path
    rate_hz: int
    channels: int
    coding: Pcm
    trailer: bytes = b""
    channel_mask: int = 0

    def __enter__(self) -> WavWriter:
        self._file = self.path.open("wb")
        self._written = 0
        self._file.write(self._header())
        return self

    def write(self, data: NDArray[np.uint8]) -> None:
        """Write the bytes of whole frames."""
        self._written += len(data)
        if self._written + len(self.trailer) > _MOST_BYTES:
            raise Invalid("A WAV file holds at most 4 GB.", field="format")
        self._file.write(data.data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._file.write(bytes(self._written % 2) + self.trailer)
                self._file.seek(0)
                self._file.write(self._header())

    def _header(self) -> bytes:
        tag = _FLOAT_TAG if self.coding in (Pcm.F32, Pcm.F64) else _PCM_TAG
        width, extensible = self.coding.width, self.channels > 2
        frame_bytes = width * self.channels
        fmt = struct.pack(
            "<HHIIHH",
            _EXTENSIBLE_TAG if extensible else tag,
            self.channels,
            self.rate_hz,
            self.rate_hz * frame_bytes,
            frame_bytes,
            8 * width,
        )
        if extensible:
            mask = self.channel_mask or USUAL_MASKS.get(self.channels, 0)
            fmt += struct.pack("<HHIH", 22, 8 * width, mask, tag) + _SUBFORMAT_REST
        elif tag == _FLOAT_TAG:
            fmt += struct.pack("<H", 0)
        body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt
        if tag == _FLOAT_TAG:
            body += b"fact" + struct.pack("<II", 4, self._written // frame_bytes)
        size = len(body) + 8 + self._written + self._written % 2 + len(self.trailer)
        return b"RIFF" + struct.pack("<I", size) + body + b"data" + struct.pack("<I", self._written)
