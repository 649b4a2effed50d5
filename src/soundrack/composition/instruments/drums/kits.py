"""The kits of the catalogue."""

from __future__ import annotations

from functools import partial

from soundrack.composition.instruments.drums.keys import HIGHEST, LOWEST
from soundrack.composition.instruments.drums.kit import Kit, kit_plan
from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.tone import Instrument

_SETS = {
    "house_kit": 24,
    "techno_kit": 24,
    "trance_kit": 24,
    "breaks_kit": 0,
    "dubstep_kit": 24,
    "synthwave_kit": 25,
    "lofi_kit": 0,
    "boom_bap_kit": 0,
    "trap_kit": 25,
    "pop_kit": 8,
    "rock_kit": 16,
    "funk_kit": 0,
    "jazz_kit": 32,
    "brush_kit": 40,
    "cinematic_kit": 48,
    "reggae_kit": 0,
    "latin_percussion": 0,
    "shaker_kit": 0,
}
"""The drum sets of General MIDI Level 2 that come nearest."""


def _maker(name: str) -> Instrument:
    return Kit(kit_plan(name))


INSTRUMENTS = {
    name: Listed(Family.KITS, LOWEST, HIGHEST, number, partial(_maker, name)) for name, number in _SETS.items()
}
