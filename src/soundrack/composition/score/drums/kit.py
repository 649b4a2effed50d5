"""The drums' names and their keys in General MIDI's drum map (General MIDI Level 1, "Percussion Key Map")."""

from __future__ import annotations

from enum import StrEnum


class Drum(StrEnum):
    """What is struck."""

    KICK = "kick"
    STICK = "stick"
    SNARE = "snare"
    CLAP = "clap"
    BRUSH = "brush"
    """Brushes stirred on the snare's head; in kits without brushes a second snare."""
    CLOSED = "closed"
    """The closed hi-hat."""
    PEDAL = "pedal"
    OPEN = "open"
    FLOOR = "floor"
    LOW_TOM = "low_tom"
    MID_TOM = "mid_tom"
    HIGH_TOM = "high_tom"
    CRASH = "crash"
    RIDE = "ride"
    BELL = "bell"
    """The ride's bell."""
    CHINA = "china"
    SPLASH = "splash"
    TAMBOURINE = "tambourine"
    COWBELL = "cowbell"
    HIGH_BONGO = "high_bongo"
    LOW_BONGO = "low_bongo"
    MUTE_CONGA = "mute_conga"
    HIGH_CONGA = "high_conga"
    LOW_CONGA = "low_conga"
    HIGH_TIMBALE = "high_timbale"
    LOW_TIMBALE = "low_timbale"
    HIGH_AGOGO = "high_agogo"
    LOW_AGOGO = "low_agogo"
    CABASA = "cabasa"
    SHAKER = "shaker"
    GUIRO = "guiro"
    CLAVES = "claves"
    HIGH_BLOCK = "high_block"
    LOW_BLOCK = "low_block"
    TRIANGLE = "triangle"


KEYS: dict[Drum, int] = {
    Drum.KICK: 36,
    Drum.STICK: 37,
    Drum.SNARE: 38,
    Drum.CLAP: 39,
    Drum.BRUSH: 40,
    Drum.CLOSED: 42,
    Drum.PEDAL: 44,
    Drum.OPEN: 46,
    Drum.FLOOR: 43,
    Drum.LOW_TOM: 45,
    Drum.MID_TOM: 47,
    Drum.HIGH_TOM: 50,
    Drum.CRASH: 49,
    Drum.RIDE: 51,
    Drum.BELL: 53,
    Drum.CHINA: 52,
    Drum.SPLASH: 55,
    Drum.TAMBOURINE: 54,
    Drum.COWBELL: 56,
    Drum.HIGH_BONGO: 60,
    Drum.LOW_BONGO: 61,
    Drum.MUTE_CONGA: 62,
    Drum.HIGH_CONGA: 63,
    Drum.LOW_CONGA: 64,
    Drum.HIGH_TIMBALE: 65,
    Drum.LOW_TIMBALE: 66,
    Drum.HIGH_AGOGO: 67,
    Drum.LOW_AGOGO: 68,
    Drum.CABASA: 69,
    Drum.SHAKER: 70,
    Drum.GUIRO: 73,
    Drum.CLAVES: 75,
    Drum.HIGH_BLOCK: 76,
    Drum.LOW_BLOCK: 77,
    Drum.TRIANGLE: 81,
}
"""The key of each."""

HANDS = frozenset({Drum.SNARE, Drum.STICK, Drum.CLAP})
"""On what the backbeat is played."""

TIMEKEEPERS = frozenset(
    {
        Drum.CLOSED,
        Drum.PEDAL,
        Drum.RIDE,
        Drum.BELL,
        Drum.SHAKER,
        Drum.TAMBOURINE,
        Drum.CABASA,
        Drum.BRUSH,
        Drum.GUIRO,
        Drum.COWBELL,
    }
)
"""What beats time, and so has three eighths where a metre has them."""
