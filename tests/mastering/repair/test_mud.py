from __future__ import annotations

import numpy as np
import pytest

from soundrack.errors import Invalid
from soundrack.mastering.repair import mud
from soundrack.mastering.repair.spectra import spectra
from soundrack.mastering.repair.steps import MudStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples


@pytest.mark.parametrize("number", range(5))
def test_mud_is_measured_the_more_the_more_and_lowered(number: int, songs: list[Samples]) -> None:
    excesses = [
        mud.excess_db(spectra(faults.with_mud(songs[number], RATE_HZ, gain_db), RATE_HZ)) for gain_db in (0, 4, 8, 12)
    ]
    # A peak as wide as this raises its neighbours by four tenths as much.
    np.testing.assert_allclose(np.diff(excesses), 0.6 * 4.0, atol=0.9)
    muddy = faults.with_mud(songs[number], RATE_HZ, 12.0)
    step = mud.find(spectra(muddy, RATE_HZ))
    assert step is not None
    assert f"{excesses[-1]:.1f} dB" in step.reason
    assert step.frequency_hz == pytest.approx(350.0, abs=30.0)
    assert 2.0 <= step.cut_db <= 3.0
    treated = muddy.copy()
    mud.treat(treated, RATE_HZ, step)
    assert mud.excess_db(spectra(treated, RATE_HZ)) < excesses[-1] - 1.2
    difference = np.abs(np.fft.rfft(treated[:, 0].astype(np.float64)))[::997] / np.maximum(
        np.abs(np.fft.rfft(muddy[:, 0].astype(np.float64)))[::997], 1e-3
    )
    assert difference[len(difference) // 4 :].mean() == pytest.approx(1.0, abs=0.04)  # from 4 kHz on


def test_pink_and_white_noise_have_no_mud() -> None:
    white = np.random.default_rng(0).standard_normal((10 * RATE_HZ, 1))
    spectrum = np.fft.rfft(white[:, 0])
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1.0))[:, None]
    for noise in (0.1 * white, 0.5 * pink / np.abs(pink).max()):
        looked = spectra(noise.astype(np.float32), RATE_HZ)
        assert mud.excess_db(looked) == pytest.approx(0.0, abs=0.5)
        assert mud.find(looked) is None


def test_a_cut_beyond_half_the_rate_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing to cut"):
        mud.treat(np.zeros((100, 2), dtype=np.float32), 44_100, MudStep(frequency_hz=40_000.0, cut_db=2.0))
