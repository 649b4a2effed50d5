from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.files import Sound, read
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.resampling import resampled
from soundrack.audio.true_peak import true_peak_db
from soundrack.mastering.proof.null import Null, write_null

RATE_HZ = 44_100
Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def songs() -> list[Sound]:
    tracks = sorted(tracks_dir().rglob("*.opus"))
    return [read(track) for track in tracks[:: len(tracks) // 3][:3]]


def noise(seconds: float, seed: int = 2, channels: int = 2, level: float = 0.1) -> Samples:
    drawn = np.random.default_rng(seed).standard_normal((round(seconds * RATE_HZ), channels))
    return np.asarray(level * drawn, dtype=np.float32)


def null(folder: Path, source: Samples, master: Samples) -> tuple[Null, Samples]:
    found = write_null(source, RATE_HZ, master, RATE_HZ, folder / "null")
    return found, read(folder / "null").samples


@given(gain_db=st.floats(-20.0, 15.0), lag=st.integers(-2000, 2000), channels=st.integers(1, 2))
@settings(max_examples=15, deadline=None)
def test_a_gain_and_a_delay_are_no_change(
    gain_db: float, lag: int, channels: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    longer = noise(3.0, channels=channels, level=0.02)
    source, master = longer[2000:-2000], longer[2000 - lag : len(longer) - 2000 - lag] * 10.0 ** (gain_db / 20.0)
    master = np.ascontiguousarray(master, dtype=np.float32)
    found, left = null(tmp_path_factory.mktemp("null"), source, master)
    assert found.lag_frames == lag
    assert found.source_gain_db == pytest.approx(gain_db, abs=0.01)
    inner = left[2000:-2000]
    assert np.sqrt(np.square(inner).mean()) < 1e-3 * np.sqrt(np.square(master).mean())


def test_the_same_sound_leaves_nothing(tmp_path: Path) -> None:
    found, left = null(tmp_path, noise(2.0), noise(2.0))
    assert (found.lag_frames, found.source_gain_db) == (0, 0.0)
    assert (found.loudness_lufs, found.level_lu) == (-math.inf, -math.inf)
    assert np.abs(left).max() < 1e-6  # dither alone
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["level_lu"] is None


def test_what_was_added_is_what_is_left_at_its_own_level(tmp_path: Path) -> None:
    source, added = noise(4.0), noise(4.0, seed=3, level=0.01)
    found, left = null(tmp_path, source, 2.0 * source + added)
    np.testing.assert_allclose(left, added, atol=2e-3)
    assert found.source_gain_db == pytest.approx(6.02, abs=0.01)
    assert found.level_lu == pytest.approx(-26.03, abs=0.05)
    assert found.written_gain_db == 0.0
    assert found.loudness_lufs == pytest.approx(integrated_lufs(hop_power(left, RATE_HZ)), abs=0.01)


def test_no_other_gain_leaves_less(songs: list[Sound], tmp_path: Path) -> None:
    source = songs[1].samples
    master = np.tanh(2.5 * source)
    found = write_null(source, songs[1].rate_hz, master, songs[1].rate_hz, tmp_path / "null")
    powers = [
        float(np.square(master - source * np.float32(10.0 ** ((found.source_gain_db + more) / 20.0))).mean())
        for more in (-0.1, 0.0, 0.1)
    ]
    assert min(powers) == powers[1]
    assert -40.0 < found.level_lu < -5.0


def test_what_is_left_is_turned_down_where_it_would_clip(tmp_path: Path) -> None:
    master = noise(2.0, seed=3, level=0.3)
    found, left = null(tmp_path, noise(2.0), master)
    assert found.written_gain_db < 0.0
    assert true_peak_db(left) == pytest.approx(-1.0, abs=0.02)
    assert found.level_lu == pytest.approx(0.0, abs=0.05)


def test_a_master_at_another_rate_after_cut_silence_leaves_nothing_heard(tmp_path: Path) -> None:
    spectrum = np.fft.rfft(noise(5.0), axis=0)
    spectrum[5 * 16_000 :] = 0.0
    source = np.asarray(np.fft.irfft(spectrum, axis=0), dtype=np.float32)
    master = resampled(source[10_000:], RATE_HZ, 48_000)
    found = write_null(source, RATE_HZ, master, 48_000, tmp_path / "null", offset_frames=10_000)
    written = read(tmp_path / "null")
    assert found.level_lu < -60.0
    assert (written.rate_hz, len(written.samples)) == (48_000, len(master))


def test_the_opposite_of_the_source_is_all_left(tmp_path: Path) -> None:
    found, left = null(tmp_path, noise(2.0), -noise(2.0))
    assert (found.source_gain_db, found.level_lu) == (-math.inf, 0.0)
    np.testing.assert_allclose(left, -noise(2.0), atol=1e-6)


def test_silence_and_a_moment_have_a_null_track_too(tmp_path: Path) -> None:
    for source, master in ((0.0 * noise(1.0), 0.0 * noise(1.0)), (noise(1.0), noise(1.0)[:1])):
        found, left = null(tmp_path, source, master)
        assert found.level_lu == -math.inf
        assert len(left) == len(master)


def test_arguments_are_left_as_they_are_and_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    source, master = noise(1.0), noise(1.0, seed=4)
    kept = source.copy(), master.copy()
    written = []
    for _ in range(2):
        null(tmp_path, source, master)
        written.append((tmp_path / "null").read_bytes())
    assert written[0] == written[1]
    np.testing.assert_array_equal(source, kept[0])
    np.testing.assert_array_equal(master, kept[1])


def test_different_channels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="channels"):
        null(tmp_path, noise(1.0, channels=1), noise(1.0))
    assert list(tmp_path.iterdir()) == []
