"""The synthesisers of the catalogue, patch by patch."""

from __future__ import annotations

from functools import partial

from soundrack.composition.general_midi import program
from soundrack.composition.instruments.fm import FmSynthesiser, fm_patch
from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.noise import Texture, air, rain, vinyl
from soundrack.composition.instruments.patch import patch
from soundrack.composition.instruments.synthesiser import Synthesiser
from soundrack.composition.instruments.tone import Instrument
from soundrack.composition.instruments.transitions import (
    Transition,
    downlifter,
    impact,
    reverse_cymbal,
    riser,
    sweep,
)

_RANGES: dict[str, tuple[Family, int, int]] = {
    "sub_bass": (Family.BASSES, 24, 55),
    "synth_bass": (Family.BASSES, 24, 60),
    "acid_bass": (Family.BASSES, 28, 67),
    "reese_bass": (Family.BASSES, 24, 55),
    "wobble_bass": (Family.BASSES, 24, 55),
    "808_bass": (Family.BASSES, 24, 55),
    "super_saw": (Family.LEADS, 36, 96),
    "saw_lead": (Family.LEADS, 36, 96),
    "square_lead": (Family.LEADS, 36, 96),
    "pluck": (Family.LEADS, 36, 96),
    "arp_synth": (Family.LEADS, 36, 96),
    "stab": (Family.LEADS, 36, 84),
    "vocal_chop": (Family.LEADS, 43, 84),
    "warm_pad": (Family.PADS, 36, 88),
    "glass_pad": (Family.PADS, 48, 96),
    "wavetable_pad": (Family.PADS, 36, 88),
    "dark_drone": (Family.PADS, 24, 67),
}


_TEXTURES = {"vinyl_noise": (vinyl, -18.7), "rain": (rain, -24.1), "air": (air, -23.4)}
_TRANSITIONS = {
    "riser": (riser, -12.9),
    "downlifter": (downlifter, -12.4),
    "impact": (impact, -4.3),
    "reverse_cymbal": (reverse_cymbal, -27.5),
    "sweep": (sweep, -11.6),
}
"""What makes them, and the level in dB that brings it to `Tone`'s."""


def _maker(name: str) -> Instrument:
    return Synthesiser(patch(name))


def _bell() -> Instrument:
    return FmSynthesiser(fm_patch("fm_bell"))


def _texture(name: str) -> Instrument:
    return Texture(*_TEXTURES[name])


def _transition(name: str) -> Instrument:
    return Transition(*_TRANSITIONS[name])


INSTRUMENTS = {
    **{
        name: Listed(family, lowest, highest, program(name), partial(_maker, name))
        for name, (family, lowest, highest) in _RANGES.items()
    },
    "fm_bell": Listed(Family.LEADS, 48, 100, program("fm_bell"), _bell),
    **{name: Listed(Family.TEXTURES, 0, 127, program(name), partial(_texture, name)) for name in _TEXTURES},
    **{name: Listed(Family.TRANSITIONS, 36, 84, program(name), partial(_transition, name)) for name in _TRANSITIONS},
}
