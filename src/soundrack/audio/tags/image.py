"""Width, height and depth of a PNG or JPEG, from its head alone.

Sources: "Portable Network Graphics (PNG) Specification (Third Edition)" (W3C), 11.2.1 IHDR and 11.2.2 PLTE;
ITU-T T.81 (JPEG), annex B.
"""

from __future__ import annotations

from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_SAMPLES_PER_PIXEL = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
"""By PNG colour type. A palette (3) holds colours of three samples of 8 bits."""
_PALETTE = 3
_FRAME_HEADERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # less tables, an extension and arithmetic conditioning
_ALONE = {0x01, *range(0xD0, 0xD9)}
_END, _SCAN = 0xD9, 0xDA
_MOST_PARTS = 1024


@dataclass(frozen=True)
class PictureSize:
    """Width and height in pixels, bits of a pixel, colours of a palette; 0 for what is unknown or not there."""

    width: int = 0
    height: int = 0
    bits: int = 0
    colours: int = 0


def picture_size(data: bytes) -> PictureSize:
    """Return what the head of a PNG or JPEG says, and zeros where it says nothing. Any bytes are safe.

    >>> picture_size(b"\\x89PNG")
    PictureSize(width=0, height=0, bits=0, colours=0)
    """
    return _png(data) if data.startswith(_PNG) else _jpeg(data)


def _png(data: bytes) -> PictureSize:
    if data[12:16] != b"IHDR" or len(data) < 26:
        return PictureSize()
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    kind = data[25]
    bits = (8 if kind == _PALETTE else data[24]) * _SAMPLES_PER_PIXEL.get(kind, 0)
    return PictureSize(width, height, bits, _palette(data) if kind == _PALETTE else 0)


def _palette(data: bytes) -> int:
    position = 8
    for _ in range(_MOST_PARTS):
        length, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        if name == b"PLTE":
            return length // 3
        if len(name) < 4 or name == b"IDAT":
            break
        position += 12 + length
    return 0


def _jpeg(data: bytes) -> PictureSize:
    position = 2
    for _ in range(_MOST_PARTS):
        if data[position : position + 1] != b"\xff" or len(data) < position + 4:
            break
        kind = data[position + 1]
        if kind in (0xFF, *_ALONE):  # a fill byte, or a marker without a body
            position += 1 if kind == 0xFF else 2
            continue
        if kind in (_END, _SCAN):
            break
        if kind in _FRAME_HEADERS and len(data) >= position + 10:
            depth, components = data[position + 4], data[position + 9]
            height, width = (int.from_bytes(data[at : at + 2], "big") for at in (position + 5, position + 7))
            return PictureSize(width, height, depth * components)
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return PictureSize()
