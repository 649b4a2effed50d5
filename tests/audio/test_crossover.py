from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from soundrack.audio.crossover import CONTROL_FRAMES, band_power, control_points, crossovers, mix_bands_in_place
from tests.audio.signals import tone
from tests.jit import both_ways

RATES_HZ = (8000, 22_050, 44_100, 48_000, 96_000, 192_000)


@st.composite
def splits(draw: st.DrawFn) -> tuple[int, tuple[float, ...]]:
    """A rate and one to four crossovers from 60 Hz up, each half as high again as the last, as a plan may ask for."""
    rate_hz = draw(st.sampled_from(RATES_HZ))
    cutoffs = [draw(st.floats(60.0, 1000.0))]
    for factor in draw(st.lists(st.floats(1.5, 8.0), max_size=3)):
        if cutoffs[-1] * factor < min(18_000.0, 0.45 * rate_hz):
            cutoffs.append(cutoffs[-1] * factor)
    return rate_hz, tuple(cutoffs)


def ones(frames: int, bands: int) -> NDArray[np.float32]:
    return np.ones((control_points(frames) + 1, bands), dtype=np.float32)


def all_passes(samples: NDArray[np.float64], rate_hz: int, cutoffs_hz: Sequence[float]) -> NDArray[np.float64]:
    """Filter by the all-pass of each crossover: a Butterworth denominator, and it backwards."""
    for cutoff_hz in cutoffs_hz:
        _, denominator = butter(2, cutoff_hz, fs=rate_hz)
        samples = sosfilt(np.concatenate((denominator[::-1], denominator))[None], samples, axis=0)
    return samples


def plain_bands(samples: NDArray[np.float64], rate_hz: int, cutoffs_hz: Sequence[float]) -> list[NDArray[np.float64]]:
    """Split the plain way, one filter after the other: low- and high-passes twice, and all-passes for what is below."""
    bands = []
    above = samples
    for number, cutoff_hz in enumerate(cutoffs_hz):
        low, high = (butter(2, cutoff_hz, kind, fs=rate_hz, output="sos") for kind in ("low", "high"))
        below = sosfilt(np.vstack((low, low)), above, axis=0)
        above = sosfilt(np.vstack((high, high)), above, axis=0)
        bands.append(all_passes(below, rate_hz, cutoffs_hz[number + 1 :]))
    return [*bands, above]


@given(split=splits(), channels=st.sampled_from([1, 2, 3, 8]), frames=st.integers(1, 60_000), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_at_unity_gain_the_split_is_nothing_but_its_all_passes(
    split: tuple[int, tuple[float, ...]], channels: int, frames: int, seed: int
) -> None:
    """Nor does a place of the song hear another: here each has a lane beside others, in the reference all have one."""
    rate_hz, cutoffs_hz = split
    samples = (0.3 * np.random.default_rng(seed).standard_normal((frames, channels))).astype(np.float32)
    expected = all_passes(samples.astype(np.float64), rate_hz, cutoffs_hz)
    mix_bands_in_place(samples, crossovers(rate_hz, cutoffs_hz), ones(frames, len(cutoffs_hz) + 1))
    np.testing.assert_allclose(samples, expected, atol=5e-6)


@given(split=splits())
@settings(max_examples=25, deadline=None)
def test_the_bands_add_up_to_the_whole_in_magnitude(split: tuple[int, tuple[float, ...]]) -> None:
    rate_hz, cutoffs_hz = split
    impulse = np.zeros((1 << 17, 1), dtype=np.float32)
    impulse[60_000] = 1.0
    mix_bands_in_place(impulse, crossovers(rate_hz, cutoffs_hz), ones(len(impulse), len(cutoffs_hz) + 1))
    np.testing.assert_allclose(20.0 * np.log10(np.abs(np.fft.rfft(impulse, axis=0))), 0.0, atol=0.001)


@given(split=splits(), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_each_band_is_that_of_a_plain_split(split: tuple[int, tuple[float, ...]], seed: int) -> None:
    rate_hz, cutoffs_hz = split
    samples = (0.1 * np.random.default_rng(seed).standard_normal((30_000, 2))).astype(np.float32)
    expected = plain_bands(samples.astype(np.float64), rate_hz, cutoffs_hz)
    for number, band in enumerate(expected):
        gains = np.zeros_like(ones(len(samples), len(expected)))
        gains[:, number] = 1.0
        alone = samples.copy()
        mix_bands_in_place(alone, crossovers(rate_hz, cutoffs_hz), gains)
        np.testing.assert_allclose(alone, band, atol=5e-6)


@given(split=splits(), channels=st.sampled_from([1, 2, 5]), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_power_told_is_that_of_each_band(split: tuple[int, tuple[float, ...]], channels: int, seed: int) -> None:
    """Within 0.05 dB, block by block, where a band is not 60 dB below the whole; before the all-passes."""
    rate_hz, cutoffs_hz = split
    samples = (0.1 * np.random.default_rng(seed).standard_normal((40_000, channels))).astype(np.float32)
    power = band_power(samples, crossovers(rate_hz, cutoffs_hz))
    above, whole = samples.astype(np.float64), len(samples) // CONTROL_FRAMES
    for number in range(len(cutoffs_hz) + 1):
        band = plain_bands(above, rate_hz, cutoffs_hz[number : number + 1])[0]
        blocks = np.square(band[: whole * CONTROL_FRAMES]).reshape(whole, -1).mean(axis=1)
        heard = blocks > 1e-8
        np.testing.assert_allclose(power[:whole, number][heard], blocks[heard], rtol=0.01)
        if number < len(cutoffs_hz):
            above = plain_bands(above, rate_hz, cutoffs_hz[number : number + 1])[1]


def test_a_gain_acts_on_its_band_alone() -> None:
    tones_hz, cutoffs_hz = (40.0, 150.0, 800.0, 4000.0, 16_000.0), (80.0, 300.0, 2000.0, 8000.0)
    for held in range(5):
        samples = np.sum([tone([(1.0, -26.0)], 44_100, frequency_hz=hz) for hz in tones_hz], axis=0)
        gains = ones(len(samples), 5)
        gains[:, held] = 0.1
        mix_bands_in_place(samples, crossovers(44_100, cutoffs_hz), gains)
        spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(44_100))) / (44_100 / 4)
        for number, hz in enumerate(tones_hz):
            gain = spectrum[int(hz)] / 0.05
            assert gain < 0.3 if number == held else 0.8 < gain < 1.1


def test_gains_run_in_straight_lines_between_their_points() -> None:
    """A constant is in the lowest band alone: what comes out is its gain."""
    frames = 20 * CONTROL_FRAMES
    gains = np.random.default_rng(0).uniform(0.1, 1.0, (21, 3)).astype(np.float32)
    samples = np.ones((200_000 + frames, 1), dtype=np.float32)
    curve = np.concatenate((np.repeat(gains[:1], control_points(200_000), axis=0), gains))
    assert len(curve) == control_points(len(samples)) + 1
    mix_bands_in_place(samples, crossovers(48_000, (10_000.0, 20_000.0)), curve)
    expected = np.interp(np.arange(frames) / CONTROL_FRAMES, np.arange(21), gains[:, 0])
    # the upper crossover's all-pass delays the gain with the band, by less than two samples at this frequency
    np.testing.assert_allclose(samples[200_000:, 0], expected, atol=0.06)


@pytest.mark.parametrize(
    "cutoffs_hz", [(), (0.0,), (500.0, 400.0), (500.0, 500.0), (4000.0,), (50.0, 60.0, 70.0, 80.0, 90.0)]
)
def test_splits_that_cannot_be_are_refused(cutoffs_hz: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no split"):
        crossovers(8000, cutoffs_hz)


def test_arrays_of_other_shapes_are_refused() -> None:
    split, silence = crossovers(48_000, (160.0, 3000.0)), np.zeros((100, 1), dtype=np.float32)
    with pytest.raises(ValueError, match="points"):
        mix_bands_in_place(silence, split, np.ones((2, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="bands"):
        mix_bands_in_place(silence, split, np.ones((3, 4), dtype=np.float32))
    with pytest.raises(ValueError, match="channels"):
        band_power(np.zeros((100, 9), dtype=np.float32), split)


def test_silence_after_a_sound_leaves_no_denormals() -> None:
    """Arithmetic on denormals is a hundred times slower, and they would leave the last filter as sound."""
    samples = np.zeros((400_000, 1), dtype=np.float32)
    samples[:1000] = 1.0
    mix_bands_in_place(samples, crossovers(48_000, (60.0, 3000.0)), ones(len(samples), 3))
    tail = np.abs(samples[200_000:])
    assert ((tail == 0.0) | (tail > np.finfo(np.float32).tiny)).all()
    assert not tail[-1000:].any()


def test_the_kernels_are_the_same_with_and_without_the_compiler() -> None:
    code = (
        "import json\n"
        "import numpy as np\n"
        "from soundrack.audio import convolution, crossover, spectrum\n"
        "rng = np.random.default_rng(0)\n"
        "told = {}\n"
        "for channels, cutoffs in ((1, (900.0,)), (2, (700.0, 1500.0)), (3, (600.0, 1000.0, 1600.0, 2600.0))):\n"
        "    x = (0.3 * rng.standard_normal((1500, channels))).astype(np.float32)\n"
        "    split = crossover.crossovers(8000, cutoffs)\n"
        "    told[f'power {channels}'] = crossover.band_power(x, split).astype(float).tolist()\n"
        "    shape = crossover.control_points(len(x)) + 1, len(cutoffs) + 1\n"
        "    crossover.mix_bands_in_place(x, split, rng.uniform(0.2, 1.0, shape).astype(np.float32))\n"
        "    told[f'mixed {channels}'] = x.astype(float).tolist()\n"
        "    told[f'levels {channels}'] = spectrum.band_levels_db(x, 8000).tolist()\n"
        "x = (0.3 * rng.standard_normal((1500, 2))).astype(np.float32)\n"
        "taps, side = rng.standard_normal((2, 101)).astype(np.float32)\n"
        "convolution.convolve_in_place(x, taps, side=side)\n"
        "told['mid and side'] = x.astype(float).tolist()\n"
        "print(json.dumps(told))\n"
    )
    compiled, plain = both_ways(code)
    assert compiled.keys() == plain.keys()
    for name, value in compiled.items():
        np.testing.assert_allclose(value, plain[name], rtol=1e-4, atol=1e-5, err_msg=name)
