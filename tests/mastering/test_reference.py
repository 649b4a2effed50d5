"""A master that follows a reference comes nearer to it, as far as it is told to, and in nothing else than it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from immich_memories_music import tracks_dir
from numpy.typing import NDArray
from scipy.signal import correlate, firwin2, oaconvolve

from soundrack.audio.encoding import Format, write
from soundrack.mastering import Order, master, plan_for
from tests.mastering.meters import decoded, lufs, music, third_octaves_db, true_peak_db, wav

TRACK = sorted(tracks_dir().rglob("*.opus"))[3]
AMOUNTS = (0.0, 0.3, 0.7, 1.0)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of real music: the reference."""
    samples, rate_hz = decoded(TRACK)
    middle = len(samples) // 2
    return wav(tmp_path_factory.mktemp("record") / "record", samples[middle : middle + 10 * rate_hz], rate_hz)


def filtered(samples: NDArray[np.float32], rate_hz: int, hz: list[float], db: list[float]) -> NDArray[np.float32]:
    """Return a sound with gains at some frequencies."""
    points = [0.0, *hz, rate_hz / 2.0]
    gains = 10.0 ** (np.array([db[0], *db, db[-1]]) / 20.0)
    taps = firwin2(2047, points, gains, fs=rate_hz)
    return np.asarray(oaconvolve(samples, taps[:, None], mode="same", axes=0), dtype=np.float32)


def distances_db(path: Path, reference: Path) -> tuple[float, float]:
    """Mean distance of the third octaves, 100 Hz to 10 kHz, in mid and in side."""
    (ours, rate_hz), (theirs, their_hz) = decoded(path), decoded(reference)
    apart = []
    for sign in (1.0, -1.0):
        one, other = (sound[:, 0] + sign * sound[:, 1] for sound in (ours, theirs))
        levels = (third_octaves_db(x, hz, 100.0, 10_000.0) for x, hz in ((one, rate_hz), (other, their_hz)))
        apart.append(float(np.abs(np.subtract(*levels)).mean()))
    return apart[0], apart[1]


def width_db(path: Path) -> float:
    samples, _ = decoded(path)
    mid, side = samples[:, 0] + samples[:, 1], samples[:, 0] - samples[:, 1]
    return float(10.0 * np.log10((side.astype(np.float64) ** 2).sum() / (mid.astype(np.float64) ** 2).sum()))


@pytest.mark.parametrize(
    ("hz", "db"),
    [([1000.0, 10_000.0], [0.0, -5.0]), ([1000.0, 10_000.0], [0.0, 5.0]), ([80.0, 800.0], [5.0, 0.0])],
    ids=["dull", "bright", "boomy"],
)
def test_a_tilted_source_comes_nearer_the_further_it_is_told_to(
    hz: list[float], db: list[float], record: Path, tmp_path: Path
) -> None:
    samples, rate_hz = decoded(record)
    source = wav(tmp_path / "source", filtered(samples, rate_hz, hz, db), rate_hz)
    apart = []
    for amount in AMOUNTS:
        master(source, tmp_path / "master", Order(intensity=0.0, reference_amount=amount), reference=record)
        apart.append(distances_db(tmp_path / "master", record))
    for channel in (0, 1):
        untouched, third, usual, whole = (pair[channel] for pair in apart)
        assert untouched > third > usual > whole - 0.02  # both may be as near as two excerpts can be
        assert whole < 0.45 * untouched


@pytest.mark.parametrize("gain", [0.5, 1.8])
def test_width_comes_nearer_the_further_it_is_told_to(gain: float, record: Path, tmp_path: Path) -> None:
    samples, rate_hz = decoded(record)
    mid, side = samples.mean(axis=1), gain * (samples[:, 0] - samples[:, 1]) / 2.0
    source = wav(tmp_path / "source", np.stack((mid + side, mid - side), axis=1).astype(np.float32), rate_hz)
    apart = []
    for amount in AMOUNTS:
        master(source, tmp_path / "master", Order(intensity=0.0, reference_amount=amount), reference=record)
        apart.append(abs(width_db(tmp_path / "master") - width_db(record)))
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 0.5 * apart[0]


def test_with_amount_zero_tone_and_width_are_left_alone(record: Path, tmp_path: Path) -> None:
    samples, rate_hz = decoded(record)
    source = wav(tmp_path / "source", filtered(samples, rate_hz, [1000.0, 10_000.0], [0.0, -6.0]), rate_hz)
    order = Order(intensity=0.0, reference_amount=0.0)
    plan = plan_for(source, order, reference=record)
    assert (plan.tone, plan.width) == (None, None)
    master(source, tmp_path / "master", order, reference=record)
    assert max(distances_db(tmp_path / "master", source)) < 0.1


@pytest.mark.parametrize(("theirs", "followed"), [(-30.0, -16.0), (-12.5, -12.5)])
def test_the_references_loudness_is_on_the_file_within_bounds(
    theirs: float, followed: float, record: Path, tmp_path: Path
) -> None:
    samples, rate_hz = decoded(record)
    louder = samples * np.float32(10.0 ** ((theirs - lufs(record)) / 20.0))
    reference = wav(tmp_path / "reference", louder, rate_hz)
    master(record, tmp_path / "master", Order(intensity=0.0), reference=reference)
    assert lufs(tmp_path / "master") == pytest.approx(followed, abs=0.07)  # what is planned has one decimal
    assert true_peak_db(tmp_path / "master") <= -1.0


@pytest.mark.parametrize("target_lufs", [-18.0, -20.0])
def test_a_target_that_is_asked_for_goes_before_the_references(
    target_lufs: float, record: Path, tmp_path: Path
) -> None:
    master(record, tmp_path / "master", Order(target_lufs=target_lufs), reference=record)
    assert lufs(tmp_path / "master") == pytest.approx(target_lufs, abs=0.02)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("rate_hz", "reference_hz", "reference_channels", "format"),
    [
        (44_100, 8000, 2, Format.WAV),
        (44_100, 48_000, 2, Format.MP3),
        (44_100, 96_000, 1, Format.FLAC),
        (8000, 44_100, 2, Format.WAV),
        (96_000, 44_100, 1, Format.WAV),
    ],
)
def test_rate_channels_length_and_time_stay_the_sources_own(
    rate_hz: int, reference_hz: int, reference_channels: int, format: Format, channels: int, tmp_path: Path
) -> None:
    samples = music(2.0, rate_hz=rate_hz, channels=channels)
    source = wav(tmp_path / "source", samples, rate_hz)
    reference = tmp_path / "reference"
    write(reference, music(3.0, rate_hz=reference_hz, channels=reference_channels), reference_hz, format)
    # Without compression: its crossovers turn the phase.
    master(source, tmp_path / "master", Order(intensity=0.0), reference=reference)
    result, result_hz = decoded(tmp_path / "master")
    assert (result.shape, result_hz) == (samples.shape, rate_hz)
    crossed = correlate(result[:, 0], samples[:, 0], mode="full", method="fft")
    assert abs(int(np.argmax(crossed)) - (len(samples) - 1)) <= round(rate_hz / 10_000)
    assert np.corrcoef(result[:, 0], samples[:, 0])[0, 1] > 0.8


def test_a_mono_reference_leaves_the_width_alone(record: Path, tmp_path: Path) -> None:
    samples, rate_hz = decoded(record)
    reference = tmp_path / "mono"
    soundfile.write(reference, samples.mean(axis=1), rate_hz, format="FLAC")
    plan = plan_for(record, Order(), reference=reference)
    assert plan.width is None
    assert plan.tone is not None
    assert plan.tone.side is None
