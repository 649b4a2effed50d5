from __future__ import annotations

import math

import numpy as np
import pyebur128
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio import loudness
from soundrack.audio.files import Sound
from soundrack.audio.gain import points_for, under_gain
from soundrack.audio.loudness import hop_power, hop_power_by_channel, integrated_lufs, loudness_range_lu
from tests.audio.signals import tone


def reference_lufs(sound: Sound) -> float:
    channels = sound.samples.shape[1]
    meter = pyebur128.R128State(channels, sound.rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(sound.samples.reshape(-1), len(sound.samples))
    return float(pyebur128.get_loudness_global(meter))


def test_real_music_reads_as_in_libebur128(songs: list[Sound]) -> None:
    for sound in songs:
        ours = integrated_lufs(hop_power(sound.samples, sound.rate_hz))
        assert ours == pytest.approx(reference_lufs(sound), abs=1e-3)


@given(gain_db=st.floats(-20.0, 20.0))
@settings(max_examples=20, deadline=None)
def test_gain_moves_loudness_by_as_much(gain_db: float) -> None:
    samples = tone([(1.0, -30.0), (1.0, -25.0)])
    louder = samples * np.float32(10.0 ** (gain_db / 20.0))
    before, after = (integrated_lufs(hop_power(part, 48_000)) for part in (samples, louder))
    assert after - before == pytest.approx(gain_db, abs=1e-4)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 22_050, 32_000, 88_200, 192_000])
def test_any_sample_rate_reads_the_same_tone_alike(rate_hz: int) -> None:
    assert integrated_lufs(hop_power(tone([(3.0, -23.0)], rate_hz), rate_hz)) == pytest.approx(-23.0, abs=0.1)


def test_a_gain_curve_on_the_way_measures_as_the_rendered_sound() -> None:
    rng = np.random.default_rng(1)
    samples = (0.1 * rng.standard_normal((100_000, 2))).astype(np.float32)
    curve = rng.uniform(0.1, 1.0, points_for(len(samples))).astype(np.float32)
    on_the_way = hop_power(samples, 44_100, curve)
    rendered = hop_power(under_gain(samples, 0, curve), 44_100)
    assert on_the_way == pytest.approx(rendered, rel=1e-5)


def test_segments_run_side_by_side_equal_one_run_through(songs: list[Sound]) -> None:
    """Power early in a song must not depend on how long the song is, and so on where its segments begin."""
    samples, rate_hz = songs[0].samples, songs[0].rate_hz
    whole = hop_power(samples, rate_hz)
    part = hop_power(np.ascontiguousarray(samples[: 7 * rate_hz]), rate_hz)
    assert part == pytest.approx(whole[: len(part)], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("frames", [0, 1, 479, 19_199])
def test_less_than_400_ms_has_no_loudness(frames: int) -> None:
    power = hop_power(np.full((frames, 2), 0.5, dtype=np.float32), 48_000)
    assert integrated_lufs(power) == -math.inf
    assert loudness_range_lu(power) == 0.0


@pytest.mark.parametrize("shape", [(480,), (480, 0), (480, 25)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="channels"):
        hop_power(np.zeros(shape, dtype=np.float32), 48_000)


def test_the_range_at_libebur128s_pace_is_its_own(songs: list[Sound], monkeypatch: pytest.MonkeyPatch) -> None:
    """libebur128 takes a short-term value a second and no silence after the file; all else must be alike."""
    monkeypatch.setattr(loudness, "GATE_STEP_HOPS", 100)
    monkeypatch.setattr(loudness, "_TAIL_HOPS", 0)
    for sound in songs:
        meter = pyebur128.R128State(sound.samples.shape[1], sound.rate_hz, pyebur128.MeasurementMode.MODE_LRA)
        meter.add_frames(sound.samples.reshape(-1), len(sound.samples))
        ours = loudness_range_lu(hop_power(sound.samples, sound.rate_hz))
        assert ours == pytest.approx(pyebur128.get_loudness_range(meter), abs=0.01)


def test_channels_are_told_apart_and_folded_down() -> None:
    samples = tone([(2.0, -20.0)], gains=[1.0, 0.5])
    weighted = hop_power_by_channel(samples, 48_000)
    np.testing.assert_allclose(weighted.total(), hop_power(samples, 48_000), rtol=1e-12)
    np.testing.assert_allclose(weighted.channels[:, 1], weighted.channels[:, 0] / 4.0, rtol=1e-6)
    folded = np.repeat(samples.mean(axis=1, keepdims=True), 2, axis=1)
    np.testing.assert_allclose(weighted.folded_down(), hop_power(folded, 48_000), rtol=1e-5)
    assert hop_power_by_channel(samples[:, :1].copy(), 48_000).product.shape == (0,)
