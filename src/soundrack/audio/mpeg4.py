"""AAC and ALAC in MPEG-4 files (M4A, MP4), decoded by FFmpeg through PyAV, which is an extra.

Only the `mov` demuxer is allowed to look at the bytes, nothing is opened beside the file itself, and the decoder keeps
to the calling thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from soundrack.audio.containers import AudioInfo, Container
from soundrack.errors import UnsupportedFormat, UnusableAudio

_AV_ERRORS = (av.FFmpegError, ValueError, RuntimeError, IndexError, EOFError)
_READABLE = ("aac", "alac")
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
"""Tags in an unknown encoding are no reason to refuse the sound; PyAV 19 thinks so by itself."""


class Mpeg4Decoder:
    """The first audio stream of an MPEG-4 file.

    Its header counts encoder delay and padding, so `info` has a duration, good to a few AAC frames, and no `frames`.
    """

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        codec, length, tick_s = stream.codec_context, stream.duration, stream.time_base
        duration_s = None if length is None or tick_s is None else float(length * tick_s)
        encoding = codec.name.upper()
        self.info = AudioInfo(Container.M4A, encoding, codec.sample_rate, codec.channels, None, duration_s)
        self._frames = self._decode(container, stream)
        self._waiting = AudioFifo()

    @classmethod
    @contextmanager
    def opened(cls, file: BinaryIO) -> Iterator[Mpeg4Decoder]:
        """Open the MPEG-4 file `file`.

        Raises
        ------
        UnsupportedFormat
            No readable MPEG-4 file, or none with an AAC or ALAC track.
        """
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
            yield cls(container, stream)

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
        out[: len(samples)] = samples
        return len(samples)

    def _decode(self, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
        layout = stream.codec_context.layout.name
        to_float = AudioResampler(format="flt", layout=layout, rate=self.info.rate_hz)
        for decoded in container.decode(stream):
            for frame in to_float.resample(decoded):
                frame.pts = None  # the queue wants time stamps without gaps, or none
                yield frame
