from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.audio.true_peak import true_peak_db
from soundrack.mastering.plan import SaturationStep
from soundrack.mastering.rendering import saturation
from soundrack.mastering.rendering.saturation import merged, put_back, soft_clip, softened
from tests.audio.signals import tone

STEPS = st.builds(
    SaturationStep,
    most_db=st.floats(0.0, 12.0),
    left_db=st.floats(0.0, 12.0),
    knee_db=st.floats(0.1, 12.0),
    oversampling=st.sampled_from([1, 2, 4, 8]),
)


def noise(seed: int, frames: int, channels: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return np.asarray(0.2 * rng.standard_normal((frames, channels)) * rng.random((frames, 1)) ** 2, dtype=np.float32)


@given(step=STEPS, limit=st.floats(0.01, 2.0))
@settings(max_examples=100, deadline=None)
def test_the_form_is_a_smooth_bend_between_the_knee_and_its_bounds(step: SaturationStep, limit: float) -> None:
    magnitudes = np.linspace(0.0, 8.0 * limit, 40_001, dtype=np.float32)
    out = softened(magnitudes, step, limit).astype(np.float64)
    knee = limit * 10.0 ** (-step.knee_db / 20.0)
    below = magnitudes <= np.float32(knee * 0.999)
    assert (out[below] == magnitudes[below]).all()
    assert (np.diff(out) >= -1e-5 * limit).all()
    assert (out >= magnitudes * 10.0 ** (-step.most_db / 20.0) - 1e-5 * limit).all()
    assert (out <= np.maximum(limit, magnitudes * 10.0 ** (-step.most_db / 20.0)) * 1.2 + 1e-5).all()


def test_where_its_bound_allows_peaks_end_at_the_limit() -> None:
    out = softened(np.array([0.2, 1.5, 1.8], dtype=np.float32), SaturationStep(most_db=12.0, left_db=0.0), 1.0)
    assert out == pytest.approx([0.2, 1.0, 1.0], abs=0.01)


@given(seed=st.integers(0, 99), step=STEPS, channels=st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_far_from_what_is_above_the_knee_every_sample_stays_as_it_is(
    seed: int, step: SaturationStep, channels: int
) -> None:
    samples = noise(seed, 4000, channels) * np.float32(0.01)
    samples[2000:2010] = 0.9
    clipped = samples.copy()
    done = soft_clip(clipped, 44_100, step, 0.3)
    changed = np.flatnonzero((clipped != samples).any(axis=1))
    assert (changed > 2000 - 40).all()
    assert (changed < 2010 + 40).all()
    assert len(changed) > 0 or done.most_db == 0.0
    assert len(changed) == 0 or step.most_db > 0.0  # by a rounding's width, it may move others than the highest peak


@given(seed=st.integers(0, 99), step=STEPS, frames=st.integers(1, 700))
@settings(max_examples=60, deadline=None)
def test_a_block_is_clipped_as_it_is_in_the_whole_song(seed: int, step: SaturationStep, frames: int) -> None:
    """Where it lies among the blocks, and what the other channel does, makes no difference."""
    samples = np.pad(noise(seed, frames, 2), ((64, 64), (0, 0)))
    alone, padded = samples[:, :1].copy(), np.pad(samples, ((77, 0), (0, 0)))
    soft_clip(alone, 44_100, step, 0.05)
    soft_clip(padded, 44_100, step, 0.05)
    np.testing.assert_allclose(padded[77:, :1], alone, atol=2e-6)


@pytest.mark.parametrize(("oversampling", "below_db"), [(2, -60.0), (4, -85.0), (8, -100.0)])
def test_what_folds_back_lies_far_below_the_tone(oversampling: int, below_db: float) -> None:
    """5 kHz at 44.1 kHz, clipped by 3 dB: all that is no overtone of it."""
    frequency_hz, rate_hz = 5001, 44_100
    samples = tone([(3.0, 0.0)], rate_hz, frequency_hz=frequency_hz)
    done = soft_clip(samples, rate_hz, SaturationStep(most_db=12.0, left_db=0.0, oversampling=oversampling), 0.7071)
    assert done.most_db == pytest.approx(3.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[rate_hz : 2 * rate_hz, 0].astype(np.float64)))
    aliases = spectrum.copy()
    aliases[frequency_hz::frequency_hz] = aliases[0] = 0.0
    assert 20.0 * np.log10(aliases.max() / spectrum[frequency_hz]) < below_db


def test_true_peaks_come_down_to_the_limit_but_for_a_little_ringing() -> None:
    rng = np.random.default_rng(1)
    samples = np.asarray(np.convolve(rng.standard_normal(44_100), np.ones(8) / 8.0, "same")[:, None], dtype=np.float32)
    before_db = true_peak_db(samples, oversampling=16)
    limit_db = before_db - 5.0
    done = soft_clip(samples, 44_100, SaturationStep(most_db=12.0, left_db=0.0), 10.0 ** (limit_db / 20.0))
    assert limit_db - 0.5 < true_peak_db(samples, oversampling=16) < limit_db + 0.7
    assert done.most_db == pytest.approx(5.0, abs=0.3)
    assert 0.0 < done.share <= 1.0


@given(seed=st.integers(0, 99), step=STEPS)
@settings(max_examples=20, deadline=None)
def test_opposite_channels_stay_opposite_and_the_same_song_gives_the_same_bytes(
    seed: int, step: SaturationStep
) -> None:
    left = noise(seed, 3000, 1)
    one, two = np.concatenate((left, -left), axis=1), np.concatenate((left, -left), axis=1)
    soft_clip(one, 44_100, step, 0.05)
    soft_clip(two, 44_100, step, 0.05)
    assert (one[:, 0] == -one[:, 1]).all()
    assert one.tobytes() == two.tobytes()


def test_what_was_removed_is_told_where_it_was() -> None:
    samples = np.zeros((44_100, 1), dtype=np.float32)
    samples[22_250:22_260] = 0.8
    before = samples.copy()
    done = soft_clip(samples, 44_100, SaturationStep(most_db=6.0, left_db=0.0), 0.4)
    expected = np.square((before - samples)[: 100 * 441, 0].astype(np.float64)).reshape(100, 441).mean(axis=1)
    np.testing.assert_allclose(done.removed, expected, rtol=1e-5, atol=1e-14)
    assert np.flatnonzero(done.removed > 1e-6).tolist() == [50]
    assert merged(done, done).removed[50] == pytest.approx(2.0 * done.removed[50])


def test_a_clipper_that_may_take_nothing_changes_nothing() -> None:
    samples = noise(0, 1000, 2)
    before = samples.tobytes()
    done = soft_clip(samples, 44_100, SaturationStep(most_db=0.0, left_db=0.0), 0.01)
    assert (samples.tobytes(), done.most_db, done.share) == (before, 0.0, 0.0)


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        soft_clip(noise(0, 10, 1), 44_100, SaturationStep(most_db=1.0, left_db=0.0), 0.0)


def test_the_kernel_does_the_same_uncompiled() -> None:
    values = np.linspace(-2.0, 2.0, 101, dtype=np.float32)
    form = saturation._form(SaturationStep(most_db=3.0, left_db=0.0), 0.7)
    compiled, plain = np.empty_like(values), np.empty_like(values)
    saturation._fill_excess(values, len(values), form, compiled)
    getattr(saturation._fill_excess, "py_func", saturation._fill_excess)(values, len(values), form, plain)
    np.testing.assert_allclose(compiled, plain, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5000), st.sampled_from([1, 2]), st.floats(0.2, 0.9))
@settings(max_examples=40, deadline=None)
def test_what_was_clipped_can_be_put_back_bit_for_bit(seed: int, frames: int, channels: int, limit: float) -> None:
    song = np.random.default_rng(seed).standard_normal((frames, channels)).astype(np.float32)
    changed = song.copy()
    step = SaturationStep(most_db=3.0, left_db=0.0, knee_db=1.0, oversampling=4)
    first = soft_clip(changed, 44_100, step, limit, keep=True)
    second = soft_clip(changed, 44_100, step, 0.8 * limit, keep=True)
    assert not np.array_equal(changed, song) or first.share == second.share == 0.0

    put_back(changed, merged(first, second))

    assert np.array_equal(changed, song)
