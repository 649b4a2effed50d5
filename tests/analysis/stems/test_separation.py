"""Stems sum up to the mix, whatever its rate, channels and length, and each holds what it is named for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from soundrack.analysis.stems import STEMS, masks, separate, write_stems
from soundrack.errors import NotConfigured
from soundrack.models import shelf
from tests.analysis.songs import as_sound
from tests.analysis.stems import network

Samples = NDArray[np.float32]


def stems(samples: Samples, rate_hz: int = 44_100) -> Samples:
    parts: list[Samples] = []
    separate(as_sound(samples, rate_hz), parts.append)
    return np.concatenate(parts, axis=1)


def noise(frames: int, channels: int = 2) -> Samples:
    return (0.2 * np.random.default_rng(5).standard_normal((frames, channels))).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_stems_sum_up_to_the_mix(rate_hz: int, channels: int, monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    mix = noise(3 * rate_hz + 17, channels)
    found = stems(mix, rate_hz)

    assert found.shape == (4, *mix.shape)
    assert found.dtype == np.float32
    assert np.abs(found.sum(axis=0) - mix).max() < 1e-6


@pytest.mark.parametrize("frames", [1, 4095, 30 * 44_100])
def test_a_song_may_be_as_short_as_one_sample_or_longer_than_two_patches(frames: int, monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    mix = noise(frames)
    found = stems(mix)

    assert found.shape == (4, frames, 2)
    assert np.abs(found.sum(axis=0) - mix).max() < 1e-6


def test_of_more_than_two_channels_the_mean_is_separated(monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    mix = noise(44_100, 6)
    found = stems(mix)

    assert found.shape == (4, 44_100, 1)
    assert np.abs(found.sum(axis=0)[:, 0] - mix.mean(axis=1)).max() < 1e-6


def power(sound: Samples) -> float:
    return float(np.mean(np.square(sound[4410:-4410], dtype=np.float64)))


def test_each_stem_has_what_it_is_named_for(monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    t = np.arange(6 * 44_100) / 44_100
    voice = 0.2 * np.sin(2 * np.pi * 5000.0 * t)
    bass = 0.2 * np.sin(2 * np.pi * 80.0 * t)
    chord = 0.2 * np.sin(2 * np.pi * 700.0 * t)
    drums = lowest(np.where(np.arange(t.size) % 22_050 < 300, 2.0 * noise(t.size, 1)[:, 0], 0.0))
    found = stems(np.stack([voice + bass + chord + drums] * 2, axis=1).astype(np.float32))[:, :, 0]

    for stem, part, least in zip(found, (voice, drums, bass, chord), (0.99, 0.8, 0.95, 0.95), strict=True):
        assert np.corrcoef(stem[4410:-4410], part[4410:-4410])[0, 1] > least


def lowest(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """What lies below 2.15 kHz: above, the stand-in takes everything for voice."""
    spectrum = np.fft.rfft(sound)
    spectrum[round(200 / 2048 * spectrum.size) :] = 0.0
    return np.fft.irfft(spectrum, sound.size)


def test_above_what_the_network_sees_the_mask_goes_on(monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    mix = noise(3 * 44_100)
    air = np.abs(np.fft.rfft(mix[:, 0])[3 * 12_000 :])
    found = np.abs(np.fft.rfft(stems(mix)[:, :, 0])[:, 3 * 12_000 :])

    assert found[0] == pytest.approx(air, abs=0.05 * float(air.max()))
    assert np.square(found[1:]).sum() < 1e-3 * np.square(air).sum()


def test_where_patches_meet_the_mask_is_faded(monkeypatch: pytest.MonkeyPatch):
    turns = iter([0.0, 1.0, 1.0])
    network.install(monkeypatch, lambda magnitude: np.full_like(magnitude, next(turns)))
    voice = np.concatenate([part.voice for part in masks.voiced(noise(900 * 1024))], axis=1)[0, :, 100]

    assert np.all(voice[:448] < 0.01)
    assert np.all(voice[512:] > 0.99)
    assert np.abs(np.diff(voice)).max() < 0.2  # the share of the power, of a magnitude that rises by 1/65 a frame


def test_what_is_told_of_the_stems_is_between_nothing_and_all(monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.nobody)
    found = separate(as_sound(noise(5 * 44_100)))

    assert tuple(found) == STEMS
    assert found["vocals"].power < 0.001
    assert found["vocals"].present == 0.0
    assert sum(each.power for each in found.values()) == pytest.approx(1.0, abs=1e-5)
    for each in found.values():
        assert 0.0 <= each.certainty <= 1.0
        assert 0.0 <= each.present <= 1.0


def test_silence_has_no_stems(monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.nobody)
    found = separate(as_sound(np.zeros((44_100, 2), dtype=np.float32)))

    assert all((each.certainty, each.power, each.present) == (0.0, 0.0, 0.0) for each in found.values())


def test_without_the_network_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelf, "find", lambda _card: None)
    monkeypatch.setattr("soundrack.models.sessions._session", shelf_alone)

    with pytest.raises(NotConfigured, match="soundrack models install separator"):
        write_stems(as_sound(noise(44_100)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def shelf_alone(name: str) -> None:
    """As a process that has loaded nothing yet."""
    from soundrack.models import cards  # noqa: PLC0415  # what the stand-in stands for

    shelf.read(cards()[name])


def test_stems_are_written_as_files_that_sum_up_to_the_song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    network.install(monkeypatch, network.upper)
    mix = 4 * noise(48_000)  # above full scale
    files, evidence = write_stems(as_sound(mix, 48_000), tmp_path)
    found = [soundfile.read(files[name], dtype="float32") for name in STEMS]

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.wav" for name in STEMS)
    assert evidence.keys() == files.keys()
    assert all(rate_hz == 48_000 for _, rate_hz in found)
    assert np.abs(sum(stem for stem, _ in found) - mix).max() < 1e-5


def test_files_of_a_separation_that_was_interrupted_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(_magnitude: object) -> NDArray[np.float32]:
        raise KeyboardInterrupt

    network.install(monkeypatch, interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_stems(as_sound(noise(44_100)), tmp_path)
    assert list(tmp_path.iterdir()) == []
