"""A master, from file to file, judged on the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.files import Container, read
from soundrack.audio.true_peak import true_peak_db
from soundrack.errors import Invalid, UnsupportedFormat, UnusableAudio
from soundrack.mastering import Format, Order, Preset, master

TRACKS = sorted(tracks_dir().rglob("*.opus"))


def lufs(path: Path) -> float:
    """Integrated loudness by libebur128, a meter that is not ours."""
    samples, rate_hz = soundfile.read(path, always_2d=True, dtype="float32")
    meter = pyebur128.R128State(samples.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(samples.reshape(-1), len(samples))
    return float(pyebur128.get_loudness_global(meter))


def music(duration_s: float, *, rate_hz: int = 44_100, channels: int = 2, level: float = 0.2) -> NDArray[np.float32]:
    """Return coloured noise with a beat: as much like music as these tests need."""
    frames = round(duration_s * rate_hz)
    noise = np.random.default_rng(3).standard_normal((frames, channels))
    for _ in range(2):
        noise[1:] += 0.7 * noise[:-1]
    beat = 0.2 + np.exp(-6.0 * (np.arange(frames) % (rate_hz // 2)) / rate_hz)[:, None]
    return np.asarray(level * noise * beat / np.abs(noise * beat).max(), dtype=np.float32)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    return tmp_path / "destination"


@pytest.mark.parametrize("track", TRACKS[::7], ids=lambda path: path.stem)
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
    deliverable = read(destination)
    assert true_peak_db(deliverable.samples, oversampling=16) <= -1.0
    assert deliverable.info.container == Container(format)
    assert deliverable.info.frames == read(track).info.frames
    assert report.after.integrated_lufs == pytest.approx(lufs(destination), abs=1e-3)


@pytest.mark.parametrize(("target_lufs", "ceiling_db"), [(-23.0, -1.0), (-11.0, -2.0), (-16.0, -12.0), (-14.0, 0.0)])
def test_any_target_and_ceiling_is_kept_or_its_failure_told(
    target_lufs: float, ceiling_db: float, destination: Path
) -> None:
    report = master(TRACKS[0], destination, Order(target_lufs=target_lufs, ceiling_db=ceiling_db))
    assert true_peak_db(read(destination).samples, oversampling=16) <= ceiling_db
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
    soundfile.write(source, music(3.0), 44_100, format="WAV")
    for name in ("one", "two"):
        master(source, tmp_path / name, Order(target_lufs=-12.0))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_progress_never_falls_and_ends_at_one(source: Path, destination: Path) -> None:
    soundfile.write(source, music(1.0), 44_100, format="WAV")
    told: list[tuple[str, float]] = []
    master(source, destination, Order(), progress=lambda stage, done: told.append((stage, done)))
    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert {stage for stage, _ in told} >= {"read", "measure", "shape", "level", "write", "verify"}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("rate_hz", "subtype"), [(8000, "PCM_U8"), (44_100, "PCM_16"), (192_000, "PCM_24")])
def test_every_rate_depth_and_channel_count_is_kept(
    channels: int, rate_hz: int, subtype: str, source: Path, destination: Path
) -> None:
    soundfile.write(source, music(2.0, rate_hz=rate_hz, channels=channels), rate_hz, format="WAV", subtype=subtype)
    report = master(source, destination, Order(target_lufs=-18.0))
    assert (report.after.rate_hz, report.after.channels) == (rate_hz, channels)
    assert lufs(destination) == pytest.approx(-18.0, abs=0.02)


@pytest.mark.parametrize(
    ("rate_hz", "expected_hz"), [(32_000, 32_000), (22_050, 44_100), (96_000, 48_000), (88_200, 44_100)]
)
def test_an_mp3_takes_the_nearest_rate_of_its_family(
    rate_hz: int, expected_hz: int, source: Path, destination: Path
) -> None:
    soundfile.write(source, music(1.0, rate_hz=rate_hz), rate_hz, format="WAV")
    report = master(source, destination, Order(format=Format.MP3))
    assert read(destination).rate_hz == report.after.rate_hz == expected_hz


def test_a_full_scale_square_wave_becomes_a_correct_master(source: Path, destination: Path) -> None:
    square = np.where(np.arange(88_200) // 50 % 2, 1.0, -1.0).astype(np.float32)
    soundfile.write(source, np.stack((square, square), axis=1), 44_100, format="WAV", subtype="FLOAT")
    report = master(source, destination, Order())
    assert report.before.true_peak_db > 0.0
    assert report.after.true_peak_db <= -1.0
    assert lufs(destination) == pytest.approx(-14.0, abs=0.02)


def test_an_offset_is_removed_and_told(source: Path, destination: Path) -> None:
    soundfile.write(source, music(2.0) + np.float32(0.25), 44_100, format="WAV")
    report = master(source, destination, Order())
    assert abs(read(destination).samples.mean()) < 1e-4
    assert any("constant" in step for step in report.done)


def test_opposite_channels_stay_opposite(source: Path, destination: Path) -> None:
    left = music(2.0, channels=1)
    soundfile.write(source, np.concatenate((left, -left), axis=1), 44_100, format="WAV", subtype="FLOAT")
    master(source, destination, Order())
    samples = read(destination).samples
    assert np.abs(samples[:, 0] + samples[:, 1]).max() < 1e-6


def _bad_sounds() -> Iterator[tuple[str, NDArray[np.float32], str]]:
    yield "silence", np.zeros((44_100, 2), dtype=np.float32), "silent"
    yield "constant", np.full((44_100, 2), 0.5, dtype=np.float32), "silent"
    yield "whisper", music(1.0, level=1e-5), "silent"
    yield "click of 200 ms", music(0.2), "200 ms"
    yield "surround", music(1.0, channels=6), "6 channels"
    holed = music(1.0)
    holed[4410, 0] = np.nan
    yield "not a number", holed, "0.100 s"


@pytest.mark.parametrize(("samples", "words"), [case[1:] for case in _bad_sounds()], ids=[c[0] for c in _bad_sounds()])
def test_what_cannot_be_mastered_is_refused_and_leaves_nothing(
    samples: NDArray[np.float32], words: str, source: Path, destination: Path
) -> None:
    soundfile.write(source, samples, 44_100, format="WAV", subtype="FLOAT")
    destination.write_bytes(b"what was there before")
    with pytest.raises(UnusableAudio, match=words):
        master(source, destination, Order())
    assert not destination.exists()


def test_what_is_not_audio_is_refused_and_leaves_nothing(source: Path, destination: Path) -> None:
    source.write_bytes(b"#!/bin/sh\necho hello\n" * 100)
    with pytest.raises(UnsupportedFormat):
        master(source, destination, Order())
    assert not destination.exists()


def test_a_source_is_never_replaced(source: Path) -> None:
    source.write_bytes(b"not even audio")
    with pytest.raises(Invalid, match="source"):
        master(source, source, Order())
    assert source.read_bytes() == b"not even audio"


def test_a_lone_click_in_silence_is_not_crushed_onto_the_target(source: Path, destination: Path) -> None:
    samples = np.zeros((5 * 44_100, 2), dtype=np.float32)
    samples[100_000:100_020] = 0.5
    soundfile.write(source, samples, 44_100, format="WAV")
    report = master(source, destination, Order())
    assert not report.reached
    assert report.after.true_peak_db <= -1.0


def test_a_failure_on_the_way_leaves_nothing(source: Path, destination: Path) -> None:
    soundfile.write(source, music(1.0), 44_100, format="WAV")

    def stop(stage: str, done: float) -> None:
        if stage == "verify":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        master(source, destination, Order(), progress=stop)
    assert not destination.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target_lufs": -4.9}, "target_lufs"),
        ({"target_lufs": float("nan")}, "target_lufs"),
        ({"ceiling_db": 0.1}, "ceiling_db"),
        ({"ceiling_db": -12.1}, "ceiling_db"),
        ({"rate_hz": 44_101}, "rate_hz"),
        ({"rate_hz": 96_000, "format": Format.MP3}, "rate_hz"),
    ],
)
def test_an_order_outside_its_ranges_is_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Order(**values)  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_a_report_is_json_with_the_values_used(source: Path, destination: Path) -> None:
    soundfile.write(source, music(1.0), 44_100, format="WAV")
    told = json.loads(json.dumps(master(source, destination, Order(Preset.WARM)).as_dict(), allow_nan=False))
    assert told["order"] == {
        "preset": "warm",
        "target_lufs": -14.0,
        "ceiling_db": -1.0,
        "format": "wav",
        "rate_hz": 44_100,
    }
    assert told["after"]["integrated_lufs"] == pytest.approx(-14.0, abs=0.02)
    assert told["reached"] is True
