"""Warming: play everything once, so that no job compiles."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.effects import (
    compressor,
    crusher,
    delay,
    ducking,
    gate,
    modulation,
    phaser,
    reverb,
    saturation,
    sweep,
    transients,
)
from soundrack.composition.effects.sound import curve
from soundrack.composition.engine import compose
from soundrack.composition.instruments.catalogue import catalogue
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.orders import Order
from soundrack.composition.outputs import Outputs

_SHORT_FRAMES = 4096
_LYRICS = "[Chorus]\nWarm the strings and warm the room"


def warm() -> None:
    """Run every effect and instrument, and make a short song, so that all kernels are compiled, or loaded from their
    cache, and what they need is computed and ready to fork."""
    sound = np.zeros((_SHORT_FRAMES, 2), dtype=np.float32)
    sound[64] = 0.5
    reverb.process(sound, reverb.SPACES["spring"])
    delay.process(sound, delay.Echo(0.02))
    modulation.process(sound, modulation.CHORUS)
    phaser.process(sound, phaser.Phaser())
    saturation.process(sound, saturation.Saturation(saturation.Curve.TUBE, 12.0))
    crusher.process(sound, 8.0, 11_025.0)
    compressor.process(sound, compressor.Compression(-20.0, 4.0))
    gate.process(sound, gate.Gate())
    ducking.presence(sound)
    sweep.process(sound, curve(_SHORT_FRAMES, (0.0, 0.1), (200.0, 2000.0)))
    transients.process(sound, 3.0)
    for name, listed in catalogue().items():
        pitch = (listed.lowest + listed.highest) / 2.0
        listed.make().play([Tone(0.0, 0.05, pitch, 0.7)], RATE_HZ // 10, chance(0, "warming", name))
    with tempfile.TemporaryDirectory(prefix="soundrack-warm-") as folder:
        compose(Order("pop", lyrics=_LYRICS, duration_s=10.0), Outputs(Path(folder, "song.flac")))
