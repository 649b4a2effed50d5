"""The meters against the standards' own signals."""

from __future__ import annotations

import math

import pytest

from soundrack.audio.loudness import hop_power, integrated_lufs, loudness_range_lu, momentary_lufs, short_term_lufs
from soundrack.audio.true_peak import true_peak_db
from tests.audio.signals import Case, cases


def reading(name: str, case: Case) -> float:
    if name == "true_peak":
        return true_peak_db(case.samples)
    power = hop_power(case.samples, case.rate_hz)
    momentary, short_term = momentary_lufs(power), short_term_lufs(power)
    return {
        "integrated": integrated_lufs(power),
        "range": loudness_range_lu(power),
        "momentary": float(momentary.max(initial=-math.inf)),
        "short_term": float(short_term.max(initial=-math.inf)),
        # after 1 s and 3 s, where the standard wants a constant reading
        "lowest_momentary": float(momentary[60:].min(initial=math.inf)),
        "lowest_short_term": float(short_term.min(initial=math.inf)),
    }[name]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_every_signal_of_the_standards_reads_what_they_say(rate_hz: int) -> None:
    wrong = []
    for case in cases(rate_hz):
        for name, (value, below, above) in case.expected.items():
            got = reading(name, case)
            if got != value and not value - below - 1e-6 <= got <= value + above + 1e-6:
                wrong.append(f"{case.name}: {name} {got:.3f} instead of {value}")
    assert not wrong


def test_a_strict_meter_reads_at_least_the_standards_one() -> None:
    for case in cases(48_000):
        if "true_peak" in case.expected:
            assert true_peak_db(case.samples, oversampling=16) >= true_peak_db(case.samples)
