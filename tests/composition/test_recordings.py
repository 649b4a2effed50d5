"""Recordings of all kinds as two channels at one rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.audio.channels import mask_of
from soundrack.composition.recordings import recording, two_channels
from soundrack.errors import UnusableAudio


def test_each_loudspeaker_goes_to_its_side_and_the_middle_to_both() -> None:
    beside = np.sqrt(0.5)
    expected = {
        "FL": (1.0, 0.0),
        "FR": (0.0, 1.0),
        "FC": (beside, beside),
        "LFE": (0.0, 0.0),
        "BL": (beside, 0.0),
        "BR": (0.0, beside),
        "FLC": (beside, 0.0),
        "BC": (beside, beside),
    }
    names = sorted(expected, key=lambda name: mask_of([name]))
    found = two_channels(np.eye(8, dtype=np.float32), mask_of(names))
    assert found == pytest.approx(np.array([expected[name] for name in names]), abs=1e-6)


def test_five_channels_and_an_lfe_are_told_by_their_number() -> None:
    found = two_channels(np.eye(6, dtype=np.float32))
    assert found[3].tolist() == [0.0, 0.0]
    assert found[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (48_000, 2), (96_000, 6)])
def test_a_recording_has_two_channels_at_44_kilohertz(rate_hz: int, channels: int, tmp_path: Path) -> None:
    tone = 0.2 * np.sin(2.0 * np.pi * 440.0 * np.arange(rate_hz) / rate_hz)
    soundfile.write(tmp_path / "tone.wav", np.repeat(tone[:, None], channels, axis=1), rate_hz)
    found = recording(tmp_path / "tone.wav")
    assert found.sound.shape == (44_100, 2)
    assert found.sound.dtype == np.float32
    assert found.sound.flags.c_contiguous
    assert found.channels == min(channels, 2)
    assert found.duration_s == pytest.approx(1.0)
    assert np.argmax(np.abs(np.fft.rfft(found.sound[:, 0]))) == 440


def test_a_recording_in_which_nothing_is_heard_is_unusable(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros((100, 1)), 44_100)
    with pytest.raises(UnusableAudio, match="silent"):
        recording(tmp_path / "silent.wav")
