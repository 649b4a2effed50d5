"""From a recipe to as much sound as is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.chance import chance
from soundrack.composition.foley.character import Character
from soundrack.composition.foley.performing import performed
from soundrack.composition.foley.recipe import gesture, hit
from soundrack.composition.foley.seam import seam_percentile
from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ


@given(
    seconds=st.floats(0.01, 2.0), rate_hz=st.floats(0.1, 50.0), irregularity=st.floats(0.0, 1.0), seed=st.integers(0, 9)
)
def test_events_happen_at_least_once_and_within_the_sound(
    seconds: float, rate_hz: float, irregularity: float, seed: int
) -> None:
    take = Take(round(seconds * RATE_HZ), chance(seed, "take"), Character())
    times = take.times_s(rate_hz, irregularity)
    assert len(times) >= 1
    assert times.min() >= 0.0
    assert times.max() < take.seconds


@pytest.mark.parametrize("loop", [False, True])
def test_gestures_that_follow_each_other_fill_the_time(loop: bool) -> None:
    steady = gesture(lambda take: np.ones(take.frames), lasts_s=0.2)
    sound = performed(steady, Character(), round(0.5 * RATE_HZ), chance(1, "steady"), loop=loop)
    silent = np.all(np.abs(sound) < 0.01, axis=1)
    assert int(silent.sum()) < 0.02 * len(sound)


def test_the_tail_of_a_hit_goes_round_in_a_loop() -> None:
    ringing = hit(lambda take: np.ones(take.frames), lasts_s=0.5, every_s=1.0)
    sound = performed(ringing, Character(), round(0.5 * RATE_HZ), chance(1, "ringing"), loop=True)
    assert np.all(sound[:1000] > 0.5)


def test_a_blow_at_the_seam_of_noise_is_told_from_noise() -> None:
    noise = 0.1 * chance(1, "noise").standard_normal((RATE_HZ, 2)).astype(np.float32)
    struck = noise.copy()
    struck[:64] += 1.0
    assert seam_percentile(struck) == 100.0
    assert seam_percentile(noise) < 100.0
