"""Plain WAV is read and written here; libsndfile, which is not ours, is asked whether it agrees."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundrack.audio.containers import Pcm
from soundrack.audio.encoding import Depth, Format, write
from soundrack.audio.files import read
from soundrack.audio.pcm import pack, unpack
from soundrack.audio.wav import WavWriter
from soundrack.errors import Invalid


def noise(frames: int, channels: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(frames).uniform(-1.2, 1.2, (frames, channels)).astype(np.float32)


@given(
    coding=st.sampled_from(Pcm),
    kind=st.sampled_from(["WAV", "WAVEX"]),
    frames=st.integers(1, 300),
    channels=st.integers(1, 8),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_coding_is_read_bit_for_bit_as_by_libsndfile(
    coding: Pcm, kind: str, frames: int, channels: int, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "in", noise(frames, channels), 48_000, format=kind, subtype=coding.value)
    expected, _ = soundfile.read(tmp_path / "in", dtype="float32", always_2d=True)
    sound = read(tmp_path / "in")
    assert sound.info.encoding == coding.value
    np.testing.assert_array_equal(sound.samples, expected)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize(("depth", "subtype"), [(Depth.S16, "PCM_16"), (Depth.S24, "PCM_24"), (Depth.F32, "FLOAT")])
def test_what_is_written_is_read_by_libsndfile_as_it_was_meant(
    depth: Depth, subtype: str, channels: int, tmp_path: Path
) -> None:
    samples = noise(1001, channels)
    write(tmp_path / "out", samples, 44_100, Format.WAV, depth=depth)
    info = soundfile.info(tmp_path / "out")
    assert (info.samplerate, info.channels, info.frames, info.subtype) == (44_100, channels, 1001, subtype)
    assert info.format == ("WAVEX" if channels > 2 else "WAV")
    back, _ = soundfile.read(tmp_path / "out", dtype="float32", always_2d=True)
    np.testing.assert_array_equal(back, read(tmp_path / "out").samples)
    if depth is Depth.F32:
        np.testing.assert_array_equal(back, samples)
    else:
        step = 2.0 ** (1 - int(depth))
        assert np.abs(back - samples.clip(-1.0, 1.0)).max() <= 1.6 * step


@pytest.mark.parametrize("depth", [Depth.S16, Depth.S24])
def test_a_flac_holds_the_same_integers_as_a_wav(depth: Depth, tmp_path: Path) -> None:
    for format in (Format.WAV, Format.FLAC):
        write(tmp_path / format, noise(5000, 2), 44_100, format, depth=depth)
    assert soundfile.info(tmp_path / "flac").subtype == f"PCM_{depth.value}"
    np.testing.assert_array_equal(read(tmp_path / "wav").samples, read(tmp_path / "flac").samples)


def test_a_flac_refuses_floating_point(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="floating point"):
        write(tmp_path / "out", noise(10, 1), 44_100, Format.FLAC, depth=Depth.F32)
    assert not (tmp_path / "out").exists()


def test_an_odd_number_of_bytes_is_padded_and_not_counted(tmp_path: Path) -> None:
    write(tmp_path / "out", noise(3, 1), 44_100, Format.WAV)
    content = (tmp_path / "out").read_bytes()
    assert len(content) == 44 + 9 + 1
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    assert struct.unpack("<I", content[40:44])[0] == 9


def test_more_than_a_wav_can_tell_is_refused(tmp_path: Path) -> None:
    def overfill() -> None:
        with WavWriter(tmp_path / "out", 44_100, 1, Pcm.S16) as file:
            file._written = 0xFFFFFF00
            file.write(np.zeros(1000, dtype=np.uint8))

    with pytest.raises(Invalid, match="4 GB"):
        overfill()


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=50))
def test_integers_survive_packing(values: list[int]) -> None:
    integers = np.array(values, dtype=np.int32)[:, None]
    out = np.empty((len(values), 1), dtype=np.float32)
    unpack(pack(integers, 24), Pcm.S24, out)
    np.testing.assert_array_equal(out, integers / np.float32(2**23))
    unpack(pack(integers >> 8, 16), Pcm.S16, out)
    np.testing.assert_array_equal(out, (integers >> 8) / np.float32(2**15))
