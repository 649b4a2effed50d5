"""pedalboard: filters, compressor, gain and limiter, trimmed to the target.

The limiter adds make-up gain of its own, so loudness is set once more behind it.
"""

from __future__ import annotations

import sys

import numpy as np
import pedalboard as pb  # type: ignore[import-not-found, unused-ignore]
import pyloudnorm
import soundfile


def main(source: str, destination: str, target: str, ceiling: str, _reference: str | None = None) -> None:
    samples, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
    meter = pyloudnorm.Meter(rate_hz)
    shaped = pb.Pedalboard(
        [
            pb.HighpassFilter(25),
            pb.LowShelfFilter(120, 1.0),
            pb.HighShelfFilter(9000, 1.0),
            pb.Compressor(threshold_db=-20, ratio=1.8, attack_ms=15, release_ms=150),
        ]
    )(np.ascontiguousarray(samples.T), rate_hz)
    gain_db = float(target) - meter.integrated_loudness(shaped.T)
    limited = pb.Pedalboard([pb.Gain(gain_db), pb.Limiter(float(ceiling), release_ms=100)])(shaped, rate_hz)
    trim_db = float(target) - meter.integrated_loudness(limited.T)
    soundfile.write(destination, limited.T * 10.0 ** (trim_db / 20.0), rate_hz, subtype="PCM_24")


if __name__ == "__main__":
    main(*sys.argv[1:])
