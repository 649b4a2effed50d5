"""THD+N, held against tones whose distortion is known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.distortion import analysed, sine


@pytest.mark.parametrize("frequency_hz", [40.0, 100.0, 997.0])
def test_a_harmonic_is_read_at_its_level(frequency_hz: float) -> None:
    tone = sine(frequency_hz, -6.0) + sine(3.0 * frequency_hz, -56.0) + np.float32(0.01)
    thdn_db, level_db = analysed(tone, frequency_hz)
    assert thdn_db == pytest.approx(-50.0, abs=0.01)
    assert level_db == pytest.approx(-6.0, abs=0.001)


def test_a_pure_tone_has_none_but_the_rounding_of_its_samples() -> None:
    thdn_db, _ = analysed(sine(997.0, -3.0), 997.0)
    assert thdn_db < -140.0
