from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.audio import spectrum
from soundrack.audio.files import Sound
from soundrack.audio.spectrum import band_centres_hz, band_levels_db, mid_side_levels_db
from tests.audio.signals import tone


def test_a_third_octave_holds_the_power_of_a_tone_in_it() -> None:
    levels = band_levels_db(tone([(5.0, -20.0)]), 48_000)
    centres = band_centres_hz(48_000)
    assert levels[np.argmin(np.abs(centres - 1000.0))] == pytest.approx(-23.01, abs=0.1)
    assert np.sort(levels)[-3] < -50.0


def test_music_is_fuller_below_than_above(songs: list[Sound]) -> None:
    for song in songs:
        levels = band_levels_db(song.samples, song.rate_hz)
        centres = band_centres_hz(song.rate_hz)
        assert levels[(centres > 60) & (centres < 1000)].mean() > levels[centres > 8000].mean() + 10.0


def test_semitones_add_up_to_their_third_octaves() -> None:
    """Pink noise: even in both; four semitones, a quarter of the power each, make a third octave."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(2**20))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0)))
    samples = (0.1 * pink / pink.std()).astype(np.float32)[:, None]
    thirds, fine = band_levels_db(samples, 48_000), band_levels_db(samples, 48_000, 12)
    third_hz, fine_hz = band_centres_hz(48_000), band_centres_hz(48_000, 12)
    for centre, level in zip(third_hz, thirds, strict=True):
        inside = (fine_hz > centre * 10**-0.05) & (fine_hz < centre * 10**0.05)
        if centre > 200.0:
            assert inside.sum() == 4
            assert 10.0 * np.log10((10.0 ** (fine[inside] / 10.0)).sum()) == pytest.approx(level, abs=0.7)


def test_channels_are_averaged_however_many_there_are() -> None:
    one = tone([(3.0, -20.0)], gains=[1.0])
    for channels in (2, 3, 5):
        silent = np.zeros((len(one), channels), dtype=np.float32)
        silent[:, -1] = one[:, 0]
        expected = band_levels_db(one, 48_000).max() - 10.0 * np.log10(channels)
        assert band_levels_db(silent, 48_000).max() == pytest.approx(expected, abs=1e-3)


@given(channels=st.sampled_from([2, 2, 1]), frames=st.integers(500, 60_000), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_mid_and_side_together_hold_what_both_channels_hold(channels: int, frames: int, seed: int) -> None:
    samples = (0.1 * np.random.default_rng(seed).standard_normal((frames, channels))).astype(np.float32)
    told, both = mid_side_levels_db(samples, 48_000), band_levels_db(samples, 48_000)
    np.testing.assert_array_equal(told.centres_hz, band_centres_hz(48_000))
    if told.side_db is None:
        assert channels == 1
        np.testing.assert_array_equal(told.mid_db, both)
    else:
        total = 10.0 ** (told.mid_db / 10.0) + 10.0 ** (told.side_db / 10.0)
        np.testing.assert_allclose(10.0 * np.log10(total), both, atol=1e-6)


def test_mid_and_side_are_the_half_sum_and_the_half_difference(songs: list[Sound]) -> None:
    for song in songs:
        left, right = song.samples[:, :1], song.samples[:, -1:]
        rng = np.random.default_rng(0)
        right = right + (0.01 * rng.standard_normal(right.shape)).astype(np.float32)
        told = mid_side_levels_db(np.ascontiguousarray(np.hstack((left, right))), song.rate_hz)
        assert told.side_db is not None
        # the same windows are loud: the two halves are put where the whole is
        for level_db, part in ((told.mid_db, (left + right) / 2.0), (told.side_db, (left - right) / 2.0)):
            power = _reference_power(np.hstack((left, right)), part[:, 0], song.rate_hz)
            np.testing.assert_allclose(level_db, power, atol=0.01)


def _reference_power(
    both: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    part: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    rate_hz: int,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Third-octave levels of a signal in the windows that are loud in another, one window at a time."""
    size = spectrum._window_frames(rate_hz, 3)
    count = max(1, min(round(spectrum._MOST_S[3] * rate_hz / size), len(part) // size))
    window = np.hanning(size)
    starts = np.linspace(0, len(part) - size, count).astype(int)
    loudness = [np.square(both[start : start + size] * window[:, None]).sum() for start in starts]
    loud = [start for start, level in zip(starts, loudness, strict=True) if level >= np.median(loudness)]
    power = np.mean([np.abs(np.fft.rfft(part[start : start + size] * window)) ** 2 for start in loud], axis=0)
    power *= 2.0 / (size * np.square(window).sum())
    bins_hz = np.arange(len(power)) * rate_hz / size
    levels = []
    for centre in band_centres_hz(rate_hz):
        low, high = centre * 10**-0.05, centre * 10**0.05
        width = rate_hz / size
        share = np.clip(np.minimum(bins_hz + width / 2, high) - np.maximum(bins_hz - width / 2, low), 0.0, width)
        levels.append(10.0 * np.log10((power * share).sum() / width))
    return np.array(levels)


def test_equal_channels_have_no_side_and_opposite_ones_no_middle() -> None:
    one = (0.1 * np.random.default_rng(1).standard_normal((48_000, 1))).astype(np.float32)
    equal, opposite = (
        mid_side_levels_db(np.hstack((one, one)), 48_000),
        mid_side_levels_db(np.hstack((one, -one)), 48_000),
    )
    assert equal.side_db is not None
    assert opposite.side_db is not None
    assert (equal.side_db < equal.mid_db - 120.0).all()
    assert (opposite.mid_db < opposite.side_db - 120.0).all()
    np.testing.assert_allclose(equal.mid_db, opposite.side_db, atol=1e-3)


def test_soft_parts_do_not_count() -> None:
    loud, soft = tone([(5.0, -20.0)]), tone([(5.0, -40.0)], frequency_hz=250.0)
    levels = mid_side_levels_db(np.vstack((soft, loud)), 48_000)
    at = {hz: int(np.argmin(np.abs(levels.centres_hz - hz))) for hz in (250.0, 1000.0)}
    assert levels.mid_db[at[1000.0]] == pytest.approx(-23.01, abs=0.3)
    assert levels.mid_db[at[250.0]] < -60.0


def test_bands_far_below_the_loudest_are_not_lost() -> None:
    """Adding bins up in single precision would lose what lies 70 dB below the sum so far."""
    samples = tone([(5.0, -6.0)], frequency_hz=100.0) + tone([(5.0, -90.0)], frequency_hz=10_292.0)
    levels = band_levels_db(samples, 48_000, 12)
    centres = band_centres_hz(48_000, 12)
    assert levels[(centres > 10_000) & (centres < 10_600)].max() == pytest.approx(-93.01, abs=0.2)


def test_silence_is_told_as_nothing_at_all() -> None:
    levels = mid_side_levels_db(np.zeros((10_000, 2), dtype=np.float32), 44_100)
    assert (levels.mid_db == -200.0).all()
    assert levels.side_db is not None
    assert (levels.side_db == -200.0).all()


def test_more_than_two_channels_have_no_middle() -> None:
    with pytest.raises(ValueError, match="channels"):
        mid_side_levels_db(np.zeros((100, 3), dtype=np.float32), 48_000)
