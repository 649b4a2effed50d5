"""Audio files out, written block by block: WAV and FLAC at 16 or 24 bits, WAV in floating point, MP3 at 320 kbit/s.
AAC at 256 kbit/s in M4A needs PyAV, which is an extra.

Tags go before the sound of FLAC and MP3 and behind that of WAV and M4A. They change no sample of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import lameenc
import numpy as np
import soundfile
from numpy.typing import NDArray

from soundrack.audio.containers import Pcm
from soundrack.audio.dither import quantised
from soundrack.audio.mp3_info import info_frame
from soundrack.audio.pcm import pack
from soundrack.audio.tags.flac import insert_flac_tags
from soundrack.audio.tags.id3 import id3v2
from soundrack.audio.tags.iff import wav_chunks
from soundrack.audio.tags.metadata import Tags
from soundrack.audio.wav import WavWriter
from soundrack.errors import Invalid, ResourcesExhausted, UnsupportedFormat

try:
    from soundrack.audio import mpeg4
except ModuleNotFoundError as missing:
    if missing.name != "av":
        raise
    mpeg4 = None  # type: ignore[assignment]  # the extra `m4a` is not installed; writing such a file says so

BLOCK_FRAMES = 1 << 16

NO_TAGS = Tags()

MP3_RATES_HZ = (32_000, 44_100, 48_000)
"""What MPEG-1 layer III can carry (ISO/IEC 11172-3)."""

_LAME_BITS = 16
_LAME_QUALITY = 5
"""At 320 kbit/s q5 lies as far below what music masks as q2, for less than half the time. q7 takes half of that again,
but lies above the mask three times as often (0.29 % of short frames against 0.09 %) and 4 dB higher around clicks:
``python -m benchmarks`` measures it, docs/decisions/0006-mp3-quality.md tells what else was tried."""


class Format(StrEnum):
    """What can be written."""

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    M4A = "m4a"


class Depth(StrEnum):
    """How finely samples are written."""

    S16 = "16"
    S24 = "24"
    F32 = "32f"


def write(
    path: Path,
    samples: NDArray[np.float32],
    rate_hz: int,
    format: Format,
    *,
    depth: Depth = Depth.S24,
    seed: int = 0,
    tags: Tags = NO_TAGS,
    channel_mask: int = 0,
) -> None:
    """Write a sound to a file; see :func:`write_blocks`.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0.
    """
    starts = range(0, len(samples), BLOCK_FRAMES)
    blocks = (samples[start : start + BLOCK_FRAMES] for start in starts)
    write_blocks(
        path, blocks, rate_hz, samples.shape[1], format, depth=depth, seed=seed, tags=tags, channel_mask=channel_mask
    )


def write_blocks(
    path: Path,
    blocks: Iterable[NDArray[np.float32]],
    rate_hz: int,
    channels: int,
    format: Format,
    *,
    depth: Depth = Depth.S24,
    seed: int = 0,
    tags: Tags = NO_TAGS,
    channel_mask: int = 0,
) -> None:
    """Write a sound that comes in blocks to a file. If anything fails, no file is left.

    Parameters
    ----------
    path : Path
        Where to write; a file there is replaced.
    blocks : iterable of float32 arrays, shape (frames, channels), C-contiguous
        Full scale = 1.0.
    rate_hz : int
        Sample rate. MP3 takes 32000, 44100 and 48000 Hz, M4A those of AAC from 16000 to 96000 Hz.
    channels : int
        1 to 8; 1 or 2 for MP3 and M4A.
    format : Format
        MP3 has a constant 320 kbit/s, M4A holds AAC-LC of 256 kbit/s. Both say how much of what a decoder makes of
        them is delay and padding, so that players give back exactly the frames that went in.
    depth : Depth
        Of WAV and FLAC. Integers have TPDF dither; 32-bit floating point, which only WAV can hold, is written as it is.
    seed : int
        Of the dither. The same sound, seed and tags give the same bytes.
    tags : Tags
        What the file says of the song.
    channel_mask : int
        Which loudspeakers the channels of a WAV file are for, where they are more than two and not those that are usual
        for so many (:mod:`soundrack.audio.channels`).

    Raises
    ------
    UnsupportedFormat
        If M4A is asked for and PyAV is not installed.
    Invalid
        If the format cannot carry the rate, the channels or the depth, or a WAV file would exceed 4 GB.
    ResourcesExhausted
        If the file cannot be written to the end.
    """
    try:
        if format is Format.MP3:
            _write_mp3(path, blocks, rate_hz, channels, seed, tags)
        elif format is Format.M4A:
            _write_m4a(path, blocks, rate_hz, channels, tags)
        elif format is Format.WAV:
            _write_wav(path, blocks, rate_hz, channels, depth, seed, tags, channel_mask)
        else:
            _write_flac(path, blocks, rate_hz, channels, depth, seed, tags)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, (soundfile.SoundFileError, OSError)):
            raise ResourcesExhausted("The file could not be written to the end.") from error
        raise


def _write_wav(
    path: Path,
    blocks: Iterable[NDArray[np.float32]],
    rate_hz: int,
    channels: int,
    depth: Depth,
    seed: int,
    tags: Tags,
    channel_mask: int,
) -> None:
    coding = {Depth.S16: Pcm.S16, Depth.S24: Pcm.S24, Depth.F32: Pcm.F32}[depth]
    with WavWriter(path, rate_hz, channels, coding, wav_chunks(tags), channel_mask) as file:
        if depth is Depth.F32:
            for block in blocks:
                file.write(block.astype("<f4", copy=False).reshape(-1).view(np.uint8))
        else:
            for integers in _quantised_blocks(blocks, int(depth), seed):
                file.write(pack(integers, int(depth)))


def _write_flac(
    path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, depth: Depth, seed: int, tags: Tags
) -> None:
    if depth is Depth.F32:
        raise Invalid("FLAC cannot carry floating point.", field="depth")
    bits = int(depth)
    with soundfile.SoundFile(path, "w", rate_hz, channels, f"PCM_{bits}", format="FLAC") as file:
        for integers in _quantised_blocks(blocks, bits, seed):
            file.write(integers << (32 - bits))  # libsndfile takes the upper bits
    if tags:
        insert_flac_tags(path, tags)


def _write_mp3(
    path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, seed: int, tags: Tags
) -> None:
    if rate_hz not in MP3_RATES_HZ or channels not in (1, 2):
        raise Invalid(f"MP3 cannot carry {channels} channels at {rate_hz} Hz.", field="rate_hz")
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(320)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(_LAME_QUALITY)
    frames = 0
    with path.open("wb") as file:
        file.write(id3v2(tags))
        info_at = file.tell()
        file.write(info_frame(rate_hz, channels, 0, 0))
        sound_at = file.tell()
        # LAME takes integers here; 16 dithered bits lie far below what MP3 itself adds.
        for integers in _quantised_blocks(blocks, _LAME_BITS, seed):
            frames += len(integers)
            file.write(encoder.encode(integers.astype("<i2").tobytes()))
        file.write(encoder.flush())
        audio_bytes = file.tell() - sound_at
        file.seek(info_at)
        file.write(info_frame(rate_hz, channels, frames, audio_bytes))


def _write_m4a(path: Path, blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int, tags: Tags) -> None:
    if mpeg4 is None:
        raise UnsupportedFormat("Writing M4A needs PyAV, which is not installed here: soundrack[m4a] brings it.")
    if rate_hz not in mpeg4.M4A_RATES_HZ or channels not in (1, 2):
        raise Invalid(f"M4A cannot carry {channels} channels at {rate_hz} Hz.", field="rate_hz")
    mpeg4.write_mpeg4(path, blocks, rate_hz, channels, tags)


def _quantised_blocks(blocks: Iterable[NDArray[np.float32]], bits: int, seed: int) -> Iterator[NDArray[np.int32]]:
    first_frame = 0
    for block in blocks:
        yield quantised(block, bits, first_frame, seed)
        first_frame += len(block)
