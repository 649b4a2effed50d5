"""Songs of a few syllables, for tests of how they are sung."""

from __future__ import annotations

from collections.abc import Sequence

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.lyrics import read
from soundrack.composition.performance import Syllable

MELODY = (60, 62, 64, 65, 67, 65, 64, 62)
LINES = "Morning is over\nthe quiet water"


def sung(
    text: str = LINES,
    *,
    note_s: float = 0.4,
    pitches: Sequence[float] = MELODY,
    start_s: float = 0.6,
    rest_s: float = 0.8,
    velocity: float = 0.7,
) -> tuple[Syllable, ...]:
    """Return lyrics on notes of one length, with a rest between lines."""
    made: list[Syllable] = []
    at, word = start_s, 0
    for place, line in enumerate(line for section in read(text).sections for line in section.lines):
        for each in line.words:
            for syllable in each.syllables:
                tone = Tone(at, note_s, pitches[len(made) % len(pitches)], velocity)
                made.append(Syllable(syllable.text, syllable.sounds, syllable.stress, word, place, (tone,)))
                at += note_s
            word += 1
        at += rest_s
    return tuple(made)


def syllable(sounds: str, *tones: Tone, stress: int = 1, word: int = 0, line: int = 0) -> Syllable:
    """Return a syllable of sounds of one character each."""
    return Syllable(sounds, tuple(sounds), stress, word, line, tones)
