"""A master, from file to file, judged on the file by meters that are not ours."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.files import Container, probe
from soundrack.mastering import Format, Generator, Order, Platform, Preset, Tier, master
from soundrack.mastering.order import RATES_HZ
from soundrack.mastering.platforms import playback
from tests.mastering.meters import decoded, lufs, music, true_peak_db, wav

TRACKS = sorted(tracks_dir().rglob("*.opus"))

needs_av = pytest.mark.skipif(find_spec("av") is None, reason="writing M4A needs PyAV: soundrack[m4a]")


@pytest.mark.parametrize("track", TRACKS[::12], ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("preset", "format"),
    [(Preset.BALANCED, Format.WAV), (Preset.WARM, Format.FLAC), (Preset.BRIGHT, Format.MP3)],
)
def test_real_music_lands_on_its_target_below_its_ceiling(
    track: Path, preset: Preset, format: Format, destination: Path
) -> None:
    report = master(track, destination, Order(preset, format=format))
    assert report.reached
    assert lufs(destination) == pytest.approx(-14.0, abs=0.1 if format is Format.MP3 else 0.02)
    assert true_peak_db(destination) <= -1.0
    assert probe(destination).container == Container(format)
    assert len(decoded(destination)[0]) == len(decoded(track)[0])
    assert report.after.integrated_lufs == pytest.approx(lufs(destination), abs=1e-3)


@pytest.mark.parametrize(("target_lufs", "ceiling_db"), [(-23.0, -1.0), (-11.0, -2.0), (-16.0, -12.0), (-14.0, 0.0)])
def test_any_target_and_ceiling_is_kept_or_its_failure_told(
    target_lufs: float, ceiling_db: float, destination: Path
) -> None:
    report = master(TRACKS[0], destination, Order(target_lufs=target_lufs, ceiling_db=ceiling_db))
    assert true_peak_db(destination) <= ceiling_db
    assert (abs(lufs(destination) - target_lufs) <= 0.1) is report.reached
    assert (report.reason is None) is report.reached


def test_a_target_that_needs_damage_is_missed_honestly(destination: Path) -> None:
    report = master(TRACKS[0], destination, Order(Preset.LOUD, target_lufs=-5.0))
    assert not report.reached
    assert report.reason is not None
    assert "-5 LUFS" in report.reason
    assert lufs(destination) < -5.1
    assert report.after.true_peak_db == pytest.approx(-1.0, abs=0.15)  # what could be had was


def test_the_same_song_and_order_give_the_same_bytes(source: Path, tmp_path: Path) -> None:
    wav(source, music(3.0))
    for name in ("one", "two"):
        master(source, tmp_path / name, Order(target_lufs=-12.0))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("rate_hz", "subtype"),
    [
        (8000, "PCM_U8"),
        (16_000, "PCM_16"),
        (44_100, "PCM_16"),
        (48_000, "PCM_24"),
        (96_000, "FLOAT"),
        (192_000, "PCM_24"),
    ],
)
def test_every_rate_depth_and_channel_count_is_kept(
    channels: int, rate_hz: int, subtype: str, source: Path, destination: Path
) -> None:
    wav(source, music(2.0, rate_hz=rate_hz, channels=channels), rate_hz, subtype)
    report = master(source, destination, Order(target_lufs=-18.0))
    assert (report.after.rate_hz, report.after.channels) == (rate_hz, channels)
    assert lufs(destination) == pytest.approx(-18.0, abs=0.02)
    assert true_peak_db(destination) <= -1.0


@pytest.mark.parametrize(
    ("rate_hz", "expected_hz"),
    [(8000, 48_000), (32_000, 32_000), (22_050, 44_100), (48_000, 48_000), (96_000, 48_000), (88_200, 44_100)],
)
def test_an_mp3_takes_the_nearest_rate_of_its_family(
    rate_hz: int, expected_hz: int, source: Path, destination: Path
) -> None:
    wav(source, music(1.0, rate_hz=rate_hz), rate_hz)
    report = master(source, destination, Order(format=Format.MP3))
    assert decoded(destination)[1] == report.after.rate_hz == expected_hz
    assert true_peak_db(destination) <= -1.0


@needs_av
@pytest.mark.parametrize(
    ("rate_hz", "expected_hz"), [(8000, 48_000), (22_050, 22_050), (96_000, 96_000), (176_400, 44_100)]
)
def test_an_m4a_keeps_a_rate_it_can_carry(rate_hz: int, expected_hz: int, source: Path, destination: Path) -> None:
    wav(source, music(1.0, rate_hz=rate_hz), rate_hz)
    report = master(source, destination, Order(format=Format.M4A))
    assert decoded(destination)[1] == report.after.rate_hz == expected_hz
    assert true_peak_db(destination) <= -1.0


@needs_av
def test_an_m4a_of_real_music_keeps_its_ceiling_its_length_and_nearly_its_target(destination: Path) -> None:
    master(TRACKS[0], destination, Order(format=Format.M4A))
    assert probe(destination).container is Container.M4A
    assert len(decoded(destination)[0]) == len(decoded(TRACKS[0])[0])
    assert true_peak_db(destination) <= -1.0
    assert lufs(destination) == pytest.approx(-14.0, abs=0.1)


@needs_av
def test_the_rates_of_an_m4a_are_those_that_can_be_written() -> None:
    mpeg4 = import_module("soundrack.audio.mpeg4")
    for rate_hz in range(8000, 192_001, 25):
        kept = Order(format=Format.M4A).delivery_rate_hz(rate_hz) == rate_hz
        assert kept is (rate_hz in mpeg4.M4A_RATES_HZ)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_rate_that_is_asked_for_is_delivered(rate_hz: int, source: Path, destination: Path) -> None:
    wav(source, music(1.0))
    master(source, destination, Order(rate_hz=rate_hz, format=Format.FLAC))
    samples, delivered_hz = decoded(destination)
    assert (len(samples), delivered_hz) == (rate_hz, rate_hz)
    assert lufs(destination) == pytest.approx(-14.0, abs=0.02)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_platforms_loudness_and_ceiling_are_on_the_file(platform: Platform, source: Path, destination: Path) -> None:
    wav(source, music(2.0))
    master(source, destination, Order(platform=platform))
    row = playback()[platform]
    assert lufs(destination) == pytest.approx(row.target_lufs, abs=0.02)
    assert true_peak_db(destination) <= row.ceiling_db


@pytest.mark.parametrize("tier", list(Tier))
def test_a_full_scale_square_wave_becomes_a_correct_master(tier: Tier, source: Path, destination: Path) -> None:
    square = np.where(np.arange(88_200) // 50 % 2, 1.0, -1.0).astype(np.float32)
    wav(source, np.stack((square, square), axis=1))
    report = master(source, destination, Order(tier=tier))
    assert report.before.true_peak_db > 0.0
    assert true_peak_db(destination) <= -1.0
    assert lufs(destination) == pytest.approx(-14.0, abs=0.02)


def test_an_offset_is_removed_and_told(source: Path, destination: Path) -> None:
    wav(source, music(2.0) + np.float32(0.25))
    report = master(source, destination, Order())
    assert abs(decoded(destination)[0].mean()) < 1e-4
    assert any("constant" in step for step in report.done)


def test_opposite_channels_stay_opposite(source: Path, destination: Path) -> None:
    left = music(2.0, channels=1)
    wav(source, np.concatenate((left, -left), axis=1))
    master(source, destination, Order())
    samples, _ = decoded(destination)
    assert np.abs(samples[:, 0] + samples[:, 1]).max() < 1e-6


def test_channels_that_are_equal_stay_equal(source: Path, destination: Path) -> None:
    wav(source, np.repeat(music(2.0, channels=1), 2, axis=1))
    master(source, destination, Order(Preset.LOUD))
    samples, _ = decoded(destination)
    assert np.abs(samples[:, 0] - samples[:, 1]).max() < 1e-6


def test_half_a_second_is_enough_in_any_tier_and_with_repair(source: Path, destination: Path) -> None:
    wav(source, music(0.5))
    for order in (Order(tier=Tier.PREMIUM), Order(generator=Generator.SUNO), Order(format=Format.MP3)):
        master(source, destination, order)
        assert lufs(destination) == pytest.approx(-14.0, abs=0.1)
        assert true_peak_db(destination) <= -1.0


def test_a_lone_click_in_silence_is_not_crushed_onto_the_target(source: Path, destination: Path) -> None:
    samples = np.zeros((5 * 44_100, 2), dtype=np.float32)
    samples[100_000:100_020] = 0.5
    wav(source, samples)
    report = master(source, destination, Order())
    assert not report.reached
    assert report.reason is not None
    assert true_peak_db(destination) <= -1.0


def test_twelve_minutes_are_mastered_in_one_piece(source: Path, destination: Path) -> None:
    minute = music(60.0, rate_hz=8000, channels=1)
    wav(source, np.concatenate([minute * np.float32(1.0 + 0.05 * number) for number in range(12)]), 8000, "PCM_16")
    report = master(source, destination, Order())
    samples, _ = decoded(destination)
    assert len(samples) == 720 * 8000
    assert lufs(destination) == pytest.approx(-14.0, abs=0.02)
    assert report.after.true_peak_db <= -1.0


@pytest.mark.parametrize("channels", [1, 2])
def test_at_intensity_zero_and_its_own_loudness_only_dither_is_added(
    channels: int, source: Path, destination: Path
) -> None:
    samples = music(3.0, channels=channels)
    samples -= samples.mean(axis=0, dtype=np.float64).astype(np.float32)
    wav(source, samples)
    master(source, destination, Order(intensity=0.0, target_lufs=round(lufs(source), 2), ceiling_db=0.0))
    left = _nulled(samples, decoded(destination)[0])
    dither = 2.0**-23 * 0.5  # TPDF and rounding: a quarter of the squared step (Lipshitz et al., 1992)
    assert float(np.sqrt((left**2).mean())) < 1.1 * dither


def _nulled(samples: NDArray[np.float32], mastered: NDArray[np.float32]) -> NDArray[np.float64]:
    exact, result = samples.astype(np.float64), mastered.astype(np.float64)
    return np.asarray(result - exact * float((exact * result).sum() / (exact**2).sum()))
