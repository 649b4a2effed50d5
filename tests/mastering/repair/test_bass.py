from __future__ import annotations

import numpy as np
import pytest

from soundrack.mastering.repair import bass
from soundrack.mastering.repair.spectra import spectra
from soundrack.mastering.repair.steps import BassStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples


def bass_db(song: Samples) -> float:
    """Power from 20 to 120 Hz, the mean of the channels."""
    power = np.square(np.abs(np.fft.rfft(song.astype(np.float64), axis=0))).mean(axis=1)
    hz = len(song) / RATE_HZ
    return float(10.0 * np.log10(power[round(20.0 * hz) : round(120.0 * hz)].sum()))


def as_mono(song: Samples) -> Samples:
    return np.asarray(song.mean(axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("delay_ms", [4.0, 6.0, 8.0])
@pytest.mark.parametrize("number", range(5))
def test_bass_that_mono_loses_is_found_with_its_loss_and_comes_back(
    number: int, delay_ms: float, songs: list[Samples]
) -> None:
    bad = faults.with_bass_out_of_phase(songs[number], RATE_HZ, delay_ms)
    step = bass.find(spectra(bad, RATE_HZ))
    assert step is not None
    lost_db = bass_db(bad) - bass_db(as_mono(bad))
    told_db = float(step.reason.split("loses ")[1].split(" dB")[0])
    assert told_db == pytest.approx(lost_db, abs=1.5)
    treated = bad.copy()
    bass.treat(treated, RATE_HZ, step)
    assert bass.find(spectra(treated, RATE_HZ)) is None
    assert bass_db(treated) - bass_db(as_mono(treated)) < 0.3
    assert bass_db(treated) == pytest.approx(bass_db(bad), abs=1.5)
    change = spectra(treated - bad, RATE_HZ)
    assert 10.0 * np.log10(change.mean_power()[change.frequencies_hz > 300.0].sum()) < -70.0


def test_opposite_bass_is_made_one_from_the_side(songs: list[Samples]) -> None:
    bad = faults.with_bass_opposite(songs[1], RATE_HZ)
    step = bass.find(spectra(bad, RATE_HZ))
    assert step is not None
    assert step.keep == "side"
    treated = bad.copy()
    bass.treat(treated, RATE_HZ, step)
    assert bass_db(as_mono(treated)) == pytest.approx(bass_db(bad), abs=1.0)


def test_bass_on_one_side_is_not_out_of_phase(songs: list[Samples]) -> None:
    panned = songs[1] * np.array([1.0, 0.0], dtype=np.float32)
    assert bass.find(spectra(panned, RATE_HZ)) is None


def test_where_there_is_no_bass_none_is_out_of_phase() -> None:
    treble = faults._high_passed(
        np.random.default_rng(0).standard_normal((4 * RATE_HZ, 2)).astype(np.float32) * np.float32(0.1), RATE_HZ, 400.0
    )
    assert bass.find(spectra(treble, RATE_HZ)) is None


def test_a_mono_song_is_left_alone(songs: list[Samples]) -> None:
    mono = np.ascontiguousarray(as_mono(songs[0]))
    treated = mono.copy()
    bass.treat(treated, RATE_HZ, BassStep())
    assert (treated == mono).all()
    assert bass.find(spectra(mono, RATE_HZ)) is None
