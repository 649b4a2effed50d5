from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.encoding import Format
from soundrack.audio.files import Sound, read
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.resampling import resampled
from soundrack.audio.true_peak import true_peak_db
from soundrack.errors import Invalid, ResourcesExhausted
from soundrack.mastering.proof.alignment import common_step, excerpt
from soundrack.mastering.proof.preview import Preview, loudest_start, write_previews

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def songs() -> list[Sound]:
    tracks = sorted(tracks_dir().rglob("*.opus"))
    return [read(track) for track in tracks[:: len(tracks) // 3][:3]]


def noise(seconds: float, rate_hz: int = 44_100, channels: int = 2, level: float = 0.1) -> Samples:
    frames = round(seconds * rate_hz)
    return np.asarray(level * np.random.default_rng(2).standard_normal((frames, channels)), dtype=np.float32).clip(
        -1, 1
    )


def previews(
    folder: Path, source: Samples, master: Samples, rates: tuple[int, int] = (44_100, 44_100), **options: object
) -> tuple[Preview, Sound, Sound]:
    paths = folder / "source", folder / "master"
    power = hop_power(master, rates[1])
    found = write_previews(source, rates[0], master, rates[1], power, *paths, **options)  # type: ignore[arg-type]
    return found, read(paths[0]), read(paths[1])


def loudness(sound: Sound) -> float:
    return integrated_lufs(hop_power(sound.samples, sound.rate_hz))


def lateness(first: Samples, second: Samples) -> int:
    """Return by how many frames the second is late, by the brute force of a few hundred differences."""
    middle = slice(len(first) // 2, len(first) // 2 + 8192)
    lags = range(-200, 201)
    return min(lags, key=lambda lag: float(np.square(first[middle] - np.roll(second, -lag, axis=0)[middle]).sum()))


def test_real_songs_are_compared_at_the_same_loudness_below_the_ceiling(songs: list[Sound], tmp_path: Path) -> None:
    for song in songs:
        master = np.tanh(3.0 * song.samples) * np.float32(0.8)
        found, theirs, ours = previews(tmp_path, song.samples, master, (song.rate_hz, song.rate_hz))
        assert loudness(theirs) == pytest.approx(loudness(ours), abs=0.005)
        assert found.loudness_lufs == pytest.approx(loudness(ours), abs=0.005)
        assert max(found.source_gain_db, found.master_gain_db) <= 0.0
        assert max(true_peak_db(sound.samples) for sound in (theirs, ours)) <= -0.99
        assert theirs.samples.shape == ours.samples.shape
        assert found.duration_s == pytest.approx(min(30.0, len(master) / song.rate_hz))


def test_the_loudest_part_is_taken_and_nothing_is_turned_up(tmp_path: Path) -> None:
    quiet, loud = noise(20.0, level=0.02), noise(5.0, level=0.2)
    master = np.concatenate((quiet, loud, quiet))
    found, theirs, ours = previews(tmp_path, 0.5 * master, master, duration_s=5.0)
    assert found.start_s == pytest.approx(20.0, abs=0.02)
    assert (found.source_gain_db, found.master_gain_db) == pytest.approx((0.0, -6.02), abs=0.01)
    np.testing.assert_allclose(theirs.samples, ours.samples, atol=1e-5)


@pytest.mark.parametrize(
    "rates", [(44_100, 44_100), (48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (22_050, 48_000)]
)
def test_another_rate_and_cut_silence_are_aligned_to_the_frame(rates: tuple[int, int], tmp_path: Path) -> None:
    white = np.fft.rfft(noise(6.0, rates[0], 1), axis=0)
    white[round(6.0 * 8000) :] = 0.0  # within what both rates carry
    source = np.asarray(np.fft.irfft(white, axis=0), dtype=np.float32)
    source[3 * rates[0] :] *= 3.0
    offset = 12_345
    master = resampled(source[offset:], *rates)
    found, theirs, ours = previews(tmp_path, source, master, rates, duration_s=2.0, offset_frames=offset)
    assert found.start_s > 2.0
    assert theirs.rate_hz == ours.rate_hz == rates[1]
    assert lateness(theirs.samples, ours.samples) == 0
    error = theirs.samples - ours.samples
    assert np.sqrt(np.square(error).mean()) < 1e-3 * np.sqrt(np.square(ours.samples).mean())


@given(
    start=st.integers(0, 30_000),
    frames=st.integers(1, 5000),
    offset=st.integers(0, 5000),
    rates=st.sampled_from([(48_000, 44_100), (44_100, 48_000), (44_100, 44_100), (32_000, 48_000)]),
)
@settings(max_examples=40, deadline=None)
def test_an_excerpt_is_what_the_whole_song_has_there(
    start: int, frames: int, offset: int, rates: tuple[int, int]
) -> None:
    source = noise(1.0, rates[0])
    whole = resampled(source[offset:], *rates)
    start = start // common_step(*rates) * common_step(*rates)
    found = excerpt(source, *rates, start, frames, offset_frames=offset)
    expected = np.zeros((frames, 2), dtype=np.float32)
    there = whole[start : start + frames]
    expected[: len(there)] = there
    assert found.shape == (frames, 2)
    np.testing.assert_allclose(found[: len(there)], there, atol=2e-5)


def test_an_excerpt_begins_where_both_have_a_frame() -> None:
    assert common_step(44_100, 48_000) == 160
    with pytest.raises(ValueError, match="160"):
        excerpt(noise(1.0), 44_100, 48_000, 100, 100)


def test_a_short_song_is_written_whole_with_quick_fades(tmp_path: Path) -> None:
    master = np.full((44_100, 1), 0.25, dtype=np.float32)
    master[::2] *= -1.0
    found, theirs, ours = previews(tmp_path, master, master)
    assert (found.start_s, found.duration_s) == (0.0, 1.0)
    for sound in (theirs, ours):
        level = np.abs(sound.samples[:, 0])
        assert level[0] == pytest.approx(0.0, abs=1e-6)
        assert level[-1] == pytest.approx(0.0, abs=1e-6)
        np.testing.assert_allclose(level[2205:-2205], level[22_050], atol=1e-6)
        assert level[1102] == pytest.approx(level[22_050] / 2.0, rel=0.01)


def test_a_source_over_full_scale_lowers_both(tmp_path: Path) -> None:
    source = np.zeros((3 * 44_100, 2), dtype=np.float32)
    source[:] = 0.05 * np.sin(np.arange(len(source)) / 7.0)[:, None]
    source[66_000:66_003] = 2.0
    master = noise(3.0, level=0.2)
    found, theirs, ours = previews(tmp_path, source, master)
    assert found.source_gain_db < -6.0
    assert true_peak_db(theirs.samples) <= -0.99
    assert loudness(theirs) == pytest.approx(loudness(ours), abs=0.01)


def test_silence_is_not_matched(tmp_path: Path) -> None:
    found, theirs, _ = previews(tmp_path, np.zeros((44_100, 2), dtype=np.float32), noise(1.0, level=0.02))
    assert found.loudness_lufs is None
    assert (found.source_gain_db, found.master_gain_db) == (0.0, 0.0)
    assert np.abs(theirs.samples).max() < 1e-6
    json.dumps(found.as_dict(), allow_nan=False)


@pytest.mark.parametrize("format", [Format.WAV, Format.FLAC, Format.MP3])
def test_previews_are_the_same_bytes_each_time(format: Format, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        previews(folder, noise(2.0), noise(2.0, level=0.2), format=format)
        written.append([(folder / file).read_bytes() for file in ("source", "master")])
    assert written[0] == written[1]
    assert read(tmp_path / "one" / "master").info.container.value == format.value


def test_a_failure_leaves_neither_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        previews(tmp_path, noise(1.0, 22_050), noise(1.0, 22_050), (22_050, 22_050), format=Format.MP3)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_of_the_second_file_takes_the_first_away(tmp_path: Path) -> None:
    sound = noise(1.0)
    with pytest.raises(ResourcesExhausted):
        write_previews(
            sound, 44_100, sound, 44_100, hop_power(sound, 44_100), tmp_path / "source", tmp_path / "missing" / "master"
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("source", "offset"), [(noise(1.0, channels=1), 0), (noise(1.0), 44_100), (noise(1.0), -1)])
def test_what_cannot_be_compared_is_refused(source: Samples, offset: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected"):
        previews(tmp_path, source, noise(1.0), offset_frames=offset)
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.floats(0.0, 1.0), max_size=40), st.integers(1, 12))
def test_no_other_window_is_louder(power: list[float], hops: int) -> None:
    start = loudest_start(np.array(power), hops)
    sums = [sum(power[at : at + hops]) for at in range(max(len(power) - hops + 1, 1))]
    assert sums[start] >= max(sums) - 1e-9
