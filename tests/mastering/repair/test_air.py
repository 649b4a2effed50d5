from __future__ import annotations

import numpy as np
import pytest

from soundrack.mastering.repair import air
from soundrack.mastering.repair.generators import PROFILES, Generator
from soundrack.mastering.repair.spectra import spectra
from soundrack.mastering.repair.steps import AirStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples

PROFILE = PROFILES[Generator.OTHER]


def found(song: Samples, rate_hz: int = RATE_HZ) -> AirStep | None:
    return air.find(spectra(song, rate_hz), PROFILE)


def band_db(song: Samples, low_hz: float, high_hz: float) -> float:
    looked = spectra(song, RATE_HZ)
    within = (looked.frequencies_hz >= low_hz) & (looked.frequencies_hz < high_hz)
    return float(10.0 * np.log10(looked.mean_power()[within].sum()))


@pytest.mark.parametrize("cutoff_hz", [8000.0, 11_000.0, 13_000.0])
@pytest.mark.parametrize("number", range(5))
def test_a_band_limit_is_found_in_its_place_and_filled_as_the_song_was(
    number: int, cutoff_hz: float, songs: list[Samples]
) -> None:
    song = songs[number]
    cut = faults.without_air(song, RATE_HZ, cutoff_hz)
    step = found(cut)
    assert step is not None
    assert step.cutoff_hz == pytest.approx(cutoff_hz, abs=250.0)
    treated = cut.copy()
    air.treat(treated, RATE_HZ, step)
    band = cutoff_hz + 400.0, min(step.to_hz - 200.0, 1.5 * cutoff_hz)
    assert band_db(cut, *band) < band_db(song, *band) - 60.0
    assert band_db(treated, *band) == pytest.approx(band_db(song, *band) - 3.0, abs=8.0)
    assert found(treated) is None
    # Nothing else is touched: what was added lies above the limit.
    added = treated - cut
    assert band_db(added, 0.0, cutoff_hz - 300.0) < band_db(added, *band) - 40.0


def test_what_is_added_follows_the_song_in_time() -> None:
    rng = np.random.default_rng(0)
    on = np.repeat(np.array([1.0, 0.0] * 10), RATE_HZ // 2)
    song = (0.1 * rng.standard_normal((len(on), 2))).astype(np.float32)
    cut = faults.without_air(song, RATE_HZ, 10_000.0) * on[:, None].astype(np.float32)
    treated = cut.copy()
    air.treat(treated, RATE_HZ, AirStep(cutoff_hz=10_000.0, to_hz=15_000.0, slope_db_per_octave=-6.0))
    added = np.square((treated - cut).astype(np.float64)).sum(axis=1).reshape(20, -1)
    margin = RATE_HZ // 20
    assert added[1::2, margin:-margin].mean() < 1e-6 * added[0::2, margin:-margin].mean()


@pytest.mark.parametrize(("slope", "amount_db"), [(-12.0, -3.0), (-12.0, 3.0), (-3.0, 0.0)])
def test_the_amount_and_the_slope_are_those_of_the_step(slope: float, amount_db: float) -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal((10 * RATE_HZ, 1))).astype(np.float32)
    cut = faults.without_air(noise, RATE_HZ, 8000.0)
    treated = cut.copy()
    air.treat(
        treated, RATE_HZ, AirStep(cutoff_hz=8000.0, to_hz=12_000.0, slope_db_per_octave=slope, amount_db=amount_db)
    )
    # From 5 to 6 kHz comes 9 to 10 kHz.
    moved = band_db(treated, 9000.0, 10_000.0) - band_db(cut, 5000.0, 6000.0)
    assert moved == pytest.approx(amount_db + slope * np.log2(9.5 / 5.5), abs=0.4)


def test_left_and_right_stay_apart() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal((5 * RATE_HZ, 2))).astype(np.float32)
    noise[:, 1] = 0.0
    step = AirStep(cutoff_hz=8000.0, to_hz=12_000.0, slope_db_per_octave=-6.0)
    both, left = noise.copy(), np.ascontiguousarray(noise[:, :1])
    air.treat(both, RATE_HZ, step)
    air.treat(left, RATE_HZ, step)
    assert np.abs(both[:, 1]).max() < 1e-6
    np.testing.assert_allclose(both[:, 0], left[:, 0], atol=1e-6)


@pytest.mark.parametrize("taps", [5, 9])
def test_a_song_that_is_merely_dark_lacks_nothing(taps: int, songs: list[Samples]) -> None:
    assert all(found(faults.without_air(song, RATE_HZ, 9000.0, taps)) is None for song in songs)


def test_a_limit_that_few_can_hear_is_none() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal((5 * 96_000, 1))).astype(np.float32)
    assert found(faults.without_air(noise, 96_000, 20_000.0), 96_000) is None
    step = found(faults.without_air(noise, 96_000, 16_000.0), 96_000)
    assert step is not None
    assert step.to_hz == 20_000.0


def test_more_than_an_octave_is_filled_without_a_gap() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal((5 * RATE_HZ, 1))).astype(np.float32)
    treated = faults.without_air(noise, RATE_HZ, 5000.0)
    air.treat(treated, RATE_HZ, AirStep(cutoff_hz=5000.0, to_hz=14_000.0, slope_db_per_octave=0.0, amount_db=0.0))
    levels = [band_db(treated, low, low + 500.0) for low in range(5500, 13_500, 500)]
    assert max(levels) - min(levels) < 1.5
