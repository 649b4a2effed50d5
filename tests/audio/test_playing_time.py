"""How long files play by their own word."""

from __future__ import annotations

import io
from pathlib import Path

import lameenc
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from soundrack.audio import playing_time
from soundrack.audio.containers import Container
from soundrack.audio.encoding import Format, write
from soundrack.errors import UnsupportedFormat
from tests.live import noise, wav

LONG = 1e9


def seconds(content: bytes, beyond_s: float = LONG) -> float | None:
    return playing_time.told(io.BytesIO(content), len(content), beyond_s=beyond_s).seconds


def mp3(duration_s: float, rate_hz: int = 44_100, kbps: int | None = 128) -> bytes:
    """An MP3 as LAME makes it, without the frame that tells of it."""
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_channels(2)
    encoder.set_quality(7)
    if kbps is None:
        encoder.set_vbr(4)
    else:
        encoder.set_bit_rate(kbps)
    sound = (noise(duration_s, rate_hz) * 20_000).astype(np.int16)
    return bytes(encoder.encode(sound.tobytes()) + encoder.flush())


@pytest.mark.parametrize(
    ("form", "subtype"), [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAVEX", "PCM_24"), ("RF64", "PCM_16")]
)
def test_a_wav_says_it_to_the_sample(form: str, subtype: str):
    assert seconds(wav(noise(1.5), 44_100, subtype, form)) == 1.5


def test_a_flac_says_it_to_the_sample_behind_a_foreign_tag_too():
    content = wav(noise(2.25, 48_000), 48_000, "PCM_24", "FLAC")
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0x7F, 0x7F]) + bytes(0x7F * 128 + 0x7F)

    assert seconds(content) == 2.25
    assert playing_time.told(io.BytesIO(tag + content), 0, beyond_s=1) == playing_time.PlayingTime(Container.FLAC, 2.25)


@pytest.mark.parametrize("kbps", [128, 320, None])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 22_050])
def test_an_mp3_is_counted_frame_by_frame_whatever_its_rate(rate_hz: int, kbps: int | None):
    if rate_hz == 22_050 and kbps == 320:
        kbps = 160
    found = seconds(mp3(3.0, rate_hz, kbps))

    assert found is not None
    assert 3.0 <= found <= 3.0 + 4 * 1152 / rate_hz  # the encoder's delay and padding


def test_an_mp3_that_tells_its_delay_and_padding_is_counted_without_them(tmp_path: Path):
    path = tmp_path / "a.mp3"
    write(path, noise(3.0).astype(np.float32), 44_100, Format.MP3)

    found = seconds(path.read_bytes())

    assert found == pytest.approx(3.0, abs=0.002)


def test_a_tag_with_a_picture_and_rubbish_between_frames_are_looked_over():
    content = mp3(2.0)
    tag = b"ID3\x04\x00\x00" + bytes([0, 1, 0, 0]) + bytes(16_384)
    half = 417 * 30

    assert seconds(tag + content) == seconds(content)
    assert seconds(content[:half] + b"\xff\xfa rubbish" * 20 + content[half:]) == pytest.approx(2.05, abs=0.15)


def test_counting_ends_as_soon_as_it_is_too_long():
    content = mp3(1.0)
    reader = io.BytesIO(content * 200)

    found = playing_time.told(reader, len(content) * 200, beyond_s=10.0).seconds

    assert found is not None
    assert 10.0 < found < 10.1
    assert reader.tell() < len(content) * 200 / 2


def test_a_length_that_is_left_open_is_unknown():
    content = bytearray(wav(noise(1.0)))
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    flac = bytearray(wav(noise(1.0), form="FLAC"))
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)

    assert seconds(bytes(content)) is None
    assert seconds(bytes(flac)) is None
    assert seconds(wav(noise(1.0))[:36]) is None


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"RIFF" + bytes(100), b"ID3\x04\x00\x00\x00\x00\x00\x05hello" + bytes(99)]
)
def test_what_is_in_no_container_that_is_read_is_refused(content: bytes):
    with pytest.raises(UnsupportedFormat):
        seconds(content)


@given(
    st.sampled_from([b"", b"RIFF\0\0\0\0WAVEfmt ", b"fLaC\0\0\0\x22", b"\xff\xfb\x90\x00", b"ID3\x04\0\0\0\0\0\x01"]),
    st.binary(max_size=600),
)
def test_any_bytes_are_answered_or_refused(head: bytes, rest: bytes):
    try:
        found = seconds(head + rest, beyond_s=600.0)
    except UnsupportedFormat:
        return
    assert found is None or found >= 0.0


def test_soundfile_agrees():
    for form in ("WAV", "FLAC"):
        content = wav(noise(0.777), form=form)
        assert seconds(content) == soundfile.info(io.BytesIO(content)).duration


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_an_aiff_says_it_to_the_sample(rate_hz: int):
    content = wav(noise(1.5, rate_hz), rate_hz, "PCM_24", "AIFF")

    told = playing_time.told(io.BytesIO(content), len(content), beyond_s=LONG)
    assert told == playing_time.PlayingTime(Container.AIFF, 1.5)


@pytest.mark.parametrize(("subtype", "rate_hz"), [("VORBIS", 44_100), ("VORBIS", 32_000), ("OPUS", 48_000)])
@pytest.mark.parametrize("duration_s", [0.3, 2.5, 40.0])
def test_an_ogg_says_it_in_its_last_page(subtype: str, rate_hz: int, duration_s: float):
    content = wav(noise(duration_s, rate_hz, 1), rate_hz, subtype, "OGG")

    told = playing_time.told(io.BytesIO(content), len(content), beyond_s=LONG)
    assert told.container is Container.OGG
    assert told.seconds == pytest.approx(duration_s, abs=1e-3)


def test_an_m4a_says_it_in_its_header_wherever_that_stands(tmp_path: Path):
    mpeg4 = pytest.importorskip("soundrack.audio.mpeg4", reason="PyAV is not installed", exc_type=ImportError)
    from soundrack.audio.tags.metadata import Tags  # noqa: PLC0415

    path = tmp_path / "song.m4a"
    mpeg4.write_mpeg4(path, [noise(3.0).astype(np.float32)], 44_100, 2, Tags())
    content = path.read_bytes()

    assert playing_time.told(io.BytesIO(content), len(content), beyond_s=LONG).container is Container.M4A
    assert seconds(content) == pytest.approx(3.0, abs=0.05)  # an encoder's delay more at most
    ftyp = int.from_bytes(content[:4], "big")
    padded = content[:ftyp] + (100_008).to_bytes(4, "big") + b"free" + bytes(100_000) + content[ftyp:]
    assert seconds(padded) == seconds(content)


HOSTILE = {
    "a page and nothing": b"OggS" + bytes(10),
    "a page that is all lacing": b"OggS" + bytes(22) + b"\xff" * 256,
    "a Vorbis stream without a rate": b"OggS" + bytes(22) + b"\x01\x1e\x01vorbis" + bytes(2000),
    "another codec": b"OggS" + bytes(22) + b"\x01\x08Speex   " + bytes(2000),
    "a moov without an end": b"\0\0\0\x18ftypM4A \0\0\0\0" + bytes(8) + b"\0\0\0\1moov" + b"\xff" * 8 + bytes(100),
    "boxes of no length": b"\0\0\0\x18ftypM4A \0\0\0\0" + bytes(4000),
    "a header in 64 bits": b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x30moov\0\0\0\x28mvhd\1" + b"\xff" * 31,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_makes_no_sense_tells_nothing(kind: str):
    assert seconds(HOSTILE[kind]) is None


@given(st.binary(max_size=200), st.sampled_from([b"OggS", b"FORM\0\0\0\0AIFF", b"\0\0\0\x18ftypM4A "]))
def test_no_bytes_of_these_containers_do_harm_either(content: bytes, head: bytes):
    try:
        found = seconds(head + content)
    except UnsupportedFormat:
        return
    assert found is None or found >= 0
