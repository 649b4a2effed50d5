"""Orders and what is given for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import find_peaks

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import true_peak_db
from soundrack.composition.foley import EffectOrder, effect
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.errors import Invalid

PROMPTS = (
    "",
    "🐶",
    "☂️🫥",
    "rain on a window with distant thunder",
    "유리 깨지는 소리",
    "멀리서 들리는 천둥과 빗소리",
    "a loud quiet big tiny fast slow click",
    "no rain, no wind, no thunder",
    "zzqx vvk " * 113 + "wood",
    "Ωμέγα ツ 雨",
)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_any_prompt_gives_a_sound_of_exactly_the_length_without_clipping_or_offset(prompt: str) -> None:
    made = effect(EffectOrder(prompt[:1024], 0.5, seed=4))
    assert made.samples.shape == (22_050, 2)
    assert made.samples.dtype == np.float32
    assert made.samples.flags.c_contiguous
    assert float(np.sqrt(np.mean(made.samples**2))) > 1e-3
    assert true_peak_db(made.samples, oversampling=16) <= -1.0
    assert float(np.abs(made.samples.mean(axis=0)).max()) < 1e-5
    assert made.recipes
    assert made.why


@settings(max_examples=8, deadline=None)
@given(seconds=st.floats(0.5, 2.5), loop=st.booleans(), seed=st.integers(0, 2**63 - 1))
def test_a_sound_has_as_many_frames_as_the_rounded_duration(seconds: float, loop: bool, seed: int) -> None:
    assert len(effect(EffectOrder("beep", seconds, seed, loop)).samples) == round(seconds * RATE_HZ)


@pytest.mark.parametrize("seconds", [0.01, 0.0, -1.0, 30.01, 1e9, float("nan"), float("inf")])
def test_a_duration_out_of_range_is_refused(seconds: float) -> None:
    with pytest.raises(Invalid) as raised:
        EffectOrder("rain", seconds)
    assert raised.value.field == "duration_s"


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(Invalid) as raised:
        EffectOrder("rain", 1.0, seed)
    assert raised.value.field == "seed"


@pytest.mark.parametrize("prompt", ["rain and a dog", "two knocks in a hall"])
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(prompt: str) -> None:
    first, again, other = (effect(EffectOrder(prompt, 0.6, seed)).samples for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("prompt", ["rain", "wind", "applause"])
def test_a_bed_is_at_minus_20_lufs(prompt: str) -> None:
    made = effect(EffectOrder(prompt, 3.0, seed=1)).samples
    assert integrated_lufs(hop_power(made, RATE_HZ)) == pytest.approx(-20.0, abs=0.1)


@pytest.mark.parametrize("prompt", ["explosion", "door slam", "coin"])
def test_what_happens_once_has_a_true_peak_of_minus_1_db(prompt: str) -> None:
    made = effect(EffectOrder(prompt, 1.5, seed=1)).samples
    assert true_peak_db(made, oversampling=16) == pytest.approx(-1.0, abs=0.05)


def test_what_is_distant_is_duller_than_what_is_near() -> None:
    def centre_hz(prompt: str) -> float:
        spectrum = np.abs(np.fft.rfft(effect(EffectOrder(prompt, 2.0, seed=3)).samples.mean(axis=1)))
        return float(np.sum(spectrum * np.arange(len(spectrum))) / np.sum(spectrum) / 2.0)

    assert centre_hz("distant gunshot") < 0.5 * centre_hz("gunshot")


def test_what_passes_goes_from_one_side_to_the_other() -> None:
    sound = effect(EffectOrder("car passing", 4.0, seed=3)).samples.astype(np.float64)
    early, late = (np.sum(sound[part] ** 2, axis=0) for part in (slice(0, 60_000), slice(-60_000, None)))
    assert (early[0] - early[1]) * (late[0] - late[1]) < 0.0


def test_three_knocks_are_three() -> None:
    sound = np.abs(effect(EffectOrder("three knocks on a door", 3.0, seed=2)).samples.mean(axis=1))
    level = np.convolve(sound, np.hanning(2646) / 1323.0, mode="same")
    assert len(find_peaks(level, height=0.3 * level.max(), distance=4410)[0]) == 3
