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
from soundrack.mastering.plan import (
    Band,
    DynamicsStep,
    LoudnessStep,
    MasteringPlan,
    Phase,
    SaturationStep,
    ToneStep,
    WidthStep,
)
from soundrack.mastering.presets import Preset
from soundrack.mastering.rendering.saturation import put_back, soft_clip
from soundrack.mastering.repair.generators import Generator
from soundrack.mastering.repair.steps import (
    AirStep,
    BassStep,
    Click,
    ClicksStep,
    Line,
    LinesStep,
    MudStep,
    ShimmerStep,
    SilenceStep,
)

_RATE_HZ = 44_100
_TIMED_S = 8

_EVERYTHING = MasteringPlan(
    repair=(
        ClicksStep(clicks=(Click(channel=1, first_frame=20_000, frames=3),)),
        LinesStep(lines=(Line(frequency_hz=9000.0, depth_db=20.0),)),
        BassStep(),
        MudStep(frequency_hz=350.0, cut_db=2.0),
        ShimmerStep(from_hz=8000.0, to_hz=16_000.0),
        AirStep(cutoff_hz=15_000.0, to_hz=20_000.0, slope_db_per_octave=-10.0),
        SilenceStep(start_s=0.1, end_s=0.9),
    ),
    tone=ToneStep(mid=((100.0, 5.0), (1000.0, 0.0)), side=((1000.0, 1.0),), phase=Phase.MINIMUM),
    width=WidthStep(side=((100.0, -12.0), (200.0, 1.0))),
    dynamics=DynamicsStep(
        crossovers_hz=(160.0, 3000.0),
        bands=3 * (Band(threshold_db=-6.0, ratio=2.0, attack_ms=10.0, release_ms=100.0),),
    ),
    saturation=SaturationStep(most_db=3.0, left_db=1.0),
    loudness=LoudnessStep(target_lufs=-8.0, ceiling_db=-1.0),
)


def warm() -> float:
    """Master short synthetic sounds, so that every kernel is compiled, or loaded from its cache, and ready to fork.

    The first, untimed, go through every stage: looking for faults, resampling, limiting, rounding for MP3, and a plan
    that does everything a plan can do. Kernels take mono and stereo alike.

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
        put_back(sketch, soft_clip(sketch, _RATE_HZ, SaturationStep(most_db=3.0, left_db=0.0), 0.1, keep=True))
        master(source, destination, Order(Preset.LOUD, format=Format.MP3, rate_hz=48_000, generator=Generator.OTHER))
        write(source, _sketch(1, 2), _RATE_HZ, Format.WAV)
        master(source, destination, Order(), plan=_EVERYTHING)
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
