"""``python -m benchmarks.conformance``: each signal of the standards, what it must read and what it reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.audio.signals import Case, cases, surround_cases

RATES_HZ = (44_100, 48_000, 96_000)


def main() -> int:
    failures = checks = 0
    print(f"{'signal':24}{'channels':>9}{'rate':>8}  {'reading':18}{'expected':>9}{'tolerance':>15}{'got':>10}")
    for case in every_case():
        for name, reading in case.readings().items():
            value, below, above = case.expected[name]
            passed = case.passes(name, reading)
            checks, failures = checks + 1, failures + (not passed)
            print(
                f"{case.name:24}{case.samples.shape[1]:9}{case.rate_hz:8}  {name:18}{value:9.2f}"
                f"{f'-{below:.2f} +{above:.2f}':>15}{reading:10.3f}  {'ok' if passed else 'FAILED'}"
            )
    print(f"{checks} checks, {failures} failed")
    return 1 if failures else 0


def every_case() -> Iterator[Case]:
    for rate_hz in RATES_HZ:
        yield from cases(rate_hz)
        yield from cases(rate_hz, channels=1)
        yield from surround_cases(rate_hz)


if __name__ == "__main__":
    sys.exit(main())
