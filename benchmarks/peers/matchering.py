"""Matchering, towards a reference. It knows neither a target in LUFS nor a ceiling in dBTP."""

from __future__ import annotations

import sys

import matchering  # type: ignore[import-not-found, unused-ignore]


def main(source: str, destination: str, _target: str, _ceiling: str, reference: str) -> None:
    matchering.process(target=source, reference=reference, results=[matchering.pcm24(destination)])


if __name__ == "__main__":
    main(*sys.argv[1:])
