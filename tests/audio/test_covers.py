"""Covers: what they may be, and what a FLAC file says of their size."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from soundrack.audio.tags import Cover
from soundrack.audio.tags.image import picture_size
from soundrack.audio.tags.metadata import MOST_COVER_BYTES
from soundrack.audio.tags.vorbis_comment import picture
from tests.audio.tagged import JPEG, PNG


@pytest.mark.parametrize(
    ("mode", "kind", "bits", "colours"),
    [
        ("RGB", "PNG", 24, 0),
        ("RGBA", "PNG", 32, 0),
        ("L", "PNG", 8, 0),
        ("1", "PNG", 1, 0),
        ("P", "PNG", 24, 256),
        ("RGB", "JPEG", 24, 0),
        ("L", "JPEG", 8, 0),
        ("CMYK", "JPEG", 32, 0),
    ],
)
def test_a_flac_tells_the_size_of_its_cover(mode: str, kind: str, bits: int, colours: int, tmp_path: Path) -> None:
    file = tmp_path / "cover"
    image = Image.effect_noise((37, 23), 90.0).convert(mode)
    image.save(file, kind, **({"progressive": True} if mode == "CMYK" else {}))
    size = picture_size(file.read_bytes())
    assert (size.width, size.height, size.bits) == (37, 23, bits)
    assert (size.colours > 0) == (colours > 0)
    block = picture(Cover(file.read_bytes()))
    head = 4 + 4 + len(f"image/{kind.lower()}") + 4
    assert struct.unpack(">4I", block[head : head + 16]) == (37, 23, bits, size.colours)


@given(data=st.binary(max_size=200))
@settings(max_examples=300)
def test_no_bytes_break_the_reading_of_a_pictures_size(data: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", PNG[:8], PNG[:16], JPEG[:20]):
        picture_size(start + data)


def test_a_cover_is_a_jpeg_or_png_of_bounded_size() -> None:
    for data in (b"", b"GIF89a", b"<svg/>", PNG + bytes(MOST_COVER_BYTES)):
        with pytest.raises(ValueError, match="a cover"):
            Cover(data)
    assert (Cover(PNG).mime, Cover(JPEG).mime) == ("image/png", "image/jpeg")
