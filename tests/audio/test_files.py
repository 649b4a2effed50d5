from __future__ import annotations

import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir

from soundrack.audio.containers import HEAD_BYTES
from soundrack.audio.files import Container, Limits, probe, read, sniff
from soundrack.errors import SoundrackError, TooLarge, UnsupportedFormat, UnusableAudio

RATE_HZ = 44_100


def sketch(frames: int = 4410, channels: int = 2) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.3 * np.random.default_rng(0).standard_normal((frames, channels))).clip(-0.99, 0.99).astype(np.float32)


def write_m4a(path: Path, frames: int = 44_100) -> None:
    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="stereo")
        frame = av.AudioFrame.from_ndarray(sketch(frames).T.copy(), format="fltp", layout="stereo")
        frame.sample_rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@cache
def small_file(kind: str, folder: Path) -> bytes:
    path = folder / f"small.{kind}"
    if kind == "m4a":
        write_m4a(path, 8820)
    else:
        soundfile.write(path, sketch(), RATE_HZ, format=kind.upper())
    return path.read_bytes()


def wav(*, channels: int = 2, rate_hz: int = RATE_HZ, data_bytes: int = 17_640, present_bytes: int = 17_640) -> bytes:
    fmt = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", data_bytes) + bytes(present_bytes)
    return b"RIFF" + struct.pack("<I", len(body) & 0xFFFFFFFF) + body


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "upload"


@pytest.mark.parametrize("kind", ["wav", "flac", "aiff", "mp3", "ogg", "m4a"])
def test_each_container_is_known_by_its_first_bytes_and_decoded(
    kind: str, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file.write_bytes(small_file(kind, tmp_path_factory.getbasetemp()))
    assert sniff(file.read_bytes()[:HEAD_BYTES]) == Container(kind)
    info = probe(file)
    assert (info.container, info.rate_hz, info.channels) == (Container(kind), RATE_HZ, 2)
    sound = read(file)
    assert sound.samples.dtype == np.float32
    assert sound.samples.flags.c_contiguous
    assert sound.info.frames == len(sound.samples) >= 4410


@pytest.mark.parametrize(
    ("subtype", "tolerance"), [("PCM_U8", 1 / 64), ("PCM_16", 1e-4), ("PCM_24", 1e-6), ("FLOAT", 0.0)]
)
def test_samples_are_read_as_they_were_written(subtype: str, tolerance: float, file: Path) -> None:
    written = sketch(70_000)
    soundfile.write(file, written, 192_000, format="WAV", subtype=subtype)
    sound = read(file)
    assert sound.rate_hz == 192_000
    assert np.abs(sound.samples - written).max() <= tolerance


def test_opus_is_read() -> None:
    track = min(tracks_dir().rglob("*.opus"))
    assert probe(track).encoding == "OPUS"
    assert read(track).info.duration_s == pytest.approx(probe(track).duration_s)


def test_an_mp3_behind_a_large_tag_is_read(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    tag = b"ID3\x04\x00\x00" + bytes((0, 0, 0x4E, 0x10)) + bytes(10_000)
    file.write_bytes(tag + small_file("mp3", tmp_path_factory.getbasetemp()))
    assert sniff(file.read_bytes()[:HEAD_BYTES]) is Container.MP3
    assert len(read(file).samples) >= 4410


@pytest.mark.parametrize("kind", ["wav", "flac", "aiff", "m4a"])
def test_a_truncated_file_is_refused(kind: str, file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = small_file(kind, tmp_path_factory.getbasetemp())
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises((UnusableAudio, UnsupportedFormat), match=r"truncated|damaged"):
        read(file)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_says_no_length_and_is_read_to_its_end(size: int, file: Path) -> None:
    file.write_bytes(wav(data_bytes=size, present_bytes=4000))
    assert read(file).info.frames == 1000


@pytest.mark.parametrize("content", [b"", b"Hello, world.", b"%PDF-1.7" + bytes(5000), bytes(10_000), b"\xff\xf1" * 99])
def test_what_is_no_audio_is_refused(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises((UnsupportedFormat, UnusableAudio)):
        probe(file)


@pytest.mark.parametrize(
    "content",
    [
        wav(channels=0),
        wav(channels=9),
        wav(channels=65_535),
        wav(rate_hz=0),
        wav(rate_hz=1),
        wav(rate_hz=4_000_000_000),
    ],
)
def test_an_absurd_header_is_refused(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(UnsupportedFormat, match=r"channels|sample rate"):
        probe(file)


def test_a_header_that_promises_ten_hours_is_refused_before_decoding(file: Path) -> None:
    file.write_bytes(wav(data_bytes=36_000 * 88_200, channels=1))
    with pytest.raises(TooLarge, match="36000 s"):
        probe(file)


def test_a_flac_that_promises_ten_hours_is_refused_before_decoding(
    file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(small_file("flac", tmp_path_factory.getbasetemp()))
    frames = 36_000 * RATE_HZ  # 36 bits at the end of eight bytes of the STREAMINFO block
    content[21] = content[21] & 0xF0 | frames >> 32
    content[22:26] = (frames & 0xFFFFFFFF).to_bytes(4, "big")
    file.write_bytes(content)
    with pytest.raises(TooLarge, match="36000 s"):
        probe(file)


def test_limits_hold_for_samples_too(file: Path) -> None:
    file.write_bytes(wav())
    with pytest.raises(TooLarge, match="8820 samples"):
        probe(file, Limits(max_samples=8819))
    assert probe(file, Limits(max_samples=8820)).frames == 4410


def test_a_file_of_zero_length_is_refused(file: Path) -> None:
    file.write_bytes(wav(data_bytes=0, present_bytes=0))
    with pytest.raises(UnusableAudio, match="zero"):
        probe(file)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_a_value_that_is_no_sound_is_refused_with_its_place(value: float, file: Path) -> None:
    samples = sketch(100_000)
    samples[88_200, 1] = value
    soundfile.write(file, samples, RATE_HZ, format="WAV", subtype="FLOAT")
    with pytest.raises(UnusableAudio, match=r"at 2\.000 s, channel 2"):
        read(file)


@given(data=st.data(), kind=st.sampled_from(["wav", "flac", "aiff", "mp3", "ogg", "m4a"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutilated_file_is_read_or_refused_and_nothing_else(
    data: st.DataObject, kind: str, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(small_file(kind, tmp_path_factory.getbasetemp()))
    for _ in range(data.draw(st.integers(1, 8))):
        near_head = data.draw(st.booleans())
        place = data.draw(st.integers(0, min(200, len(content) - 1) if near_head else len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    sniff(bytes(content))
    try:
        sound = read(file, Limits(max_samples=10_000_000))
    except SoundrackError:
        return
    assert np.isfinite(sound.samples).all()
    assert len(sound.samples) > 0


@given(st.binary(max_size=200))
def test_sniffing_any_bytes_is_safe(head: bytes) -> None:
    for magic in (b"", b"ID3", b"RIFF", b"\xff\xfb", b"ID3\x04\x00\x00\x00\x00\x00\x05"):
        assert sniff(magic + head) in (None, *Container)


def test_without_pyav_an_m4a_is_refused_by_naming_the_extra_and_all_else_is_read(tmp_path: Path):
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom" + bytes(100))
    soundfile.write(tmp_path / "a.wav", np.zeros((4_800, 1)), 48_000)
    program = (
        "import sys; sys.modules['av'] = None\n"
        "from pathlib import Path\n"
        "from soundrack.audio.files import read\n"
        "from soundrack.errors import UnsupportedFormat\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "assert len(read(folder / 'a.wav').samples) == 4800\n"
        "try: read(folder / 'a.m4a')\n"
        "except UnsupportedFormat as error: print(error)\n"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "soundrack[m4a]" in ran.stdout
