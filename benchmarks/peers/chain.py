"""A chain of ffmpeg's filters: equaliser, compressor, gain by a measurement, limiter at four times the rate."""

from __future__ import annotations

import sys

from benchmarks.peers.alimiter import alimiter
from benchmarks.peers.tool import ffmpeg, measured_lufs, rate_hz

_SHAPE = "highpass=f=25,bass=g=1:f=120,treble=g=1:f=9000,acompressor=threshold=0.1:ratio=1.8:attack=15:release=150"


def main(source: str, destination: str, target: str, ceiling: str, _reference: str | None = None) -> None:
    gain_db = float(target) - measured_lufs(source, _SHAPE)
    filters = f"{_SHAPE},volume={gain_db:.2f}dB,{alimiter(float(ceiling), rate_hz(source))}"
    ffmpeg(source, filters, "-c:a", "pcm_s24le", destination)


if __name__ == "__main__":
    main(*sys.argv[1:])
