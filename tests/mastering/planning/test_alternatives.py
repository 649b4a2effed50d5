"""Alternatives: the least damage among those that come as near to the target."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power
from soundrack.audio.survey import block_peaks
from soundrack.mastering.plan import LimiterStep, LoudnessStep, MasteringPlan, SaturationStep
from soundrack.mastering.planning.alternatives import best_of
from soundrack.mastering.planning.damage import Damage, alternatives_damage

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def beat() -> NDArray[np.float32]:
    """Six seconds of noise with a drum on every half second: peaks 20 dB above its loudness."""
    frames = np.arange(6 * RATE_HZ)
    envelope = 0.03 + 0.9 * np.exp(-60.0 * (frames % (RATE_HZ // 2)) / RATE_HZ)
    noise = np.random.default_rng(1).uniform(-1.0, 1.0, (len(frames), 2))
    return (noise * envelope[:, None]).astype(np.float32)


def a_plan(target_lufs: float, saturation: SaturationStep | None) -> MasteringPlan:
    return MasteringPlan(saturation=saturation, loudness=LoudnessStep(target_lufs=target_lufs, ceiling_db=-1.0))


def foreseen(plan: MasteringPlan, song: NDArray[np.float32]) -> Damage:
    power = hop_power(song, RATE_HZ)
    return alternatives_damage(block_peaks(song), power, RATE_HZ, plan.loudness, [(plan.limiter, plan.saturation)])[0]


@pytest.mark.parametrize("target_lufs", [-18.0, -14.0, -10.0, -6.0])
def test_the_plan_kept_comes_nearer_to_the_target_or_as_near_with_no_more_damage(
    beat: NDArray[np.float32], target_lufs: float
) -> None:
    given = a_plan(target_lufs, SaturationStep(most_db=3.0, left_db=3.0))
    kept = best_of(given, beat, RATE_HZ)
    was, will_be = foreseen(given, beat), foreseen(kept, beat)
    assert will_be.short_lu <= was.short_lu + 0.1
    assert will_be.total_db <= was.total_db or will_be.short_lu < was.short_lu - 0.1
    assert kept.loudness == given.loudness
    assert "best of" in kept.limiter.reason


def test_where_nothing_was_to_be_clipped_nothing_is(beat: NDArray[np.float32]) -> None:
    assert best_of(a_plan(-14.0, None), beat, RATE_HZ).saturation is None


def test_the_settings_of_the_plan_that_are_not_compared_stay(beat: NDArray[np.float32]) -> None:
    given = a_plan(-10.0, None).model_copy(update={"limiter": LimiterStep(hold_ms=7.0, oversampling=16)})
    kept = best_of(given, beat, RATE_HZ).limiter
    assert (kept.hold_ms, kept.oversampling) == (7.0, 16)
