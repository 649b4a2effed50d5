"""Rhythms written as strings of steps, and how one that is written in four beats goes in another metre."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from soundrack.composition.theory import Metre

HOLD, REST = "-", "."
_SPACES = str.maketrans("", "", " |")
_FOUR = 4
"""Quarters of the bar in which rhythms are written."""
_SIXTEENTHS_OF_THREE = {1: (0.0,), 2: (0.0, 4.0), 4: (0.0, 2.0, 4.0, 5.0)}
"""Where the steps of a quarter fall in a dotted one, in its sixths: what swings falls on the last eighth."""
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Stroke:
    """A step that is played: when, how long it is held (quarter notes) and the mark that says how."""

    at: float
    length: float
    mark: str


@dataclass(frozen=True)
class Figure:
    """A rhythm that repeats: its length in quarter notes and its strokes, in order."""

    length: float
    strokes: tuple[Stroke, ...]

    def within(self, start: float, end: float, shift: float = 0.0) -> Iterator[Stroke]:
        """Yield the strokes that begin in a span of time, the figure being repeated from `shift` on, both ways."""
        if not self.strokes:
            return
        for turn in range(math.floor((start - shift) / self.length), math.ceil((end - shift) / self.length)):
            base = shift + turn * self.length
            for stroke in self.strokes:
                if start - _EPSILON <= base + stroke.at < end - _EPSILON:
                    yield Stroke(base + stroke.at, stroke.length, stroke.mark)


def figure(
    steps: str, grid: int, metre: Metre, *, written: str = "4/4", half_time: bool = False, keeps_time: bool = False
) -> Figure:
    """Read a rhythm and set it in a metre.

    Parameters
    ----------
    steps : str
        One character a step: ``.`` is a rest, ``-`` holds the step before it (the first, the last), spaces and ``|``
        are for the eye, and all others are marks whose meaning is the reader's.
    grid : int
        Steps in a quarter note.
    metre : Metre
        Of the song.
    written : str
        Metre in which the steps are written: that of the song, or 4/4, from which it is derived. Simple metres of
        quarters or halves take strong beats from the first and third, weak ones from the second and fourth beat,
        with two weak ones in each group of three (3, 5 = 3 + 2, 7 = 4 + 3). Those of eighths or sixteenths cut four
        beats short (7/8 = 2 + 2 + 3). Compound ones make each quarter a dotted one, in which a quarter's second half
        falls on the last eighth.
    half_time : bool
        Whether the stress is on the third beat alone, which then stays in the middle of the bar.
    keeps_time : bool
        Whether the rhythm beats time (hi-hats, shakers): two even eighths become three, not one long and one short.

    Raises
    ------
    ValueError
        If the steps do not fill whole bars, or `written` is neither 4/4 nor the song's metre.
    """
    marks = steps.translate(_SPACES)
    if written not in {"4/4", metre.name}:
        raise ValueError(f"a rhythm in {written} cannot be played in {metre.name}")
    bar = metre.bar_quarters if written == metre.name else _FOUR
    per_bar = round(bar * grid)
    if not marks or len(marks) % per_bar:
        raise ValueError(f"{steps!r} does not fill bars of {per_bar} steps")
    bars = [marks[place : place + per_bar] for place in range(0, len(marks), per_bar)]
    placed: list[tuple[float, str]] = []
    for number, each in enumerate(bars):
        start = number * metre.bar_quarters
        places = (
            [(step / grid, mark) for step, mark in enumerate(each)]
            if written == metre.name
            else _derived(each, grid, metre, half_time=half_time, keeps_time=keeps_time)
        )
        placed += [(start + place, mark) for place, mark in places]
    return _figure(placed, len(bars) * metre.bar_quarters)


def loop(steps: str, grid: int) -> Figure:
    """Read a rhythm of any length that goes on across bar lines, whatever the metre.

    Raises
    ------
    ValueError
        If it is empty.
    """
    marks = steps.translate(_SPACES)
    if not marks:
        raise ValueError("a loop needs steps")
    return _figure([(step / grid, mark) for step, mark in enumerate(marks)], len(marks) / grid)


def _figure(placed: list[tuple[float, str]], length: float) -> Figure:
    ends = [place for place, _ in placed[1:]] + [length]
    strokes: list[Stroke] = []
    for number, (place, mark) in enumerate(placed):
        if mark in {REST, HOLD}:
            continue
        held = number
        while placed[(held + 1) % len(placed)][1] == HOLD and held + 1 < number + len(placed):
            held += 1
        turn, last = divmod(held, len(placed))
        strokes.append(Stroke(place, turn * length + ends[last] - place, mark))
    return Figure(length, tuple(strokes))


def _derived(bar: str, grid: int, metre: Metre, *, half_time: bool, keeps_time: bool) -> list[tuple[float, str]]:
    """Return where the steps of a bar of four quarters fall in a bar of another metre."""
    quarters = [bar[beat * grid : (beat + 1) * grid] for beat in range(_FOUR)]
    if metre.is_compound:
        beats = [quarters[number] for number in _beats(metre.beats // 3, half_time=half_time)]
        return [
            (metre.beat_quarters * (number + sixth / 6.0), mark)
            for number, beat in enumerate(beats)
            for sixth, mark in _dotted(beat, keeps_time=keeps_time)
        ]
    if metre.unit <= _FOUR:
        beats = [
            quarters[number] for number in _beats(metre.beats, half_time=half_time) for _ in range(_FOUR // metre.unit)
        ]
        return [(number + step / grid, mark) for number, beat in enumerate(beats) for step, mark in enumerate(beat)]
    count = math.ceil(metre.bar_quarters * grid - _EPSILON)
    return [(step / grid, bar[step % len(bar)]) for step in range(count)]


def _beats(count: int, *, half_time: bool) -> list[int]:
    """Return which of four beats each of a bar's beats is like."""
    if half_time:
        before = math.ceil(count / 2)
        return [0, *[1] * (before - 1), *([2, *[3] * (count - before - 1)] if count > before else [])]
    twos = count // 2 - (count % 2 == 1 and count > 1)
    pairs = [[0, 1] if number % 2 == 0 else [2, 3] for number in range(twos)]
    if count % 2 and count > 1:
        pairs.insert(0 if count == 5 else len(pairs), [0, 1, 3])
    return [beat for pair in pairs for beat in pair] or [0]


def _dotted(beat: str, *, keeps_time: bool) -> list[tuple[float, str]]:
    """Return the steps of a quarter in the sixths of a dotted one."""
    grid = len(beat)
    if grid not in _SIXTEENTHS_OF_THREE:
        return [(6.0 * step / grid, mark) for step, mark in enumerate(beat)]
    places = list(zip(_SIXTEENTHS_OF_THREE[grid], beat, strict=True))
    struck = [place for place, mark in places if mark not in {REST, HOLD}]
    if keeps_time and struck == [0.0, 4.0]:
        return [(0.0, beat[0]), (2.0, beat[grid // 2].lower()), (4.0, beat[grid // 2])]
    return places
