"""A line's pitches: of all that fit its rhythm, the one that costs least.

What a listener expects of a melody is written as costs, and the cheapest line is found by dynamic programming over
pairs of notes: small steps, leaps that are filled in (Narmour's gap fill; Huron, Sweet Anticipation, 2006, ch. 5),
chord tones where the beat is strong and other notes left by step (Temperley, The Cognition of Basic Musical Structures,
2001, ch. 5), the motif's own steps, the phrase's arch, the cadence's note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]

_NEVER = 1e6
_REPEATED = 1.2
_INTERVALS = (0.0, 0.0, 0.0, 0.45, 0.7, 0.9, 4.5, 1.1, 2.2, 2.4, 4.0, 7.0, 2.6)
"""By semitones."""
_MOTIF = 0.9
_HEIGHT, _FAR = 0.1, 0.012
_DISSONANT, _AVOIDED = 3.2, 2.4
_LEFT_BY_LEAP, _ENTERED_BY_LEAP = 2.2, 1.0
_CADENCE = 3.5
_ABROAD = 0.45
_ABOVE = 1.6
_CHANCE = 0.3
_APPROACH = 1.2
"""What a chromatic approach note gains, once chance wants one: it must lead on by semitone."""
_LEAP, _STEP = 5, 2


@dataclass(frozen=True, slots=True)
class Slot:
    """A note that has no pitch yet.

    Parameters
    ----------
    start, length : float
        Quarter notes.
    strength : float
        Of its place in the bar, 0 to 1.
    classes, tones : frozenset of int
        Pitch classes that it may have, and those of the chord.
    steps : float or None
        By how many steps of the scale the motif has it above the note before.
    height : float or None
        MIDI number near which it should lie.
    goal : frozenset of int
        Pitch classes on which a phrase that ends here should end; empty within a phrase.
    ceiling : float
        MIDI number above which only the climax should lie.
    """

    start: float
    length: float
    strength: float
    classes: frozenset[int]
    tones: frozenset[int]
    steps: float | None = None
    height: float | None = None
    goal: frozenset[int] = frozenset()
    ceiling: float = 127.0


@dataclass(frozen=True)
class Taste:
    """What a line is like.

    `lowest` and `highest` are MIDI numbers; `scale` is the key's pitch classes, which count as steps; `leaps` says how
    freely it leaps, `extensions` how freely sixths, sevenths and ninths stand on strong beats, `chromatic` how often
    weak notes are chromatic approaches, `repeats` how freely notes are repeated, all 0 to 1; `home` is the tonic's
    triad, to which it keeps coming back.
    """

    lowest: int
    highest: int
    scale: frozenset[int]
    leaps: float
    extensions: float
    chromatic: float = 0.0
    repeats: float = 0.5
    home: frozenset[int] = frozenset()


def pitched(slots: Sequence[Slot], taste: Taste, before: Sequence[int], rng: np.random.Generator) -> list[int]:
    """Return a pitch for each slot.

    Parameters
    ----------
    slots : sequence of Slot
        In order.
    taste : Taste
        Of the line.
    before : sequence of int
        The line's last two notes so far, or one, or none.
    rng : numpy.random.Generator
        Makes lines that cost nearly the same differ.

    Returns
    -------
    list of int
        MIDI numbers within the range; none more than an octave from the one before it.
    """
    if not slots:
        return []
    ladder = np.arange(taste.lowest, taste.highest + 1)
    size = len(ladder)
    positions = scale_positions(taste.lowest, size, taste.scale)
    turns = _turns(size)
    leaps = _intervals(size) * (1.5 - 1.1 * taste.leaps) + np.eye(size) * (_REPEATED * (1.0 - taste.repeats))
    alone = [_alone(slot, taste, ladder, rng) for slot in slots]
    totals = np.full((size, size), _NEVER)
    start = alone[0]
    if before:
        last = int(np.clip(before[-1] - taste.lowest, 0, size - 1))
        start = start + leaps[last] + _wanted(slots[0], positions, positions[last])
        totals[last] = start
    else:
        np.fill_diagonal(totals, start)
    origins: list[NDArray[np.intp]] = []
    for slot, previous, own in zip(slots[1:], slots[:-1], alone[1:], strict=True):
        through = totals[:, :, None] + turns
        origins.append(np.argmin(through, axis=0))
        step = leaps + _wanted(slot, positions[None, :], positions[:, None]) + _treated(previous, slot, ladder, taste)
        totals = np.min(through, axis=0) + step + own[None, :]
    first, second = np.unravel_index(int(np.argmin(totals)), totals.shape)
    course = [int(second)]
    at = (int(first), int(second))
    for origin in reversed(origins):
        at = (int(origin[at]), at[0])
        course.append(at[1])
    return [taste.lowest + place for place in reversed(course)]


@lru_cache(maxsize=256)
def scale_positions(lowest: int, size: int, scale: frozenset[int]) -> Costs:
    """Return the place of each semitone from the lowest up, in steps of a scale; halves between two of its notes."""
    places = []
    place = 0.0
    for pitch in range(lowest, lowest + size):
        if pitch % 12 in scale:
            place = float(np.floor(place)) + 1.0
            places.append(place)
        else:
            places.append(place + 0.5)
    found = np.array(places)
    found.setflags(write=False)
    return found


def _alone(slot: Slot, taste: Taste, ladder: NDArray[np.int64], rng: np.random.Generator) -> Costs:
    classes = ladder % 12
    costs = rng.uniform(0.0, _CHANCE, len(ladder))
    approach = taste.chromatic > 0.0 and slot.strength < 0.5 and slot.length <= 0.5 and rng.random() < taste.chromatic
    allowed = _among(slot.classes)[classes]
    costs = np.where(allowed, costs, costs - _APPROACH if approach else _NEVER)
    weight = slot.strength * (0.6 + 0.4 * min(slot.length, 2.0))
    foreign = ~_among(slot.tones)[classes] & allowed
    avoided = foreign & _among(frozenset((tone + 1) % 12 for tone in slot.tones))[classes]
    costs = costs + weight * foreign * _DISSONANT * (1.0 - 0.8 * taste.extensions * ~avoided)
    costs += weight * avoided * _AVOIDED
    if taste.home:
        costs += _ABROAD * min(slot.length, 2.0) * ~_among(taste.home)[classes]
    if slot.height is not None:
        away = np.abs(ladder - slot.height)
        costs += _HEIGHT * away + _FAR * away**2
    if slot.goal:
        costs += _CADENCE * ~_among(slot.goal)[classes]
    costs += _ABOVE * np.maximum(ladder - slot.ceiling, 0.0)
    return np.asarray(costs, dtype=np.float64)


@lru_cache(maxsize=512)
def _among(classes: frozenset[int]) -> NDArray[np.bool_]:
    return np.array([each in classes for each in range(12)])


def _wanted(slot: Slot, goals: Costs, origins: Costs | float) -> Costs:
    if slot.steps is None:
        return np.zeros(np.broadcast_shapes(np.shape(goals), np.shape(origins)))
    return np.asarray(_MOTIF * np.abs(goals - origins - slot.steps))


def _treated(previous: Slot, slot: Slot, ladder: NDArray[np.int64], taste: Taste) -> Costs:
    """Return what it costs to leave or enter notes that are none of the chord's by leap; chromatic ones may not be."""
    distance = np.abs(ladder[None, :] - ladder[:, None])
    leap = distance > _STEP
    classes = ladder % 12
    outside = ~_among(previous.tones)[classes]
    entered = ~_among(slot.tones)[classes]
    strict = 1.0 - 0.6 * taste.extensions
    costs = _LEFT_BY_LEAP * strict * outside[:, None] * leap + _ENTERED_BY_LEAP * strict * entered[None, :] * leap
    if taste.chromatic > 0.0:
        chromatic = ~_among(previous.classes)[classes]
        costs = costs + np.where(chromatic[:, None] & (distance != 1), _NEVER, 0.0)
    return np.asarray(costs)


@lru_cache(maxsize=64)
def _intervals(size: int) -> Costs:
    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    table = np.array([*_INTERVALS, *[_NEVER] * max(size - len(_INTERVALS), 0)])
    costs = table[steps]
    costs.setflags(write=False)
    return np.asarray(costs)


@lru_cache(maxsize=64)
def _turns(size: int) -> Costs:
    """Return what three notes cost: leaps should turn back by step; trills and the same note thrice are dull."""
    ladder = np.arange(size)
    first = (ladder[None, :] - ladder[:, None])[:, :, None]
    second = (ladder[None, :] - ladder[:, None])[None, :, :]
    leap = np.abs(first) >= _LEAP
    onward = first * second > 0
    costs = np.where(leap & onward & (np.abs(second) > _STEP), 2.4, 0.0)
    costs = costs + np.where(leap & ~onward & (np.abs(second) > 7), 0.8, 0.0)
    costs = costs + np.where(leap & onward & (np.abs(second) <= _STEP), 0.4, 0.0)
    costs = costs + np.where((first == 0) & (second == 0), 0.5, 0.0)
    costs = costs + np.where((first + second == 0) & (first != 0), 0.3, 0.0)
    costs.setflags(write=False)
    return np.asarray(costs)
