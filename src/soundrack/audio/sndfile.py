"""WAV, FLAC, AIFF, MP3 and Ogg, decoded by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from soundrack.audio.containers import AudioInfo, Container
from soundrack.errors import UnsupportedFormat, UnusableAudio

_UNKNOWN_FRAMES = 1 << 62
"""libsndfile says the largest 64-bit number when a header leaves the length open; any half as large is no length."""

_VORBIS_ORDERS = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}
"""Where in Vorbis and Opus the channels lie that are front left, right, centre, LFE, back and side elsewhere
("Vorbis I specification", 4.3.9; RFC 7845, 5.1.1.2). libsndfile leaves them as they come."""


class SndfileDecoder:
    """The sound of a file that libsndfile reads. `info` is what its header says."""

    def __init__(self, sndfile: soundfile.SoundFile, container: Container, channel_mask: int = 0) -> None:
        rate_hz = sndfile.samplerate
        frames = sndfile.frames if sndfile.frames < _UNKNOWN_FRAMES else None
        duration_s = None if frames is None else frames / rate_hz
        self.info = AudioInfo(container, sndfile.subtype, rate_hz, sndfile.channels, frames, duration_s, channel_mask)
        self._sndfile = sndfile
        self._order = _VORBIS_ORDERS.get(sndfile.channels) if sndfile.subtype in ("VORBIS", "OPUS") else None

    @classmethod
    @contextmanager
    def opened(
        cls, file: BinaryIO, container: Container, *, unfilled_at: int | None = None, channel_mask: int = 0
    ) -> Iterator[SndfileDecoder]:
        """Open `file`, which :func:`~soundrack.audio.containers.sniff` took for `container`.

        `unfilled_at` is the place of a size that says zero and means that the sound goes on to the end of the file.
        `channel_mask` is what the file says of its channels.

        Raises
        ------
        UnsupportedFormat
            If libsndfile cannot read it.
        """
        try:
            if unfilled_at is None:
                # By its descriptor, which stands where the buffer stopped reading: by its name, a file called `x.raw`
                # would be taken for headerless samples.
                os.lseek(file.fileno(), 0, os.SEEK_SET)
                sndfile = soundfile.SoundFile(file.fileno(), closefd=False)
            else:
                sndfile = soundfile.SoundFile(_Unfilled(file, unfilled_at))
        except (soundfile.SoundFileError, ValueError, TypeError) as error:
            raise UnsupportedFormat("This file has the head of an audio file, but cannot be read as one.") from error
        with sndfile:
            yield cls(sndfile, container, channel_mask)

    def fill(self, out: NDArray[np.float32]) -> int:
        """Decode into `out`, shape (frames, channels), and return the frames written: fewer only at the end.

        Raises
        ------
        UnusableAudio
            If the file is damaged.
        """
        try:
            frames = len(self._sndfile.read(out=out))
        except (soundfile.SoundFileError, ValueError) as error:
            raise UnusableAudio("This file is damaged: its sound cannot be decoded to the end.") from error
        if self._order is not None:
            out[:frames] = out[:frames, self._order]
        return frames


class _Unfilled:
    """A file in which four bytes read as ones: libsndfile takes a size of zero at its word, and this one for open."""

    def __init__(self, file: BinaryIO, place: int) -> None:
        self._file, self._place = file, place
        file.seek(0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int) -> bytes:
        start = self._file.tell()
        data = bytearray(self._file.read(size))
        for place in range(max(self._place, start), min(self._place + 4, start + len(data))):
            data[place - start] = 0xFF
        return bytes(data)
