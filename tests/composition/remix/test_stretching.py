"""Recordings along other clocks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.composition.remix.stretching import laid, stretched

_RATE = 44_100


def _clicks(times_s: NDArray[np.float64], frames: int) -> NDArray[np.float32]:
    sound = np.zeros((frames, 2), dtype=np.float32)
    at = np.arange(1500)
    click = (np.exp(-at / 200.0) * np.sin(2.0 * np.pi * 900.0 * at / _RATE)).astype(np.float32)
    for time_s in times_s:
        first = round(time_s * _RATE)
        sound[first : first + 1500] += click[: max(frames - first, 0), None]
    return sound


def _onset_s(sound: NDArray[np.float32], near_s: float) -> float:
    first = max(round((near_s - 0.08) * _RATE), 0)
    part = np.abs(sound[first : round((near_s + 0.08) * _RATE), 0])
    return (first + int(np.argmax(part > 0.4 * part.max()))) / _RATE


def test_nothing_changes_where_nothing_is_to_change() -> None:
    sound = _clicks(np.array([0.1, 0.5]), _RATE)
    assert np.array_equal(stretched(sound, 1.0), sound)


@pytest.mark.parametrize("rate", [0.75, 1.3])
def test_moments_come_when_they_should_and_pitch_stays(rate: float) -> None:
    times = np.array([0.3, 0.8, 1.3])
    made = stretched(_clicks(times, 2 * _RATE), rate)
    assert len(made) == round(2 * _RATE / rate)
    assert np.array_equal(made, stretched(_clicks(times, 2 * _RATE), rate))
    assert [_onset_s(made, time / rate) for time in times] == pytest.approx(times / rate, abs=2e-3)
    tone = np.sin(2.0 * np.pi * 440.0 * np.arange(_RATE) / _RATE).astype(np.float32)
    slow = stretched(np.stack([tone, tone], axis=1), rate)[4000:-4000, 0]
    spectrum = np.abs(np.fft.rfft(slow * np.hanning(len(slow))))
    assert np.argmax(spectrum) * _RATE / len(slow) == pytest.approx(440.0, abs=2.0)
    assert np.std(slow) == pytest.approx(np.sqrt(0.5), rel=0.1)


def test_a_transposed_tone_is_as_high_as_asked() -> None:
    tone = np.sin(2.0 * np.pi * 440.0 * np.arange(_RATE) / _RATE).astype(np.float32)
    made = stretched(np.stack([tone, tone], axis=1), 1.0, 2.0)[4000:-4000, 0]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    assert np.argmax(spectrum) * _RATE / len(made) == pytest.approx(440.0 * 2.0 ** (2.0 / 12.0), abs=2.5)


def test_a_drifting_recording_is_brought_to_an_even_row_and_joins_are_not_heard() -> None:
    true = np.cumsum(0.5 + 0.03 * np.sin(np.arange(17) / 2.5)) - 0.2
    even = 0.5 + 0.52 * np.arange(17)
    onto = np.zeros((round(10.0 * _RATE), 2), dtype=np.float32)
    laid(_clicks(true[:-1] + 0.02, round(9.5 * _RATE)), true.tolist(), even.tolist(), 0.0, onto)
    found = np.array([_onset_s(onto, time + 0.02) for time in even[1:-1]])
    assert np.abs(found - even[1:-1] - 0.02).max() < 0.014
    level = np.full((round(9.5 * _RATE), 2), 0.5, dtype=np.float32)
    flat = np.zeros_like(onto)
    laid(level, [1.0, 3.0, 5.0], [1.0, 3.0, 5.0], 0.0, flat)
    assert np.array_equal(flat[round(1.1 * _RATE) : round(4.9 * _RATE)], level[: round(3.8 * _RATE)][:167_580])


def test_what_lies_before_and_behind_a_recording_is_silent() -> None:
    onto = np.zeros((3 * _RATE, 2), dtype=np.float32)
    laid(np.ones((_RATE, 2), dtype=np.float32), [-1.0, 2.0], [0.0, 3.0], 0.0, onto)
    assert not onto[: round(0.99 * _RATE)].any()
    assert onto[round(1.5 * _RATE), 0] == 1.0
    assert not onto[round(2.01 * _RATE) :].any()
