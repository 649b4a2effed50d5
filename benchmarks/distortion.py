"""``python -m benchmarks.mastering --distortion``: what limiters add to a steady tone that they must turn down.

A sine is given to each limiter so many dB above its ceiling. THD+N is everything in two settled seconds of the output
but the sine itself (least squares at its known frequency) and a constant, relative to the sine, over the whole band.
Where a limiter's hold is longer than half a period, a steady sine passes with a steady gain; 40 Hz is for those that
hold for less.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.contender import Failed, run
from benchmarks.peers import LIMITERS, Peer
from soundrack.audio.gain import under_gain
from soundrack.audio.true_peak import peak_curve
from soundrack.mastering.rendering.limiter import limiting_curve

_RATE_HZ = 44_100
_SECONDS, _SETTLED_S = 6, 3
_CEILING_DB = -6.0
_FREQUENCIES_HZ, _REDUCTIONS_DB = (40.0, 100.0, 997.0), (3.0, 6.0)


def main() -> None:
    print(f"THD+N in dB of a sine so far above a ceiling of {_CEILING_DB:g} dBTP, and how far its own level moved\n")
    columns = [(hz, db) for hz in _FREQUENCIES_HZ for db in _REDUCTIONS_DB]
    print(f"{'':20}" + "".join(f"{f'{hz:g} Hz, {db:g} dB':>18}" for hz, db in columns))
    row("soundrack", _ours, columns)
    for peer in LIMITERS:
        if (missing := peer.missing()) is not None:
            print(f"{peer.name:20}{missing}")
        else:
            row(peer.name, partial(_theirs, peer), columns)


def row(
    name: str, limited: Callable[[NDArray[np.float32]], NDArray[np.float32]], columns: list[tuple[float, float]]
) -> None:
    """Print one limiter's line."""
    cells = []
    for frequency_hz, above_db in columns:
        tone = sine(frequency_hz, _CEILING_DB + above_db)
        try:
            thdn_db, level_db = analysed(limited(tone), frequency_hz)
        except Failed as error:
            print(f"{name:20}{error}")
            return
        cells.append(f"{thdn_db:.1f} ({level_db - (_CEILING_DB + above_db):+.2f})")
    print(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells))


def sine(frequency_hz: float, level_db: float) -> NDArray[np.float32]:
    """Return a stereo sine of a peak level in dB, faded in over 10 ms."""
    time_s = np.arange(_SECONDS * _RATE_HZ) / _RATE_HZ
    tone = 10.0 ** (level_db / 20.0) * np.sin(2.0 * np.pi * frequency_hz * time_s) * np.minimum(time_s / 0.01, 1.0)
    return np.ascontiguousarray(np.stack([tone, tone], axis=1), dtype=np.float32)


def analysed(samples: NDArray[np.float32], frequency_hz: float) -> tuple[float, float]:
    """Return THD+N and the sine's peak level, in dB, of a settled stretch of the first channel."""
    tail = samples[_SETTLED_S * _RATE_HZ : (_SECONDS - 1) * _RATE_HZ, 0].astype(np.float64)
    angle = 2.0 * np.pi * frequency_hz * np.arange(len(tail)) / _RATE_HZ
    basis = np.stack([np.sin(angle), np.cos(angle), np.ones_like(angle)], axis=1)
    found, *_ = np.linalg.lstsq(basis, tail)
    rest = tail - basis @ found
    level = float(np.hypot(found[0], found[1]))
    return 20.0 * float(np.log10(np.sqrt(2.0 * np.mean(rest**2)) / level)), 20.0 * float(np.log10(level))


def _ours(tone: NDArray[np.float32]) -> NDArray[np.float32]:
    ceiling = 10.0 ** (_CEILING_DB / 20.0)
    return under_gain(tone, 0, limiting_curve(peak_curve(tone, ceiling), ceiling, _RATE_HZ))


def _theirs(peer: Peer, tone: NDArray[np.float32]) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
        source, destination = Path(folder, "tone.wav"), Path(folder, "limited.wav")
        soundfile.write(source, tone, _RATE_HZ, subtype="FLOAT")
        run(peer.command(str(source), str(destination), f"{_CEILING_DB:g}"))
        samples, _ = soundfile.read(destination, dtype="float32", always_2d=True)
    return np.asarray(samples, dtype=np.float32)


if __name__ == "__main__":
    main()
