"""A song is decoded once, and heard as one channel at a low rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ, hear, levelled, low_mono
from soundrack.errors import UnsupportedFormat
from tests.live import wav


def tone(frequency_hz: float, rate_hz: int, seconds: float = 1.0) -> NDArray[np.float32]:
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)


def level_of(frequency_hz: float, sound: NDArray[np.float32]) -> float:
    """The amplitude of a tone in the middle of a sound."""
    middle = sound[RATE_HZ // 4 : 3 * RATE_HZ // 4].astype(np.float64)
    turning = np.exp(-2j * np.pi * frequency_hz * np.arange(middle.size) / RATE_HZ)
    return float(abs(middle @ turning) * 2 / middle.size)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_tone_keeps_its_pitch_and_level_at_any_rate(rate_hz: int):
    low = low_mono(tone(1000.0, rate_hz)[:, None], rate_hz)

    assert low.dtype == np.float32
    assert low.shape == (RATE_HZ,)
    assert level_of(1000.0, low) == pytest.approx(0.5, abs=0.005)


def test_what_lies_above_is_not_folded_down():
    low = low_mono(tone(15_000.0, 48_000)[:, None], 48_000)

    assert np.abs(low[1000:-1000]).max() < 0.001


def test_channels_are_averaged():
    left, right = tone(440.0, 44_100), tone(660.0, 44_100)

    low = low_mono(np.stack([left, right], axis=1), 44_100)

    assert level_of(440.0, low) == pytest.approx(0.25, abs=0.005)
    assert level_of(660.0, low) == pytest.approx(0.25, abs=0.005)


def test_of_channels_that_cancel_each_other_one_is_heard():
    left = tone(440.0, 44_100)

    low = low_mono(np.stack([left, -left], axis=1), 44_100)

    assert level_of(440.0, low) == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("gain", [0.001, 0.1, 1.0, 10.0])
def test_songs_are_heard_at_one_level(gain: float):
    low = levelled(np.float32(gain) * tone(440.0, RATE_HZ))

    assert np.sqrt(np.mean(low**2)) == pytest.approx(10 ** (-14 / 20), rel=1e-4)


def test_no_peak_is_lifted_above_full_scale():
    clicks = np.zeros(RATE_HZ, dtype=np.float32)
    clicks[::5000] = 0.01

    assert np.abs(levelled(clicks)).max() == pytest.approx(1.0)


def test_an_offset_is_taken_away():
    assert np.allclose(levelled(tone(440.0, RATE_HZ) + np.float32(0.3)), levelled(tone(440.0, RATE_HZ)), atol=1e-4)


@pytest.mark.parametrize("level", [0.0, 1e-6, 0.5])
def test_what_does_not_move_is_silence(level: float):
    assert np.abs(levelled(np.full(1000, level, dtype=np.float32))).max() < 1e-7


def test_of_nothing_there_is_nothing():
    assert levelled(np.empty(0, dtype=np.float32)).size == 0


def test_a_file_is_heard_as_it_is_and_low(tmp_path: Path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(np.stack([tone(440.0, 48_000, 2.0)] * 2, axis=1), 48_000))

    sound = hear(path)

    assert (sound.samples.shape, sound.rate_hz, sound.duration_s) == ((96_000, 2), 48_000, 2.0)
    assert sound.mono.shape == (2 * RATE_HZ,)
    assert sound.info.rate_hz == 48_000


def test_what_is_no_audio_is_refused(tmp_path: Path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"These are the lyrics and not the song." * 9)

    with pytest.raises(UnsupportedFormat):
        hear(path)
