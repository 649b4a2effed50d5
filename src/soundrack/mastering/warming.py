"""Warming: run everything once, so that no job compiles."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio import biquads
from soundrack.audio.encoding import Format, write
from soundrack.audio.portrait import portrait
from soundrack.mastering.engine import master
from soundrack.mastering.order import Order
from soundrack.mastering.presets import Preset

_RATE_HZ = 44_100
_TIMED_S = 8


def warm() -> float:
    """Master short synthetic sounds, so that every kernel is compiled, or loaded from its cache, and ready to fork.

    The first, untimed, goes through every stage: resampling, limiting, rounding for MP3. Kernels take mono and stereo
    alike, so one of each is enough.

    Returns
    -------
    float
        How fast this machine masters: seconds of audio per second of CPU time, 44.1 kHz stereo to WAV, when warm.
    """
    with tempfile.TemporaryDirectory(prefix="soundrack-warm-") as folder:
        source, destination = Path(folder, "source.wav"), Path(folder, "master")
        sketch = _sketch(1, 1)
        write(source, sketch, _RATE_HZ, Format.WAV)
        portrait(sketch, _RATE_HZ)
        biquads.filter_in_place(sketch, biquads.high_pass(30.0, _RATE_HZ)[None])
        master(source, destination, Order(Preset.LOUD, format=Format.MP3, rate_hz=48_000))
        write(source, _sketch(_TIMED_S, 2), _RATE_HZ, Format.WAV)
        started_s = time.process_time()
        master(source, destination, Order())
        return _TIMED_S / (time.process_time() - started_s)


def _sketch(seconds: int, channels: int) -> NDArray[np.float32]:
    """Return something with the peaks and the spectrum of music: brown noise with a beat, a second of it repeated."""
    noise = np.random.default_rng(0).standard_normal((_RATE_HZ, channels))
    brown = np.cumsum(noise, axis=0)
    brown[64:] = brown[64:] - brown[:-64]
    beat = np.exp(-5.0 * (np.arange(_RATE_HZ) % (_RATE_HZ // 2)) / _RATE_HZ)[:, None]
    second = 0.5 * brown / np.abs(brown).max() * beat + 0.002 * noise
    return np.tile(second.astype(np.float32), (seconds, 1))
