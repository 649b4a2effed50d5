"""ffmpeg's limiter alone, at four times the rate, since it knows sample peaks only."""

from __future__ import annotations

import sys

from benchmarks.peers.tool import ffmpeg, rate_hz


def alimiter(ceiling_db: float, rate_hz: int) -> str:
    """Return the filters."""
    limit = 10.0 ** (ceiling_db / 20.0)
    return f"aresample={4 * rate_hz},alimiter=limit={limit:.6f}:attack=5:release=50:level=0,aresample={rate_hz}"


def main(source: str, destination: str, ceiling: str) -> None:
    ffmpeg(source, alimiter(float(ceiling), rate_hz(source)), "-c:a", "pcm_f32le", destination)


if __name__ == "__main__":
    main(*sys.argv[1:])
