from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio import encoding
from soundrack.audio.dither import quantised
from soundrack.audio.encoding import Format, write, write_blocks
from soundrack.audio.files import Sound, probe, read
from soundrack.errors import Invalid, ResourcesExhausted, UnsupportedFormat
from soundrack.jobs import sandbox


@pytest.mark.parametrize("format", Format)
def test_what_is_written_is_read_back_in_full_length_and_in_place(
    format: Format, songs: list[Sound], tmp_path: Path
) -> None:
    song = songs[0]
    samples = np.ascontiguousarray(song.samples[: 5 * song.rate_hz + 17])
    write(tmp_path / "out", samples, song.rate_hz, format)
    back = read(tmp_path / "out")
    assert back.samples.shape == samples.shape
    error = back.samples - samples
    if format in (Format.MP3, Format.M4A):
        assert np.square(error).mean() < 1e-3 * np.square(samples).mean()
    else:
        assert np.abs(error).max() <= 1.6 / 2**23  # rounding and the whole width of the dither
        assert back.info.encoding == "PCM_24"


@pytest.mark.parametrize("rate_hz", [32_000, 44_100, 48_000])
@pytest.mark.parametrize("frames", [1, 1151, 1152, 20_001])
def test_an_mp3_gives_back_exactly_its_frames(rate_hz: int, frames: int, tmp_path: Path) -> None:
    write(tmp_path / "out", np.full((frames, 1), 0.25, dtype=np.float32), rate_hz, Format.MP3)
    assert len(read(tmp_path / "out").samples) == frames


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000])
@pytest.mark.parametrize("frames", [1, 1023, 1024, 1025, 20_001])
def test_an_m4a_gives_back_exactly_its_frames(rate_hz: int, frames: int, tmp_path: Path) -> None:
    write(tmp_path / "out", np.full((frames, 1), 0.25, dtype=np.float32), rate_hz, Format.M4A)
    assert probe(tmp_path / "out").frames == frames
    assert len(read(tmp_path / "out").samples) == frames


@pytest.mark.parametrize("format", [Format.MP3, Format.M4A])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_lossy_file_is_aligned_with_its_source(
    format: Format, channels: int, songs: list[Sound], tmp_path: Path
) -> None:
    """The error is at its least where nothing is shifted, and many times what it is there one sample beside it."""
    song = songs[1]
    samples = np.ascontiguousarray(song.samples[song.rate_hz : 4 * song.rate_hz + 123, :channels])
    write(tmp_path / "out", samples, song.rate_hz, format)
    back = read(tmp_path / "out").samples
    inner = slice(2000, -2000)
    errors = [np.square(np.roll(back, shift, axis=0)[inner] - samples[inner]).mean() for shift in range(-3, 4)]
    assert min(errors) == errors[3]
    assert 4.0 * errors[3] < min(errors[2], errors[4])


def test_an_m4a_holds_aac_lc_of_256_kbit_s(songs: list[Sound], tmp_path: Path) -> None:
    song = songs[0]
    samples = np.ascontiguousarray(song.samples[: 10 * song.rate_hz])
    write(tmp_path / "out", samples, song.rate_hz, Format.M4A)
    with av.open(str(tmp_path / "out"), format="mov") as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.profile) == ("aac", "LC")
    assert (tmp_path / "out").stat().st_size * 8 / 10 == pytest.approx(256_000, rel=0.05)


_CONFINED = """
import sys
from pathlib import Path
import numpy as np
from soundrack.audio.encoding import Format, write
from soundrack.audio.files import read
from soundrack.jobs.sandbox import Allowance, enter
folder = Path(sys.argv[1])
samples = (0.1 * np.random.default_rng(0).standard_normal((100_000, 2))).astype(np.float32)
write(folder / "before", samples, 48_000, Format.M4A)
read(folder / "before")
enter(folder, Allowance(memory_bytes=1 << 30, cpu_s=60, file_bytes=1 << 28, strict=True))
write(folder / "within", samples, 48_000, Format.M4A)
assert len(read(folder / "within").samples) == 100_000
"""


@pytest.mark.skipif(bool(sandbox.shortcomings()), reason="this machine cannot confine a job")
def test_an_m4a_is_written_where_there_may_be_no_threads(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", _CONFINED, tmp_path], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "within").read_bytes() == (tmp_path / "before").read_bytes()


def test_an_m4a_of_another_program_loses_its_delay_and_padding_and_nothing_else(tmp_path: Path) -> None:
    """Its edit list counts in milliseconds, rounded down; the length of its media does not."""
    samples = (0.1 * np.random.default_rng(0).standard_normal((44_477, 2))).astype(np.float32)
    with av.open(str(tmp_path / "out"), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100, layout="stereo")
        assert isinstance(stream, AudioStream)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 44_100, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert len(read(tmp_path / "out").samples) == len(samples)


def test_m4a_without_its_extra_is_refused_with_the_name_of_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "mpeg4", None)
    with pytest.raises(UnsupportedFormat, match=r"soundrack\[m4a\]"):
        write(tmp_path / "out", np.zeros((100, 2), dtype=np.float32), 44_100, Format.M4A)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("rate_hz", "channels"), [(192_000, 2), (44_100, 3)])
def test_m4a_refuses_what_it_cannot_carry(rate_hz: int, channels: int, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=f"{channels} channels at {rate_hz}"):
        write(tmp_path / "out", np.zeros((100, channels), dtype=np.float32), rate_hz, Format.M4A)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", Format)
def test_the_same_sound_gives_the_same_bytes_however_it_is_cut(format: Format, tmp_path: Path) -> None:
    samples = (0.1 * np.random.default_rng(0).standard_normal((30_000, 2))).astype(np.float32)
    write(tmp_path / "whole", samples, 44_100, format)
    pieces = np.split(samples, [1, 5000, 5001, 29_000])
    write_blocks(tmp_path / "pieces", map(np.ascontiguousarray, pieces), 44_100, 2, format)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "pieces").read_bytes()


def test_mp3_refuses_what_it_cannot_carry(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="96000"):
        write(tmp_path / "out", np.zeros((100, 2), dtype=np.float32), 96_000, Format.MP3)
    assert not (tmp_path / "out").exists()


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    def blocks() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        return [np.zeros((100, 2), dtype=np.float32)]

    with pytest.raises(ResourcesExhausted):
        write_blocks(tmp_path / "no" / "folder", blocks(), 44_100, 2, Format.WAV)

    with pytest.raises(ZeroDivisionError):
        write_blocks(tmp_path / "out", (1 // 0 for _ in range(1)), 44_100, 2, Format.WAV)  # type: ignore[misc]
    assert not list(tmp_path.iterdir())


@given(level=st.floats(-0.99, 0.99), bits=st.sampled_from([16, 24]))
@settings(max_examples=25, deadline=None)
def test_dither_makes_the_error_independent_of_the_level(level: float, bits: int) -> None:
    """A constant is kept in the mean to a small part of a step; the error's power is that of TPDF and rounding."""
    samples = np.full((20_000, 1), level, dtype=np.float32)
    error = quantised(samples, bits) - samples.astype(np.float64) * 2 ** (bits - 1)
    assert abs(error.mean()) < 0.03
    assert error.var() == pytest.approx(3 / 12, rel=0.08)


@given(value=st.floats(1.0, 1e6))
@settings(max_examples=10, deadline=None)
def test_what_is_beyond_full_scale_is_clipped(value: float) -> None:
    integers = quantised(np.array([[value], [-value]], dtype=np.float32), 24)
    assert 2**23 - 2 <= integers[0, 0] <= 2**23 - 1
    assert -(2**23) <= integers[1, 0] <= -(2**23) + 1


def test_another_seed_is_another_dither() -> None:
    samples = np.zeros((1000, 2), dtype=np.float32)
    assert (quantised(samples, 24, seed=1) != quantised(samples, 24, seed=2)).any()
