"""What is measured, and how."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.files import read
from soundrack.audio.resampling import resampled

RATE_HZ = 44_100
DURATION_S = 240

Result = TypeVar("Result")


def song_of_four_minutes() -> NDArray[np.float32]:
    """Real music, one recording after the other."""
    parts = [read(track) for track in sorted(tracks_dir().rglob("*.opus"))[:9]]
    whole = np.concatenate([resampled(part.samples, part.rate_hz, RATE_HZ) for part in parts])
    return np.ascontiguousarray(whole[: DURATION_S * RATE_HZ])


def clicks(seconds: int) -> NDArray[np.float32]:
    """Short bursts of noise in near silence: what an encoder of spectra smears the most."""
    frames, burst = seconds * RATE_HZ, 3000
    rng = np.random.default_rng(0)
    samples = 1e-4 * rng.standard_normal((frames, 2))
    for start in range(5000, frames - burst, 9000):
        samples[start : start + burst] += (
            0.25 * np.exp(-np.arange(burst) / 300.0)[:, None] * rng.standard_normal((burst, 2))
        )
    return np.clip(samples, -0.95, 0.95).astype(np.float32)


def timed(work: Callable[[], Result], runs: int = 3) -> tuple[float, Result]:
    """Return the CPU seconds of the fastest of some runs, and the result."""
    fastest_s = math.inf
    for _ in range(runs):
        started_s = time.process_time()
        result = work()
        fastest_s = min(fastest_s, time.process_time() - started_s)
    return fastest_s, result


def row(name: str, *values: str) -> None:
    """Print a line of a table."""
    print(f"{name:44}" + "".join(f"{value:>13}" for value in values))
