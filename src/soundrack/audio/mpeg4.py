"""AAC and ALAC in MPEG-4 files (M4A, MP4), decoded, and AAC encoded, by FFmpeg through PyAV, which is an extra.

Only the `mov` demuxer is allowed to look at the bytes, nothing is opened beside the file itself, and decoder and
encoder keep to the calling thread, as do FFmpeg's filters where no other can be had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from soundrack.audio.channels import mask_of
from soundrack.audio.containers import AudioInfo, Container
from soundrack.audio.edit_list import presentation
from soundrack.audio.tags.metadata import TagFile, Tags
from soundrack.audio.tags.mpeg4 import MOST_BOXES, boxes, mpeg4_user_data
from soundrack.errors import ResourcesExhausted, UnsupportedFormat, UnusableAudio

M4A_RATES_HZ = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)
"""Sample rates of AAC (ISO/IEC 14496-3) at which it is written here."""

_BITS_PER_S = 256_000
_MOST_BITS_PER_FRAME = 6144
"""Of one channel in 1024 samples (ISO/IEC 14496-3): below 48 kHz in mono less than 256 kbit/s."""
_MOST_CHILDREN = 64

_AV_ERRORS = (av.FFmpegError, ValueError, RuntimeError, IndexError, EOFError)
_READABLE = ("aac", "alac")
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
"""Tags in an unknown encoding are no reason to refuse the sound; PyAV 19 thinks so by itself."""


class Mpeg4Decoder:
    """The first audio stream of an MPEG-4 file.

    Where the file says what part of it is presented, encoder delay and padding are left out and `info` has `frames`.
    Else its header counts them in, and `info` has a duration, good to a few AAC frames, and no `frames`.
    """

    def __init__(self, container: InputContainer, stream: AudioStream, frames: int | None) -> None:
        codec, length, tick_s = stream.codec_context, stream.duration, stream.time_base
        duration_s = None if length is None or tick_s is None else float(length * tick_s)
        if frames is not None:
            duration_s = frames / codec.sample_rate
        encoding = codec.name.upper()
        mask = mask_of([channel.name for channel in codec.layout.channels])
        self.info = AudioInfo(Container.M4A, encoding, codec.sample_rate, codec.channels, frames, duration_s, mask)
        self._frames = self._decode(container, stream)
        self._waiting = AudioFifo()
        self._left = frames

    @classmethod
    @contextmanager
    def opened(cls, file: BinaryIO) -> Iterator[Mpeg4Decoder]:
        """Open the MPEG-4 file `file`.

        Raises
        ------
        UnsupportedFormat
            No readable MPEG-4 file, or none with an AAC or ALAC track.
        """
        presented = presentation(file)
        file.seek(0)
        try:
            container = av.open(file, "r", format="mov", **_LENIENT)
        except _AV_ERRORS as error:
            raise UnsupportedFormat("This M4A file cannot be read: it is damaged, truncated or no M4A file.") from error
        with container:
            stream = next(iter(container.streams.audio), None)
            if stream is None or stream.codec_context.name not in _READABLE or not stream.codec_context.sample_rate:
                raise UnsupportedFormat("This M4A file holds no AAC or ALAC track.")
            stream.codec_context.thread_count = 1
            exact = presented is not None and presented.timescale == stream.codec_context.sample_rate
            yield cls(container, stream, presented.length if presented is not None and exact else None)

    def fill(self, out: NDArray[np.float32]) -> int:
        """Decode into `out`, shape (frames, channels), and return the frames written: fewer only at the end.

        Raises
        ------
        UnusableAudio
            If the stream is damaged.
        """
        try:
            while self._waiting.samples < len(out) and (frame := next(self._frames, None)) is not None:
                self._waiting.write(frame)
            block = self._waiting.read(len(out), partial=True)
        except _AV_ERRORS as error:
            raise UnusableAudio("This file is damaged: its sound cannot be decoded to the end.") from error
        if block is None:
            return 0
        samples = block.to_ndarray().reshape(-1, self.info.channels)
        if self._left is not None:
            samples = samples[: self._left]
            self._left -= len(samples)
        out[: len(samples)] = samples
        return len(samples)

    def _decode(self, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
        layout = stream.codec_context.layout.name
        to_float = AudioResampler(format="flt", layout=layout, rate=self.info.rate_hz)
        for decoded in container.decode(stream):
            for frame in to_float.resample(decoded):
                frame.pts = None  # the queue wants time stamps without gaps, or none
                yield frame


def write_mpeg4(path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, tags: Tags) -> None:
    """Write AAC-LC of 256 kbit/s, or of as much as its rate can carry, into an M4A file.

    Parameters
    ----------
    path : Path
        Where to write; a file there is replaced.
    blocks : iterable of float32 arrays, shape (frames, channels), C-contiguous
        Full scale = 1.0. AAC holds more than that; nothing is clipped here.
    rate_hz : int
        One of `M4A_RATES_HZ`.
    channels : int
        1 or 2.
    tags : Tags
        What the file says of the song.

    Raises
    ------
    ResourcesExhausted
        If the file cannot be written to the end.
    """
    layout = "mono" if channels == 1 else "stereo"
    # Ticks as fine as samples, so that the edit list is exact; no date and no version, so that bytes repeat.
    options = {"movie_timescale": str(rate_hz), "fflags": "+bitexact"}
    try:
        with av.open(str(path), "w", format="ipod", options=options) as container:
            stream = container.add_stream("aac", rate=rate_hz, layout=layout)
            stream.bit_rate = min(_BITS_PER_S, _MOST_BITS_PER_FRAME * channels * rate_hz // 1024)
            stream.codec_context.thread_count = 1
            stream.codec_context.flags |= av.codec.context.Flags.bitexact
            written = 0
            for block in blocks:
                frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=layout)
                frame.sample_rate, frame.pts = rate_hz, written
                written += len(block)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise ResourcesExhausted("The file could not be written to the end.") from error
    _replace_user_data(path, mpeg4_user_data(tags))


def _replace_user_data(path: Path, user_data: bytes) -> None:
    """Put a `udta` box at the end of `moov`, which FFmpeg writes last, in place of its own."""
    with path.open("r+b") as file:
        header = TagFile(file)
        start, end = next(place for name, *place in boxes(header, 0, header.size, MOST_BOXES) if name == b"moov")
        children = list(boxes(header, start, end, _MOST_CHILDREN))
        keep_to = children[-1][1] - 8 if children[-1][0] == b"udta" else end
        file.truncate(keep_to)
        file.seek(keep_to)
        file.write(user_data)
        file.seek(start - 8)
        file.write((keep_to + len(user_data) - start + 8).to_bytes(4, "big"))
