"""The Info frame that makes an MP3 gapless.

An encoder begins with a delay and ends with padding. The LAME extension of the Xing header ("Mp3 Info Tag revision 1
specifications") says how long they are; lameenc leaves it out, so it is written here.
"""

from __future__ import annotations

import struct

_ENCODER_DELAY = 576
_FRAMES_PER_FRAME = 1152
_KBPS = 320
_RATE_INDEX = {44_100: 0, 48_000: 1, 32_000: 2}


def info_frame(rate_hz: int, channels: int, frames: int, audio_bytes: int) -> bytes:
    """Return the first frame of a constant 320 kbit/s MPEG-1 layer III stream.

    Parameters
    ----------
    rate_hz : int
        32000, 44100 or 48000.
    channels : int
        1 or 2.
    frames : int
        Sample frames that went into the encoder.
    audio_bytes : int
        Bytes of the stream without this frame.
    """
    header = bytes((0xFF, 0xFB, 0xE0 | _RATE_INDEX[rate_hz] << 2, 0xC0 if channels == 1 else 0x00))
    side_information = bytes(17 if channels == 1 else 32)
    length = 144 * _KBPS * 1000 // rate_hz
    mpeg_frames = _mpeg_frames(rate_hz, audio_bytes)
    padding = max(mpeg_frames * _FRAMES_PER_FRAME - _ENCODER_DELAY - frames, 0)
    seek_table = bytes(256 * percent // 100 for percent in range(100))
    xing = b"Info" + struct.pack(">III", 0x0F, mpeg_frames, audio_bytes + length) + seek_table + struct.pack(">I", 50)
    delay_and_padding = (_ENCODER_DELAY << 12 | min(padding, 0xFFF)).to_bytes(3, "big")
    constant_rate = b"\x01"
    lame = b"LAME3.100" + constant_rate + bytes(10) + bytes((255,)) + delay_and_padding + bytes(4)
    lame += struct.pack(">I", audio_bytes + length)
    return (header + side_information + xing + lame).ljust(length, b"\0")


def _mpeg_frames(rate_hz: int, audio_bytes: int) -> int:
    """Count the frames in the stream: at a constant rate their mean length is known, padding slots included."""
    return round(audio_bytes * rate_hz / (144 * _KBPS * 1000))
