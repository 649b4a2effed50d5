"""pedalboard's limiter alone."""

from __future__ import annotations

import sys

import pedalboard as pb  # type: ignore[import-not-found, unused-ignore]
import soundfile


def main(source: str, destination: str, ceiling: str) -> None:
    samples, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
    limited = pb.Pedalboard([pb.Limiter(float(ceiling), release_ms=100)])(samples.T.copy(), rate_hz)
    soundfile.write(destination, limited.T, rate_hz, subtype="FLOAT")


if __name__ == "__main__":
    main(*sys.argv[1:])
