"""Where instruments are at their best with a tune, MIDI (Adler, The Study of Orchestration, 3rd ed., 2002)."""

from __future__ import annotations

_RANGES = {
    "grand_piano": (57, 88),
    "felt_piano": (57, 84),
    "electric_piano": (55, 84),
    "organ": (55, 84),
    "clavinet": (50, 79),
    "acoustic_guitar": (52, 79),
    "nylon_guitar": (52, 79),
    "electric_guitar": (52, 84),
    "muted_guitar": (52, 76),
    "distorted_guitar": (50, 84),
    "harp": (52, 88),
    "violins": (55, 88),
    "cellos": (40, 69),
    "string_ensemble": (48, 84),
    "pizzicato": (52, 81),
    "solo_violin": (57, 91),
    "solo_cello": (41, 72),
    "choir_aah": (55, 79),
    "choir_ooh": (55, 79),
    "trumpet": (58, 82),
    "trombone": (46, 70),
    "horns": (46, 72),
    "brass_section": (53, 79),
    "saxophone": (52, 79),
    "flute": (62, 91),
    "clarinet": (53, 84),
    "oboe": (60, 86),
    "ocarina": (65, 86),
    "vibraphone": (57, 86),
    "marimba": (52, 86),
    "glockenspiel": (72, 96),
    "celesta": (65, 93),
    "music_box": (67, 91),
    "kalimba": (60, 84),
    "bells": (62, 88),
    "steel_drum": (60, 84),
    "vocal_chop": (57, 79),
    "fm_bell": (62, 88),
    "glass_pad": (60, 86),
}
_USUAL = (52, 88)
_LEAST = 14
"""Semitones that a tune needs."""


def tune_range(instrument: str, low: int, high: int) -> tuple[int, int]:
    """Return the lowest and highest note of a tune on an instrument, near those that a style wants.

    They are the style's where the instrument has them; else the instrument's own, or as much of it as a tune needs.
    """
    lowest, highest = _RANGES.get(instrument, _USUAL)
    first, last = max(low, lowest), min(high, highest)
    if last - first >= _LEAST:
        return first, last
    if high > highest:
        return max(highest - _LEAST, lowest), highest
    return lowest, min(lowest + _LEAST, highest)
