"""Audio files in: what they hold, judged from their headers, and their sound as one array.

Plain WAV is decoded here (:mod:`soundrack.audio.wav`), any other WAV, FLAC, AIFF, MP3 and Ogg by libsndfile
(:mod:`soundrack.audio.sndfile`), M4A by FFmpeg (:mod:`soundrack.audio.mpeg4`).
Limits are held against the header before anything is decoded, and against the sound while it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.containers import (
    HEAD_BYTES,
    AudioInfo,
    Container,
    Promise,
    aiff_promise,
    id3_bytes,
    sniff,
    wav_promise,
)
from soundrack.audio.pcm import highest_bits
from soundrack.audio.sndfile import SndfileDecoder
from soundrack.audio.tags.flac import flac_channel_mask
from soundrack.audio.tags.metadata import TagFile
from soundrack.audio.wav import WavDecoder
from soundrack.errors import TooLarge, TooLong, UnsupportedFormat, UnusableAudio

try:
    from soundrack.audio import mpeg4
except ModuleNotFoundError as missing:
    if missing.name != "av":
        raise
    mpeg4 = None  # type: ignore[assignment]  # the extra `m4a` is not installed; opening such a file says so

__all__ = ["DEFAULT_LIMITS", "AudioInfo", "Container", "Limits", "Sound", "probe", "read", "room_for", "sniff"]

BLOCK_FRAMES = 1 << 16
"""Frames decoded at a time: small beside a song, large beside the cost of a call."""

_LARGEST_SAMPLE = 1e6
"""120 dB above full scale: more is not sound, and its squares would leave the range of single precision."""
_LARGEST_BITS = int(np.float32(_LARGEST_SAMPLE).view(np.int32))


@dataclass(frozen=True)
class Limits:
    """What a file may be at most. `max_samples` (frames times channels) bounds memory at four bytes each.

    The default admits half an hour of stereo at 48 kHz: 691 MB.
    """

    max_duration_s: float = 1800.0
    max_channels: int = 8
    min_rate_hz: int = 8000
    max_rate_hz: int = 192_000
    max_samples: int = 1800 * 48_000 * 2


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Sound:
    """Decoded audio.

    `samples` is float32, shape (frames, channels), C-contiguous, full scale 1.0, every value finite; more than two
    channels in the order of `info.channel_mask`, or that usual for so many. `info` is that of the file, with the length
    that was really there.
    """

    samples: NDArray[np.float32]
    rate_hz: int
    info: AudioInfo


class _Decoder(Protocol):
    info: AudioInfo

    def fill(self, out: NDArray[np.float32]) -> int:
        """Decode into `out`, shape (frames, channels), and return the frames written: fewer only at the end."""


def probe(path: Path, limits: Limits = DEFAULT_LIMITS) -> AudioInfo:
    """Return what the header of an audio file says, decoding nothing.

    Parameters
    ----------
    path : Path
        A file that exists. Its name plays no part.
    limits : Limits
        What the file may be at most.

    Raises
    ------
    UnsupportedFormat
        Not audio, not a container or encoding that is read here, or a channel count or sample rate outside `limits`.
    UnusableAudio
        No sound at all, or less of it than the header promises (WAV, AIFF).
    TooLong
        If it plays for longer than `limits` allow.
    TooLarge
        If it has more samples than that.
    """
    with _decoder(path, limits) as decoder:
        return decoder.info


def room_for(frames: int, channels: int) -> NDArray[np.float32]:
    """Return an array that :func:`read` can decode a file of this length into, again and again."""
    return np.empty((frames + BLOCK_FRAMES, channels), dtype=np.float32)


def read(path: Path, limits: Limits = DEFAULT_LIMITS, *, room: NDArray[np.float32] | None = None) -> Sound:
    """Decode an audio file into one float32 array.

    Parameters
    ----------
    path : Path
        A file that exists. Its name plays no part.
    limits : Limits
        What the file may be at most; also bounds the memory used, which is that of the array and one block.
    room : float32 array, optional
        Of :func:`room_for`. The sound is decoded into it where that suffices, and is part of it then: memory that has
        been used before costs much less than memory that is new.

    Raises
    ------
    UnsupportedFormat, TooLarge, TooLong
        As :func:`probe`; what a header promises is held against the sound as well.
    UnusableAudio
        As :func:`probe`, and: undecodable or truncated data, or a value that is not finite or more than 120 dB above
        full scale, with its position in seconds and its channel (counted from 1).
    """
    with _decoder(path, limits) as decoder:
        info = decoder.info
        samples = _gather(decoder, limits, room)
    frames = len(samples)
    if frames == 0:
        raise UnusableAudio("This file holds no sound: its length is zero.")
    if info.duration_s is not None and _falls_short(frames, info):
        raise UnusableAudio(
            f"This file is truncated: it promises {info.duration_s:.2f} s and holds {frames / info.rate_hz:.2f} s."
        )
    return Sound(samples, info.rate_hz, replace(info, frames=frames, duration_s=frames / info.rate_hz))


def _falls_short(frames: int, info: AudioInfo) -> bool:
    """Tell whether fewer frames were decoded than promised, where a promise binds to the frame or nearly so."""
    if info.container in (Container.WAV, Container.AIFF, Container.FLAC):
        return info.frames is not None and frames < info.frames
    if info.container is Container.M4A and info.duration_s is not None:
        return frames / info.rate_hz < info.duration_s - 0.25  # priming and padding are a few AAC frames at most
    return False


def _gather(decoder: _Decoder, limits: Limits, room: NDArray[np.float32] | None) -> NDArray[np.float32]:
    info = decoder.info
    longest = int(limits.max_duration_s * info.rate_hz)
    most = min(limits.max_samples // info.channels, longest)
    expected = info.frames or round((info.duration_s or 10.0) * info.rate_hz)
    # One block beyond what is expected, so that a file of the length it promises never makes the array grow.
    frames = min(expected, most) + BLOCK_FRAMES
    fits = room is not None and len(room) >= frames and room.shape[1] == info.channels
    samples = room if room is not None and fits else np.empty((frames, info.channels), dtype=np.float32)
    filled = 0
    while True:
        if filled + BLOCK_FRAMES > len(samples):
            samples = samples.copy() if samples is room else samples
            samples.resize((len(samples) * 3 // 2 + BLOCK_FRAMES, info.channels), refcheck=False)
        block = samples[filled : filled + BLOCK_FRAMES]
        got = decoder.fill(block)
        _refuse_impossible(block[:got], filled, info.rate_hz)
        filled += got
        if filled > most:
            refusal = TooLong if most == longest else TooLarge
            raise refusal(f"This file is longer than {most / info.rate_hz:.0f} s, the most that is accepted.")
        if got < BLOCK_FRAMES:
            return samples[:filled]


def _refuse_impossible(block: NDArray[np.float32], start: int, rate_hz: int) -> None:
    if highest_bits(block.view(np.int32)) <= _LARGEST_BITS:
        return
    possible = np.abs(block) <= _LARGEST_SAMPLE
    frame, channel = divmod(int(np.argmin(possible)), block.shape[1])
    value = float(block[frame, channel])
    what = "a value 120 dB above full scale" if np.isfinite(value) else f"a value that is not a number ({value})"
    raise UnusableAudio(f"This file holds {what} at {(start + frame) / rate_hz:.3f} s, channel {channel + 1}.")


@contextmanager
def _decoder(path: Path, limits: Limits) -> Iterator[_Decoder]:
    """Open a file with the decoder for its container, held against `limits`."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise UnusableAudio("This file is empty.")
        container = _container(file)
        promise = _promise(file, container, size)
        if promise is not None:
            _refuse_excess(promise.channels, promise.rate_hz, promise.frames, limits)
            if promise.missing_bytes:
                raise UnusableAudio(f"This file is truncated: {promise.missing_bytes} bytes of its sound are missing.")
        with _opened(file, size, container, promise) as decoder:
            if promise is not None and promise.frames is not None:
                duration_s = promise.frames / decoder.info.rate_hz
                decoder.info = replace(decoder.info, frames=promise.frames, duration_s=duration_s)
            info = decoder.info
            frames = round(info.duration_s * info.rate_hz) if info.duration_s is not None else None
            _refuse_excess(info.channels, info.rate_hz, frames, limits)
            yield decoder


def _opened(
    file: BufferedReader, size: int, container: Container, promise: Promise | None
) -> AbstractContextManager[_Decoder]:
    if container is Container.M4A:
        if mpeg4 is None:
            raise UnsupportedFormat("Reading M4A needs PyAV, which is not installed here: soundrack[m4a] brings it.")
        return mpeg4.Mpeg4Decoder.opened(file)
    if promise is not None and promise.pcm is not None:
        return WavDecoder.opened(file, promise, size)
    mask = promise.channel_mask if promise is not None else 0
    if container is Container.FLAC:
        mask = flac_channel_mask(TagFile(file))
    unfilled_at = None if promise is None else promise.unfilled_at
    return SndfileDecoder.opened(file, container, unfilled_at=unfilled_at, channel_mask=mask)


def _container(file: BinaryIO) -> Container:
    head = file.read(HEAD_BYTES)
    tag = id3_bytes(head)
    if tag > len(head) - 4:  # a tag with a picture in it: look behind it
        file.seek(tag)
        head = file.read(HEAD_BYTES)
    container = sniff(head)
    if container is None:
        raise UnsupportedFormat("This is not an audio file that is read here: WAV, FLAC, AIFF, MP3, Ogg or M4A.")
    return container


def _promise(file: BinaryIO, container: Container, size: int) -> Promise | None:
    if container is Container.WAV:
        return wav_promise(file, size)
    if container is Container.AIFF:
        return aiff_promise(file, size)
    return None


def _refuse_excess(channels: int, rate_hz: int, frames: int | None, limits: Limits) -> None:
    if not 1 <= channels <= limits.max_channels:
        raise UnsupportedFormat(f"This file has {channels} channels; 1 to {limits.max_channels} are read.")
    if not limits.min_rate_hz <= rate_hz <= limits.max_rate_hz:
        raise UnsupportedFormat(
            f"This file has a sample rate of {rate_hz} Hz; {limits.min_rate_hz} to {limits.max_rate_hz} Hz are read."
        )
    if frames is None:
        return
    if frames == 0:
        raise UnusableAudio("This file holds no sound: its length is zero.")
    if frames > limits.max_duration_s * rate_hz:
        raise TooLong(
            f"This file is {frames / rate_hz:.0f} s long by its header; at most {limits.max_duration_s:.0f} s are read."
        )
    if frames * channels > limits.max_samples:
        raise TooLarge(f"This file holds {frames * channels} samples; at most {limits.max_samples} are read.")
