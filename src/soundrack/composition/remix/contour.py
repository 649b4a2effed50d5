"""New words on an old tune: what is sung moves as the source's melody did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from soundrack.composition.chance import chance
from soundrack.composition.plan import Timbre
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.line import Slot, Taste, pitched
from soundrack.composition.score.score import Note, Sung
from soundrack.composition.score.song import RANGES
from soundrack.composition.score.tones import scale_classes, tonic_triad
from soundrack.composition.styles import style

_LEAST = 0.35
"""Part of a line's syllables that must stand on notes of the melody."""
_EARLY, _LATE = 0.25, 0.75
"""Quarter notes by which a note of the melody may miss a syllable."""


def recontoured(song: Sequence[Sung], tune: Sequence[Note], floor: Ground, voice: Timbre) -> tuple[Sung, ...]:
    """Return a song whose lines go up and down as a melody does that is there at the same time.

    The rhythm is that of the words. Each note is the cheapest (`score.line`) near the melody's own, moved by octaves
    into the voice's range; lines that have no melody under them stay as they are.

    Parameters
    ----------
    song : sequence of Sung
        As it was written.
    tune : sequence of Note
        The source's melody in the remix's time.
    floor : Ground
        Chords and keys.
    voice : Timbre
        Whose range it is.
    """
    if not tune:
        return tuple(song)
    octave = _octave(tune, voice)
    rng = chance(floor.plan.seed, "remix", "contour")
    lowest, highest = RANGES[voice]
    taste = Taste(
        lowest=lowest,
        highest=highest,
        scale=scale_classes(floor.plan.key, floor.plan.scale),
        leaps=0.9,
        extensions=style(floor.plan.style).melody.extensions,
        home=tonic_triad(floor.plan.key),
    )
    made: list[Sung] = []
    for _, line in groupby(song, key=lambda each: each.line):
        syllables = list(line)
        notes = [note for each in syllables for note in each.notes]
        heights = [_height(note, tune, octave) for note in notes]
        if sum(each is not None for each in heights) < _LEAST * len(heights):
            made += syllables
            continue
        slots = [_slot(floor, note, height) for note, height in zip(notes, heights, strict=True)]
        before = [made[-1].notes[-1].pitch] if made else []
        pitches = iter(pitched(slots, taste, before, rng))
        made += [
            replace(each, notes=tuple(replace(note, pitch=next(pitches)) for note in each.notes)) for each in syllables
        ]
    return tuple(made)


def _octave(tune: Sequence[Note], voice: Timbre) -> int:
    """Return by how many semitones, in octaves, a melody is moved into a voice's range."""
    lowest, highest = RANGES[voice]
    length = sum(note.length for note in tune)
    middle = sum(note.pitch * note.length for note in tune) / length
    return 12 * round(((lowest + highest) / 2.0 - middle) / 12.0)


def _height(note: Note, tune: Sequence[Note], octave: int) -> float | None:
    near = [
        each for each in tune if each.start - _EARLY <= note.start < max(each.start + each.length, each.start + _LATE)
    ]
    if not near:
        return None
    return float(min(near, key=lambda each: (abs(each.start - note.start), each.pitch)).pitch + octave)


def _slot(floor: Ground, note: Note, height: float | None) -> Slot:
    return floor.slot(note.start, note.length, "scale", height=note.pitch if height is None else height)
