"""The meters against the standards' own signals."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import true_peak_db
from tests.audio.signals import Case, cases, surround_cases, tone


def wrong(cases: Iterable[Case]) -> list[str]:
    return [
        f"{case.name}: {name} {reading:.3f} instead of {case.expected[name][0]}"
        for case in cases
        for name, reading in case.readings().items()
        if not case.passes(name, reading)
    ]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_every_signal_of_the_standards_reads_what_they_say(rate_hz: int, channels: int) -> None:
    assert not wrong(cases(rate_hz, channels))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_every_channel_counts_as_much_as_its_place_says(rate_hz: int) -> None:
    assert not wrong(surround_cases(rate_hz))


def test_a_case_fails_where_the_reading_is_outside_its_tolerance() -> None:
    case = next(cases(48_000))
    assert case.passes("integrated", -23.09)
    assert not case.passes("integrated", -22.89)
    assert not case.passes("integrated", -math.inf)


def test_a_strict_meter_reads_at_least_the_standards_one() -> None:
    for case in cases(48_000):
        if "true_peak" in case.expected:
            assert true_peak_db(case.samples, oversampling=16) >= true_peak_db(case.samples)


@pytest.mark.parametrize("channels", range(1, 25))
def test_up_to_24_channels_are_measured(channels: int) -> None:
    """One channel among silent ones reads as it does alone; every channel is looked at."""
    alone = tone([(1.0, -20.0)], gains=[1.0])
    among = np.zeros((len(alone), channels), dtype=np.float32)
    among[:, 0] = alone[:, 0]
    weight = 1.41 if channels == 24 else 1.0  # the first of 22.2 stands at 60 degrees
    expected = integrated_lufs(hop_power(alone, 48_000)) + 10.0 * math.log10(weight)
    assert integrated_lufs(hop_power(among, 48_000)) == pytest.approx(expected, abs=1e-6)
    among[:, -1] = alone[:, 0]
    assert integrated_lufs(hop_power(among, 48_000)) >= expected
    assert true_peak_db(among) == pytest.approx(-20.0, abs=0.05)
