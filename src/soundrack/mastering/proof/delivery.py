"""Delivery: write the master, then measure what was written.

What a customer hears is the decoded file. Dither, and far more an MP3 encoder, move peaks; by how much depends on the
song, so no fixed margin is both safe and loud. The file is therefore decoded and measured at sixteen times its rate,
and if its true peak lies above the ceiling the limiter's own ceiling is lowered by that much and the file is written
anew. A file that cannot be brought below its ceiling is not delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.encoding import BLOCK_FRAMES, NO_TAGS, Format, write_blocks
from soundrack.audio.files import Limits, read
from soundrack.audio.gain import under_gain
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.tags import Tags
from soundrack.errors import Internal
from soundrack.mastering.level import Level, Leveller
from soundrack.mastering.order import Order
from soundrack.progress import Progress

STRICT_OVERSAMPLING = 16

_MOST_ROUNDS = 4
_MARGIN_DB = {Format.WAV: 0.02, Format.FLAC: 0.02, Format.MP3: 0.3}
"""What the limiter stays below the ceiling at first: what its own interpolation can miss, and for MP3 the usual
overshoot, since a second round costs another encoding."""
_FURTHER_DB = {Format.WAV: 0.01, Format.FLAC: 0.01, Format.MP3: 0.05}
"""By how much more than the excess the limiter's ceiling is lowered for another round."""
_CLOSE_LU = 0.02


@dataclass(frozen=True)
class Delivery:
    """A written master: how it was levelled, what the decoded file measures, and in how many rounds."""

    level: Level
    measurement: Measurement
    rounds: int


def deliver(
    samples: NDArray[np.float32],
    rate_hz: int,
    destination: Path,
    order: Order,
    progress: Progress,
    *,
    tags: Tags = NO_TAGS,
) -> Delivery:
    """Bring a song to its loudness, write it, and prove the file.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song before levelling; not changed.
    rate_hz : int
        Its sample rate, which is that of the file.
    destination : Path
        Where to write.
    order : Order
        Target, ceiling and format.
    progress : Progress
        Told of each step, from 0 to 1.
    tags : Tags
        What the file says of the song: in it before it is proven.

    Raises
    ------
    Internal
        If the decoded file's true peak cannot be brought below the ceiling.
    """
    leveller = Leveller(samples, rate_hz)
    target_lufs, ceiling_db = order.loudness_lufs, order.ceiling_db - _MARGIN_DB[order.format]
    for round_ in range(1, _MOST_ROUNDS + 1):
        left = 0.1 ** (round_ - 1)  # a second round is rare: the first has nine tenths of the scale
        progress("level", 1.0 - left)
        level = leveller.level(target_lufs, ceiling_db)
        progress("write", 1.0 - 0.75 * left)
        blocks = _rendered(samples, level.curve)
        write_blocks(destination, blocks, rate_hz, samples.shape[1], order.format, tags=tags)
        progress("verify", 1.0 - 0.4 * left)
        measurement = _measured(destination, len(samples), rate_hz, samples.shape[1])
        excess_db = measurement.true_peak_db - order.ceiling_db
        if excess_db <= 0.0:
            level = replace(level, reached=level.reached and _close(measurement, order.loudness_lufs))
            return Delivery(level, measurement, round_)
        ceiling_db -= excess_db + _FURTHER_DB[order.format]
    raise Internal(f"The master's true peak stayed {excess_db:.2f} dB above the ceiling; it was not delivered.")


def _close(measurement: Measurement, target_lufs: float) -> bool:
    return abs(measurement.integrated_lufs - target_lufs) <= 0.1


def _rendered(samples: NDArray[np.float32], curve: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(samples), BLOCK_FRAMES):
        yield under_gain(samples[start : start + BLOCK_FRAMES], start, curve)


def _measured(path: Path, frames: int, rate_hz: int, channels: int) -> Measurement:
    """Decode a written master and measure it, without limits: it is ours, and as long as its source."""
    samples = frames * channels
    generous = Limits(max_duration_s=2.0 * frames / rate_hz + 1.0, max_samples=2 * samples + rate_hz, min_rate_hz=1)
    sound = read(path, replace(generous, max_rate_hz=max(generous.max_rate_hz, rate_hz)))
    return measure(sound.samples, sound.rate_hz, oversampling=STRICT_OVERSAMPLING)
