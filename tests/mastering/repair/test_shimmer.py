from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.mastering.repair import shimmer
from soundrack.mastering.repair.generators import PROFILES, Generator
from soundrack.mastering.repair.steps import ShimmerStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples

PROFILE = PROFILES[Generator.OTHER]


def power_db(samples: Samples | NDArray[np.float64]) -> float:
    return float(10.0 * np.log10(np.square(samples, dtype=np.float64).mean()))


@pytest.mark.parametrize("number", range(5))
def test_shimmer_is_found_the_more_of_it_the_more_and_mostly_taken_down(number: int, songs: list[Samples]) -> None:
    song = songs[number]
    percents = [shimmer.hot_percent(song, RATE_HZ, 8000.0, 15_000.0)]
    for per_second in (40, 80, 160):
        shimmering = faults.with_shimmer(song, RATE_HZ, per_second, 10.0)
        percents.append(shimmer.hot_percent(shimmering, RATE_HZ, 8000.0, 15_000.0))
    assert percents == sorted(percents)
    step = shimmer.find(shimmering, RATE_HZ, PROFILE)
    assert step is not None
    assert f"{percents[-1]:.1f} %" in step.reason
    treated = shimmering.copy()
    shimmer.treat(treated, RATE_HZ, step)
    assert power_db(treated - song) < power_db(shimmering - song) - 3.0
    assert shimmer.hot_percent(treated, RATE_HZ, 8000.0, 15_000.0) < percents[-1]


def test_below_the_range_nothing_changes(songs: list[Samples]) -> None:
    shimmering = faults.with_shimmer(songs[0], RATE_HZ, 100, 10.0)
    treated = shimmering.copy()
    shimmer.treat(treated, RATE_HZ, ShimmerStep(from_hz=8000.0, to_hz=15_000.0))
    change = np.abs(np.fft.rfft((treated - shimmering)[:, 0].astype(np.float64))) ** 2
    split = round(7500 / RATE_HZ * len(shimmering))
    assert 10.0 * np.log10(change[:split].sum() / change[split:].sum()) < -40.0


@pytest.mark.parametrize("most_db", [1.0, 6.0])
def test_a_lone_tone_is_lowered_by_the_most_that_is_allowed_and_its_surroundings_are_left(most_db: float) -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    noise = 1e-4 * np.random.default_rng(0).standard_normal((len(time_s), 2))
    burst = 0.05 * np.sin(2.0 * np.pi * 11_000.0 * time_s) * (np.abs(time_s - 2.0) < 0.2)
    sound = (noise + burst[:, None]).astype(np.float32)
    treated = sound.copy()
    shimmer.treat(treated, RATE_HZ, ShimmerStep(most_db=most_db))
    middle = slice(round(1.9 * RATE_HZ), round(2.1 * RATE_HZ))
    assert power_db(sound[middle]) - power_db(treated[middle]) == pytest.approx(most_db, abs=0.1)
    assert power_db(treated[:RATE_HZ] - sound[:RATE_HZ]) < power_db(noise) - 20.0


def test_where_nothing_stands_out_every_bit_is_kept() -> None:
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = (0.5 * np.sin(2.0 * np.pi * 440.0 * time_s)).astype(np.float32)[:, None]
    tone[: RATE_HZ // 2] = 0.0
    clean = tone.copy()
    clean[RATE_HZ:, 0] += (0.01 * np.sin(2.0 * np.pi * 10_000.0 * time_s[RATE_HZ:])).astype(np.float32)
    treated = clean.copy()
    shimmer.treat(treated, RATE_HZ, ShimmerStep(from_hz=8000.0, to_hz=15_000.0))
    assert (treated[: RATE_HZ // 2 - 1024] == clean[: RATE_HZ // 2 - 1024]).all()
    assert (treated[RATE_HZ + 2000 :] != clean[RATE_HZ + 2000 :]).any()


def test_at_a_rate_without_that_treble_there_is_none() -> None:
    assert shimmer.find(np.ones((16_000, 1), dtype=np.float32), 16_000, PROFILE) is None
