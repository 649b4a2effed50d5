from __future__ import annotations

import json
import math

import numpy as np
import pytest

from soundrack.audio.files import Sound
from soundrack.audio.lanes import LANES, TILE_FRAMES
from soundrack.audio.loudness import _PRODUCT, _TOTAL, _weigh_tile, k_weighting
from soundrack.audio.measurement import measure
from tests.audio.signals import tone
from tests.jit import both_ways


def test_all_meters_agree_with_one_another_on_music(songs: list[Sound]) -> None:
    for song in songs:
        measured = measure(song.samples, song.rate_hz, oversampling=16)
        assert measured.max_momentary_lufs >= measured.max_short_term_lufs >= measured.integrated_lufs - 1.0
        assert measured.true_peak_db >= measured.sample_peak_db
        assert measured.sample_peak_db == pytest.approx(20.0 * math.log10(float(np.abs(song.samples).max())))
        assert measured.plr_db == measured.true_peak_db - measured.integrated_lufs
        assert measured.duration_s == song.info.duration_s


def test_silence_becomes_null_in_json() -> None:
    told = measure(np.zeros((48_000, 2), dtype=np.float32), 48_000).as_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["integrated_lufs"] is None
    assert told["true_peak_db"] is None
    assert told["duration_s"] == 1.0


def test_a_sine_has_the_levels_that_a_sine_has() -> None:
    measured = measure(tone([(4.0, -6.0)]), 48_000)
    assert measured.rms_db == pytest.approx(-9.01, abs=0.01)
    assert measured.crest_factor_db == pytest.approx(3.01, abs=0.01)
    assert measured.psr_db == pytest.approx(measured.true_peak_db - measured.max_short_term_lufs)
    assert measured.clipped_samples == 0
    assert measured.dc_offsets == pytest.approx((0.0, 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("gains", "correlation", "mid_db", "side_db", "loss_lu"),
    [
        ((1.0, 1.0), 1.0, -23.01, -math.inf, 0.0),
        ((1.0, -1.0), -1.0, -math.inf, -23.01, math.inf),
        ((1.0, 0.0), None, -29.03, -29.03, 3.01),
    ],
    ids=["mono", "opposite", "one side"],
)
def test_the_image_of_a_tone(
    gains: tuple[float, float], correlation: float | None, mid_db: float, side_db: float, loss_lu: float
) -> None:
    measured = measure(tone([(2.0, -20.0)], gains=gains), 48_000)
    assert measured.correlation == (None if correlation is None else pytest.approx(correlation, abs=1e-6))
    assert measured.mid_db == pytest.approx(mid_db, abs=0.01)
    assert measured.side_db == pytest.approx(side_db, abs=0.01)
    assert measured.mono_loss_lu == pytest.approx(loss_lu, abs=0.01)


def test_the_mono_loss_of_music_is_that_of_the_folded_down_song(songs: list[Sound]) -> None:
    for song in songs:
        stereo = measure(song.samples, song.rate_hz)
        folded = np.repeat(song.samples.mean(axis=1, keepdims=True), 2, axis=1)
        loss = stereo.integrated_lufs - measure(folded, song.rate_hz).integrated_lufs
        assert stereo.mono_loss_lu == pytest.approx(loss, abs=1e-4)
        assert 0.0 <= loss < 6.0


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_only_stereo_has_an_image(channels: int) -> None:
    told = measure(tone([(1.0, -20.0)], gains=[1.0] * channels), 48_000)
    assert (told.correlation, told.mid_db, told.side_db, told.mono_loss_lu) == (None, None, None, None)


def test_clipped_samples_and_offsets_are_told_per_channel() -> None:
    samples = tone([(1.0, -20.0)]) + np.array([0.25, -0.5], dtype=np.float32)
    samples[1000:1010, 1] = -1.0
    samples[2000, 0] = 1.5
    measured = measure(samples, 48_000)
    assert measured.clipped_samples == 11
    assert measured.dc_offsets == pytest.approx((0.25, -0.5), abs=1e-3)


@pytest.mark.parametrize("frames", [1, 2, 100, 19_199])
def test_a_sound_too_short_for_loudness_still_has_peaks(frames: int) -> None:
    measured = measure(np.full((frames, 2), 0.5, dtype=np.float32), 48_000)
    assert measured.integrated_lufs == -math.inf
    assert (measured.loudness_range_lu, measured.plr_db) == (0.0, -math.inf)
    assert measured.sample_peak_db == pytest.approx(-6.02, abs=0.01)


def test_denormals_are_measured_as_the_silence_they_are() -> None:
    faint = np.full((48_000, 2), 1e-42, dtype=np.float32)
    told = measure(faint, 48_000)
    assert told.integrated_lufs == -math.inf
    assert told.true_peak_db < -800.0


def test_a_decay_into_silence_leaves_no_denormals_in_the_filters() -> None:
    """Arithmetic on denormals is a hundred times slower; a filter left alone in silence would stay there for good."""
    state, tile = np.zeros(_PRODUCT + LANES), np.ones((TILE_FRAMES, LANES))
    for _ in range(3000):  # four seconds, as a 38 Hz high-pass takes to get there
        _weigh_tile(tile, TILE_FRAMES, k_weighting(48_000), state)
        tile[:] = 0.0
        filters = np.abs(state[:_TOTAL])
        assert ((filters == 0.0) | (filters > np.finfo(np.float64).tiny)).all()
    assert (filters == 0.0).all()


def test_identical_with_and_without_the_compiler() -> None:
    """Each kernel run as plain Python gives what the compiled one gives, to the last digits of single precision."""
    code = (
        "import numpy as np, json\n"
        "from soundrack.audio import biquads, crossover, dither, gain, measurement, true_peak\n"
        "rng = np.random.default_rng(0)\n"
        "x = (0.3 * rng.standard_normal((4200, 2))).astype(np.float32)\n"
        "told = measurement.measure(x, 8000, oversampling=8).as_dict()\n"
        "told['curve'] = true_peak.peak_curve(x, 0.5).astype(float).tolist()\n"
        "told['integers'] = dither.quantised(x, 24).tolist()\n"
        "split, y = crossover.crossovers(8000, (160.0, 2000.0)), x.copy()\n"
        "told['bands'] = crossover.band_power(x, split).astype(float).tolist()\n"
        "gains = rng.uniform(0.2, 1.0, (crossover.control_points(len(x)) + 1, 3)).astype(np.float32)\n"
        "crossover.mix_bands_in_place(y, split, gains)\n"
        "biquads.filter_in_place(y, np.array([biquads.peaking(500.0, 8000, 3.0, 1.0)]))\n"
        "told['mixed'] = y.astype(float).tolist()\n"
        "curve = rng.uniform(0.2, 1.0, gain.points_for(len(x))).astype(np.float32)\n"
        "told['gained'] = gain.under_gain(x, 0, curve).astype(float).tolist()\n"
        "print(json.dumps(told))\n"
    )
    compiled, plain = both_ways(code)
    assert compiled.keys() == plain.keys()
    assert compiled.pop("integers") == plain.pop("integers")
    for name, value in compiled.items():
        if value is None:
            assert plain[name] is None
        else:
            np.testing.assert_allclose(value, plain[name], rtol=1e-5, atol=1e-6, err_msg=name)
