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
    equaliser,
    gate,
    modulation,
    phaser,
    reverb,
    saturation,
    stereo,
    sweep,
    transients,
)
from soundrack.composition.effects.sound import curve
from soundrack.composition.engine import compose
from soundrack.composition.instruments.catalogue import catalogue
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.orders import Order
from soundrack.composition.outputs import Outputs
from soundrack.composition.performance import Syllable
from soundrack.composition.plan import Timbre
from soundrack.composition.separation import split
from soundrack.composition.voice import Voice, available, sing

_SHORT_FRAMES = 4096
_PLAYED = {
    "grand_piano": 60.0,
    "electric_piano": 60.0,
    "organ": 60.0,
    "distorted_guitar": 60.0,
    "choir_aah": 60.0,
    "sub_bass": 36.0,
    "fm_bell": 72.0,
    "riser": 60.0,
    "rock_kit": 49.0,
}
"""Who needs all kernels together, and what they play."""
_LYRICS = "[Chorus]\nWarm it"


def warm() -> None:
    """Use every kernel of songs, samples, effects, voices and stems, so that all are compiled or loaded, ready to fork.

    Remixes, cuts and songs like a recording need `soundrack.analysis.warm` besides.
    """
    _effects()
    for name, pitch in _PLAYED.items():
        player = catalogue()[name].make()
        player.play([Tone(0.0, 0.05, pitch, 0.7)], RATE_HZ // 10, chance(0, "warming", name))
    split(np.zeros((RATE_HZ, 2), dtype=np.float32))
    with tempfile.TemporaryDirectory(prefix="soundrack-warm-") as folder:
        compose(Order("pop", lyrics=_LYRICS, duration_s=4.0), Outputs(Path(folder, "song.flac")))
    syllable = Syllable("a", ("ɑ",), 1, 0, 0, (Tone(0.2, 0.1, 60.0, 0.7),))
    for singer in sorted({Voice.FORMANTS, available()}):
        frames, rng = RATE_HZ // 2, chance(0, "warming", singer)
        sing([syllable], timbre=Timbre.FEMALE, language="en", frames=frames, rng=rng, voice=singer)


def _effects() -> None:
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
    stereo.process(sound, 0.5)
    equaliser.dipped(sound, 2000.0, 3.0, 1.0, curve(_SHORT_FRAMES, (0.0, 0.1), (0.0, 1.0)))
