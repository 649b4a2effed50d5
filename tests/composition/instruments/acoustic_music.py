"""What acoustic instruments usually play."""

from __future__ import annotations

from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.tone import Tone

SOLOISTS = frozenset(
    {"solo_violin", "solo_cello", "trumpet", "trombone", "saxophone", "flute", "clarinet", "oboe", "ocarina"}
)
ENSEMBLES = frozenset(
    {"violins", "cellos", "string_ensemble", "choir_aah", "choir_ooh", "horns", "brass_section", "pizzicato"}
)
_LINE = (0, 2, 4, 7, 9, 7, 4, 2)
_BASS = (0, 0, 7, 5, 0, 3, 5, 7)
_CHORDS = ((0, 7, 12, 15), (-2, 5, 8, 12), (-2, 3, 7, 10), (-2, 2, 7, 10))
_FIFTHS = ((0, 7, 12),) * 4


def usual(name: str, listed: Listed, velocity: float = 0.7) -> list[Tone]:
    """Return four seconds: a bass line, a tune, power chords or chords, in the middle of the range."""
    middle = round((listed.lowest + listed.highest) / 2)
    if listed.family is Family.BASSES:
        return [Tone(0.5 * n, 0.45, 33.0 + step, velocity) for n, step in enumerate(_BASS)]
    if name in SOLOISTS:
        return [Tone(0.5 * n, 0.48, middle - 5.0 + step, velocity) for n, step in enumerate(_LINE)]
    if listed.family is Family.MALLETS:
        base = max(min(max(middle - 6, listed.lowest), 72), listed.lowest + 2)
    elif listed.family is Family.GUITARS:
        base = listed.lowest + 12
    else:
        base = min(max(middle - 10, listed.lowest), 57)
    chords = _FIFTHS if name == "distorted_guitar" else _CHORDS
    return [Tone(float(n), 0.9, float(base + step), velocity) for n, chord in enumerate(chords) for step in chord]
