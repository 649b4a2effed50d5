"""The tune where an instrument has it: motifs that are repeated, moved, turned round and varied (Schoenberg,
Fundamentals of Musical Composition, 1967, ch. 3 to 8)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.plan import Label, Role
from soundrack.composition.score.grid import Figure, figure
from soundrack.composition.score.ground import Ground, model
from soundrack.composition.score.line import Slot, Taste, pitched, scale_positions
from soundrack.composition.score.motif import Curve, Motif, motif
from soundrack.composition.score.ranges import tune_range
from soundrack.composition.score.score import Note
from soundrack.composition.score.tones import scale_classes, tonic_triad
from soundrack.composition.styles import style
from soundrack.composition.styles.melody import Cell, Idea, MelodyTable, Turn

_EPSILON = 1e-6
_SIXTEENTHS = 4
_HOOKS = (Label.CHORUS, Label.DROP)
_KEPT = 0.6
"""Which part of a motif stays when its end is varied."""
_PEAK = 0.66
"""Where in a section the climax lies."""
_WIDE = 9
"""From which span on, in semitones, a tune has a climax."""
_STRONG, _VERY_STRONG, _LONG = 0.65, 0.8, 1.0
_RICH = 0.5
_STACCATO = 0.25
_SLIDING = frozenset(("electric_guitar", "distorted_guitar", "saw_lead", "square_lead", "trombone", "solo_violin"))
_SLIDES = 0.12


@dataclass(frozen=True)
class _Window:
    """Where a section's tune lies: range, middle and span, in semitones."""

    lowest: int
    highest: int
    middle: float
    span: int


def lead(ground: Ground, sung: frozenset[int]) -> tuple[Note, ...]:
    """Write the tune of the first player of the band who has it, in the sections where nobody sings.

    Each group of sections has its tune once and for all: sections of one group have the same notes, transposed where
    the key is, and changed only where another chord stands under them, as at the song's end.

    Parameters
    ----------
    ground : Ground
        The song's.
    sung : frozenset of int
        Numbers of the sections in which somebody sings.

    Returns
    -------
    tuple of Note
        In order, without overlaps; empty if nobody has the tune.
    """
    player = next((each for each in ground.plan.band if each.role is Role.LEAD), None)
    if player is None:
        return ()
    table = style(ground.plan.style).melody
    tunes: dict[str, tuple[Note, ...]] = {}
    notes: list[Note] = []
    for place, section in enumerate(ground.sections):
        group = section.section.group
        if place in sung:
            continue
        first = model(ground.sections, group)
        if group not in tunes:
            tunes[group] = _tune(ground, table, first, player.instrument)
        notes += placed(ground, tunes[group], first, place)
    return tuple(_closed(ground, notes))


def placed(ground: Ground, notes: Sequence[Note], origin: int, place: int) -> list[Note]:
    """Return a section's notes in another section of its group: cut to its length, transposed to its key, and moved to
    the nearest note of the chord where that is another one."""
    here, there = ground.sections[origin], ground.sections[place]
    away = there.start - here.start
    shift = (ground.keys[place].tonic - ground.keys[origin].tonic + 6) % 12 - 6
    end = there.start + there.section.bars * ground.bar
    found = []
    for note in notes:
        at = note.start + away
        if at >= end - _EPSILON:
            break
        pitch = note.pitch + shift
        before, now = ground.chord(note.start), ground.chord(at)
        if (before.root + shift) % 12 != now.root % 12 or before.quality != now.quality:
            classes = ground.classes(at, "scale")
            if pitch % 12 not in classes or (ground.strength(at) >= _STRONG and pitch % 12 not in now.tones):
                pitch = nearest(frozenset(now.tones), pitch)
        found.append(replace(note, start=at, length=min(note.length, end - at), pitch=pitch))
    return found


def nearest(classes: frozenset[int], pitch: int) -> int:
    """Return the pitch of some classes nearest to another; of two the lower."""
    return min(
        (each for each in range(pitch - 6, pitch + 7) if each % 12 in classes),
        key=lambda each: (abs(each - pitch), each),
    )


def _tune(ground: Ground, table: MelodyTable, place: int, instrument: str) -> tuple[Note, ...]:
    """Write the tune of a section, in the song's time."""
    section = ground.sections[place].section
    rng = chance(ground.plan.seed, "melody", section.group)
    idea = _idea(table, ground, section.label, rng)
    if idea is None:
        return ()
    energy = 0.5 * (section.energy + ground.plan.energy)
    window = _window(table, idea, instrument, section.energy)
    motifs = _motifs(idea, ground, energy, table.leaps, rng)
    scheme = idea.schemes[int(rng.integers(len(idea.schemes)))]
    taste = Taste(
        lowest=window.lowest,
        highest=window.highest,
        scale=scale_classes(ground.keys[place], ground.plan.scale),
        leaps=table.leaps,
        extensions=table.extensions,
        chromatic=idea.chromatic,
        repeats=idea.repeats,
        home=tonic_triad(ground.keys[place]),
    )
    development = _Development(ground, idea, motifs, window, taste, rng)
    start = ground.sections[place].start
    length = idea.cells[0].bars * ground.bar
    end = start + section.bars * ground.bar
    count = math.ceil((end - start) / length - _EPSILON)
    notes: list[Note] = []
    for number in range(count):
        turn = scheme[number % len(scheme)]
        if idea.improvised and number and number % len(scheme) == 0:
            fresh = _motifs(idea, ground, energy, table.leaps, rng)
            development = _Development(ground, idea, fresh, window, taste, rng)
        if turn.letter is not None:
            at = start + number * length
            progress = (number + 0.5) / count
            last = number % len(scheme) == len(scheme) - 1 or number == count - 1
            half = (number % len(scheme)) * 2 == len(scheme) - 2
            notes += development.turn(turn, at, min(at + length, end), progress, _Ending(last, half), notes)
    return tuple(_articulated(ground, notes, section.energy, instrument, rng))


@dataclass(frozen=True)
class _Ending:
    """Whether a turn ends a strophe, or its first half."""

    closed: bool
    open: bool


class _Development:
    """The motifs of a section and how they were heard last."""

    def __init__(
        self,
        ground: Ground,
        idea: Idea,
        motifs: dict[str, Motif],
        window: _Window,
        taste: Taste,
        rng: np.random.Generator,
    ) -> None:
        self._ground = ground
        self._idea = idea
        self._motifs = motifs
        self._window = window
        self._taste = taste
        self._rng = rng
        self._heard: dict[str, list[int]] = {}

    def turn(
        self, turn: Turn, start: float, end: float, progress: float, ending: _Ending, before: Sequence[Note]
    ) -> list[Note]:
        """Return the notes of a motif's turn."""
        letter = turn.letter or ""
        shape = self._motifs[letter]
        heard = self._heard.get(letter)
        slots = self._slots(turn, shape, start, end, progress, ending, heard)
        if not slots:
            return []
        last = [note.pitch for note in before[-2:]]
        kept = self._copied(heard, slots, turn, last) if heard is not None else []
        if turn.varied:
            kept = kept[: round(_KEPT * len(slots))]
        pitches = kept + pitched(slots[len(kept) :], self._taste, (last + kept)[-2:], self._rng)
        if heard is None:
            self._heard[letter] = pitches
        return [Note(slot.start, slot.length, pitch, 0.7) for slot, pitch in zip(slots, pitches, strict=True)]

    def _slots(
        self,
        turn: Turn,
        shape: Motif,
        start: float,
        end: float,
        progress: float,
        ending: _Ending,
        heard: list[int] | None,
    ) -> list[Slot]:
        strokes = list(shape.figure.within(start, end, start))
        steps = self._steps(shape, heard)
        window = self._window
        arch = window.span * 0.3 * (math.sin(math.pi * min(progress / _PEAK, 1.0) / 2.0) - 0.6)
        peaks = window.span >= _WIDE and abs(progress - _PEAK) < 0.13
        top = window.middle + window.span / 2.0
        slots = []
        for number, stroke in enumerate(strokes):
            varied = turn.varied and number >= _KEPT * len(strokes)
            step = None if number == 0 or number - 1 >= len(steps) or varied else steps[number - 1]
            wanted = window.middle + arch + shape.heights[min(number, len(shape.heights) - 1)] * window.span * 0.7
            final = number == len(strokes) - 1 and (ending.closed or ending.open)
            goal = self._ground.goal(stroke.at, closed=ending.closed) if final else frozenset()
            slots.append(
                self._ground.slot(
                    stroke.at,
                    min(stroke.length, end - stroke.at),
                    self._idea.tones,
                    steps=None if step is None else (-step if turn.inverted else step),
                    height=wanted + turn.shift * 12.0 / 7.0,
                    goal=goal,
                    ceiling=top if peaks else top - 2.0,
                )
            )
        if peaks and slots:
            place = max(range(len(slots)), key=lambda each: (slots[each].strength + 0.3 * slots[each].length, -each))
            slots[place] = replace(slots[place], height=top, steps=None)
        return slots

    def _steps(self, shape: Motif, heard: list[int] | None) -> Sequence[float]:
        """Return a motif's steps as they were heard, or as they were drawn."""
        if heard is None or len(heard) != len(shape.figure.strokes):
            return shape.steps
        positions = self._positions()
        places = [positions[pitch - self._taste.lowest] for pitch in heard]
        return [float(second - first) for first, second in pairwise(places)]

    def _positions(self) -> Curve:
        size = self._taste.highest - self._taste.lowest + 1
        return scale_positions(self._taste.lowest, size, self._taste.scale)

    def _copied(self, heard: Sequence[int], slots: Sequence[Slot], turn: Turn, before: Sequence[int]) -> list[int]:
        """Return the notes as they were heard, moved along the scale, as far as they go with the chords here."""
        if turn.inverted:
            return []
        positions = self._positions()
        copied: list[int] = []
        for pitch, slot in zip(heard, slots, strict=False):
            wanted = positions[pitch - self._taste.lowest] + turn.shift
            moved = self._taste.lowest + int(np.argmin(np.abs(positions - wanted))) if turn.shift else pitch
            if not _fits(moved, slot, self._taste) or (not copied and before and abs(moved - before[-1]) > 12):
                break
            copied.append(moved)
        return copied


def _fits(pitch: int, slot: Slot, taste: Taste) -> bool:
    """Tell whether a note goes with the chord.

    Where it is short and weak any of the scale does; elsewhere none that lies a semitone above one of the chord's, and
    where it is long and strong only the chord's own, unless sixths and ninths are to the style's taste.
    """
    name = pitch % 12
    if name not in slot.classes:
        return False
    weighty = slot.strength >= _STRONG or slot.length >= _LONG
    if name in slot.tones or not weighty:
        return True
    plain = slot.strength >= _VERY_STRONG and slot.length >= _LONG and taste.extensions < _RICH
    return not plain and (name - 1) % 12 not in slot.tones


def _idea(table: MelodyTable, ground: Ground, label: Label, rng: np.random.Generator) -> Idea | None:
    metre = ground.plan.metre
    ideas = table.ideas_of(label)
    fitting = [each for each in ideas if each.metre == metre] or [each for each in ideas if each.metre.name == "4/4"]
    if not fitting:
        return None
    weights = np.array([each.weight for each in fitting])
    return fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]


def _window(table: MelodyTable, idea: Idea, instrument: str, energy: float) -> _Window:
    low, high = tune_range(instrument, *table.lead)
    span = min(idea.span, high - low)
    room = high - low - span
    middle = low + span / 2.0 + room * (0.25 + 0.5 * energy)
    return _Window(
        lowest=max(low, round(middle - span / 2.0) - 3),
        highest=min(high, round(middle + span / 2.0) + 3),
        middle=middle,
        span=span,
    )


def _motifs(idea: Idea, ground: Ground, energy: float, leaps: float, rng: np.random.Generator) -> dict[str, Motif]:
    """Draw the motifs: the first has the density that the energy asks for, the others other rhythms or contours."""
    letters = sorted({turn.letter for scheme in idea.schemes for turn in scheme if turn.letter is not None})
    densities = [cell.density for cell in idea.cells]
    aim = min(densities) + energy * (max(densities) - min(densities))
    left = list(idea.cells)
    motifs = {}
    for letter in letters:
        weights = np.array([math.exp(-(((cell.density - aim) / 2.0) ** 2)) + 0.05 for cell in left])
        cell = left[int(rng.choice(len(left), p=weights / weights.sum()))]
        if len(left) > 1:
            left.remove(cell)
        motifs[letter] = motif(_figure(cell, idea, ground), idea.contours, idea.span, leaps, rng)
    return motifs


def _figure(cell: Cell, idea: Idea, ground: Ground) -> Figure:
    return figure(cell.steps, _SIXTEENTHS, ground.plan.metre, written=idea.metre.name)


def _articulated(
    ground: Ground, notes: Sequence[Note], energy: float, instrument: str, rng: np.random.Generator
) -> list[Note]:
    """Give notes their weight: more on strong beats and on high notes, short ones detached."""
    if not notes:
        return []
    middle = float(np.mean([note.pitch for note in notes]))
    played = []
    for place, note in enumerate(notes):
        weight = 0.58 + 0.22 * energy + 0.12 * (ground.strength(note.start) - 0.4) + 0.006 * (note.pitch - middle)
        follows = notes[place + 1].start if place + 1 < len(notes) else math.inf
        short = note.length <= _STACCATO and follows - note.start > note.length + _EPSILON
        slides = instrument in _SLIDING and note.length >= 0.5 and rng.random() < _SLIDES
        articulation = "staccato" if short else ("slide" if slides else "")
        played.append(
            replace(
                note,
                length=min(note.length, follows - note.start),
                velocity=float(np.clip(weight, 0.2, 1.0)),
                articulation=articulation,
            )
        )
    return played


def _closed(ground: Ground, notes: Sequence[Note]) -> list[Note]:
    """Let the tune end with the song: in its last bar one note, the tonic chord's nearest, that is held."""
    last = ground.end - ground.bar
    before = [note for note in notes if note.start < last - _EPSILON]
    ending = [note for note in notes if note.start >= last - _EPSILON]
    cut = [replace(note, length=min(note.length, last - note.start)) for note in before]
    if not ending:
        return cut
    first = ending[0]
    pitch = nearest(frozenset({ground.key(last).tonic}), cut[-1].pitch if cut else first.pitch)
    return [*cut, replace(first, start=last, length=ground.bar, pitch=pitch, articulation="")]
