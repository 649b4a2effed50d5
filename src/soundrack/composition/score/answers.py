"""Answers: what the lead plays where the voice rests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.plan import Role
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.line import Taste, pitched
from soundrack.composition.score.ranges import tune_range
from soundrack.composition.score.score import Note, Sung
from soundrack.composition.score.tones import scale_classes
from soundrack.composition.styles import style

_LEAST_BEATS = 2.0
_CELLS = (
    (0.0, 0.5, 1.0),
    (0.5, 1.0, 1.5),
    (0.0, 0.5, 0.75, 1.0),
    (0.5, 1.0),
    (0.0, 1.0, 1.5),
    (0.0, 0.5, 1.0, 1.5, 2.0),
)
"""When the notes of an answer begin, in beats from the beat on which it does."""
_OFTEN = 0.65
_QUIETEST = 0.4
"""Energy of a section below which the voice is left alone."""
_EPSILON = 1e-6


def answers(ground: Ground, song: Sequence[Sung]) -> tuple[Note, ...]:
    """Write the lead's answers.

    Parameters
    ----------
    ground : Ground
        The song's.
    song : sequence of Sung
        What is sung.

    Returns
    -------
    tuple of Note
        Short phrases in rests of two beats and more within sung sections, in order; the same in each section of a
        group where it rests at the same places.
    """
    player = next((each for each in ground.plan.band if each.role is Role.LEAD), None)
    if player is None or not song:
        return ()
    table = style(ground.plan.style).melody
    lowest, highest = tune_range(player.instrument, *table.lead)
    beat = ground.plan.metre.beat_quarters
    sung = [(syllable.notes[0].start, syllable.notes[-1].start + syllable.notes[-1].length) for syllable in song]
    notes: list[Note] = []
    for number, placed in enumerate(ground.sections):
        end = placed.start + placed.section.bars * ground.bar
        inside = [each for each in sung if placed.start - _EPSILON <= each[0] < end - _EPSILON]
        if not inside or placed.section.energy < _QUIETEST:
            continue
        taste = Taste(
            lowest,
            highest,
            scale_classes(ground.keys[number], ground.plan.scale),
            table.leaps,
            table.extensions,
        )
        stops = [*(start for start, _ in inside[1:]), end]
        for (_, first), last in zip(inside, stops, strict=True):
            start = -(-(first - _EPSILON) // beat) * beat
            if last - start < _LEAST_BEATS * beat - _EPSILON:
                continue
            rng = chance(ground.plan.seed, "answers", placed.section.group, round(4.0 * (start - placed.start)))
            if rng.random() < _OFTEN:
                cell = _CELLS[int(rng.integers(len(_CELLS)))]
                notes += _answer(ground, cell, start, last, taste, rng)
    return tuple(notes)


def _answer(
    ground: Ground, cell: Sequence[float], start: float, end: float, taste: Taste, rng: np.random.Generator
) -> list[Note]:
    beat = ground.plan.metre.beat_quarters
    onsets = [start + beat * each for each in cell if start + beat * each < end - 0.5 * beat - _EPSILON]
    if len(onsets) < 2:
        return []
    lengths = [second - first for first, second in pairwise(onsets)]
    lengths.append(min(beat, end - onsets[-1]))
    middle = taste.lowest + 0.55 * (taste.highest - taste.lowest)
    slots = [
        ground.slot(
            at,
            length,
            "pentatonic",
            height=middle,
            goal=frozenset(ground.chord(at).tones) if place == len(onsets) - 1 else frozenset(),
        )
        for place, (at, length) in enumerate(zip(onsets, lengths, strict=True))
    ]
    pitches = pitched(slots, taste, [], rng)
    return [
        Note(slot.start, slot.length, pitch, 0.5 + 0.1 * slot.strength)
        for slot, pitch in zip(slots, pitches, strict=True)
    ]
