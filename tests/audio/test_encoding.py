from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio.dither import quantised
from soundrack.audio.encoding import Format, write, write_blocks
from soundrack.audio.files import Sound, read
from soundrack.errors import Invalid, ResourcesExhausted


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
    if format is Format.MP3:
        assert np.square(error).mean() < 1e-3 * np.square(samples).mean()
    else:
        assert np.abs(error).max() <= 1.6 / 2**23  # rounding and the whole width of the dither
        assert back.info.encoding == "PCM_24"


@pytest.mark.parametrize("rate_hz", [32_000, 44_100, 48_000])
@pytest.mark.parametrize("frames", [1, 1151, 1152, 20_001])
def test_an_mp3_gives_back_exactly_its_frames(rate_hz: int, frames: int, tmp_path: Path) -> None:
    write(tmp_path / "out", np.full((frames, 1), 0.25, dtype=np.float32), rate_hz, Format.MP3)
    assert len(read(tmp_path / "out").samples) == frames


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
