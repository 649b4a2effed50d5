"""The four characters a master can have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Preset(StrEnum):
    """What the listener should notice."""

    BALANCED = "balanced"
    WARM = "warm"
    BRIGHT = "bright"
    LOUD = "loud"


@dataclass(frozen=True)
class Character:
    """What a preset means.

    `tilt_db` maps frequencies to the gain that the preset adds to the corrected tone; `ratio` and `threshold_db` are
    those of the glue compressor, the threshold relative to each band's own level; `in_words` goes in the report.
    """

    target_lufs: float
    tilt_db: tuple[tuple[float, float], ...]
    ratio: float
    threshold_db: float
    in_words: str


CHARACTERS: dict[Preset, Character] = {
    # -14 LUFS is what the large players level to; louder songs are turned down there and have given up dynamics for
    # nothing. `loud` is for where nobody levels.
    Preset.BALANCED: Character(-14.0, ((1000.0, 0.0),), 1.5, 1.0, "no tilt: the song's own balance, evened out"),
    Preset.WARM: Character(
        -14.0,
        ((50.0, 0.7), (120.0, 1.2), (250.0, 0.9), (600.0, 0.2), (2000.0, 0.0), (5000.0, -0.8), (12_000.0, -1.6)),
        1.6,
        0.0,
        "fuller from 80 to 300 Hz, softer above 4 kHz",
    ),
    Preset.BRIGHT: Character(
        -14.0,
        ((50.0, 0.0), (200.0, -0.7), (500.0, -0.4), (1500.0, 0.0), (4000.0, 0.8), (9000.0, 1.6), (15_000.0, 1.9)),
        1.4,
        1.5,
        "leaner from 120 to 400 Hz, more presence and air above 3 kHz",
    ),
    Preset.LOUD: Character(
        -9.0,
        ((35.0, -1.5), (70.0, -0.4), (250.0, -0.8), (800.0, 0.0), (3000.0, 0.8), (8000.0, 0.6)),
        2.0,
        -2.0,
        "less sub-bass and mud, which cost headroom, and more presence, which sounds loud",
    ),
}
