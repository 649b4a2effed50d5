"""Fills and builds: how a drummer leads from one section into the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soundrack.composition.score.drums.kit import TIMEKEEPERS, Drum
from soundrack.composition.score.score import Placed
from soundrack.composition.styles.drums import FillKind
from soundrack.composition.theory import Metre

_EPSILON = 1e-6
_DOWN = (Drum.SNARE, Drum.HIGH_TOM, Drum.MID_TOM, Drum.LOW_TOM, Drum.FLOOR)
_LINEAR = (Drum.SNARE, Drum.KICK, Drum.HIGH_TOM, Drum.FLOOR, Drum.KICK, Drum.SNARE)
_ACCENTS = (0, 3, 6, 8, 11, 14)
"""Sixteenths of a bar that carry a fill's accents: threes against fours."""
_BROKEN = ("S.gSk.gS", "gSk.S.kS", "k.S.gSkg", "S.k.gSgS")
"""Half bars of sixteenths of hand-broken beats: snare, ghost note, kick."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stroke: when, on what, how loud, how."""

    at: float
    drum: Drum
    velocity: float
    articulation: str = ""


@dataclass(frozen=True)
class _Room:
    """Where a fill has to fit: its beginning and end, its steps, and what the groove would have played."""

    start: float
    end: float
    step: float
    energy: float
    groove: tuple[Hit, ...]
    rng: np.random.Generator

    @property
    def steps(self) -> int:
        return max(round((self.end - self.start) / self.step), 1)

    def at(self, step: float) -> float:
        return self.start + step * self.step

    def swell(self, step: float) -> float:
        """Return a velocity that grows through the fill."""
        return 0.58 + 0.1 * self.energy + 0.27 * step / self.steps

    def kept(self, *drums: Drum) -> list[Hit]:
        """Return the strokes of the groove on some drums."""
        return [hit for hit in self.groove if hit.drum in drums]


def fill(
    kind: FillKind,
    start: float,
    end: float,
    metre: Metre,
    energy: float,
    groove: Sequence[Hit],
    rng: np.random.Generator,
) -> list[Hit]:
    """Return a fill.

    Parameters
    ----------
    kind : FillKind
        How it is orchestrated.
    start, end : float
        Where it is to stand, in quarter notes.
    metre : Metre
        Of the song.
    energy : float
        0 to 1; with it the fill is denser and louder.
    groove : sequence of Hit
        What it replaces; some kinds keep a part of it.
    rng : numpy.random.Generator
        For what is drawn.
    """
    step = 0.5 if kind is FillKind.TRIPLETS and metre.is_compound else 1 / 3 if kind is FillKind.TRIPLETS else 0.25
    return _KINDS[kind](_Room(start, end, step, energy, tuple(groove), rng))


def build(placed: Placed, start: float, end: float, metre: Metre) -> list[Hit]:
    """Return a build: strokes of snare and clap that quicken and swell until the section ends, and a kick that leaves.

    In the first half of the section there is one to a beat, then two, then four, and in the last beats eight; the
    kick beats time until the last quarter.

    Parameters
    ----------
    placed : Placed
        The section.
    start, end : float
        What of it is to be returned, in quarter notes.
    metre : Metre
        Of the song.
    """
    beat, first = metre.beat_quarters, placed.start
    length = placed.section.bars * metre.bar_quarters
    count, three = round(length / beat), metre.is_compound
    hits = []
    for number in range(count):
        part = number / count
        at = first + number * beat
        strokes = 1 if part < 0.5 else 2 if part < 0.75 else 4
        if number >= count - 2 and count >= 16:
            strokes = 8
        strokes = strokes * 3 // 2 if three and strokes > 1 else strokes
        for stroke in range(strokes):
            progress = (number + stroke / strokes) / count
            hits.append(
                Hit(at + beat * stroke / strokes, Drum.SNARE, 0.4 + 0.5 * progress, "roll" if strokes > 2 else "")
            )
        if part < 0.75:
            hits.append(Hit(at, Drum.KICK, 0.9))
            hits.append(Hit(at + beat / 2, Drum.CLOSED, 0.6))
        elif number % 2 == 0:
            hits.append(Hit(at, Drum.CLAP, 0.6 + 0.3 * part))
    return [hit for hit in hits if start - _EPSILON <= hit.at < end - _EPSILON]


def _toms(room: _Room) -> list[Hit]:
    hits = []
    for step in range(room.steps):
        on = step % 2 == 0
        if on or room.rng.random() < 0.3 + 0.65 * room.energy:
            drum = _DOWN[min(step * len(_DOWN) // room.steps, len(_DOWN) - 1)]
            hits.append(Hit(room.at(step), drum, room.swell(step) + 0.08 * on))
        if step % 4 == 0:
            hits.append(Hit(room.at(step), Drum.KICK, 0.7))
    return hits


def _snare(room: _Room) -> list[Hit]:
    hits = room.kept(Drum.KICK)
    for step in range(room.steps):
        accent = step % 16 in _ACCENTS
        if accent or room.rng.random() < 0.25 + 0.6 * room.energy:
            velocity = room.swell(step) + 0.12 if accent else 0.35 + 0.2 * step / room.steps
            hits.append(Hit(room.at(step), Drum.SNARE, velocity, "" if accent else "ghost"))
    hits[-1:] = [Hit(hits[-1].at, Drum.SNARE, hits[-1].velocity, "flam")] if hits else []
    return hits


def _linear(room: _Room) -> list[Hit]:
    turn = int(room.rng.integers(len(_LINEAR)))
    hits = []
    for step in range(room.steps):
        drum = _LINEAR[(turn + step) % len(_LINEAR)]
        if step % 2 == 0 or room.rng.random() < 0.45 + 0.5 * room.energy:
            hits.append(Hit(room.at(step), drum, room.swell(step) + 0.1 * (step % 4 == 0)))
    return hits


def _break(room: _Room) -> list[Hit]:
    marks = {"S": (Drum.SNARE, 0.88, ""), "g": (Drum.SNARE, 0.36, "ghost"), "k": (Drum.KICK, 0.85, "")}
    cells = [_BROKEN[int(each)] for each in room.rng.integers(len(_BROKEN), size=room.steps // 8 + 1)]
    hits = room.kept(*TIMEKEEPERS)
    for step, mark in enumerate("".join(cells)[: room.steps]):
        if mark in marks:
            drum, velocity, articulation = marks[mark]
            hits.append(Hit(room.at(step), drum, velocity, articulation))
    return hits


def _triplets(room: _Room) -> list[Hit]:
    turns = (
        (Drum.SNARE, Drum.SNARE, Drum.KICK),
        (Drum.SNARE, Drum.HIGH_TOM, Drum.FLOOR),
        (Drum.SNARE, Drum.KICK, Drum.KICK),
    )
    hits = room.kept(Drum.PEDAL)
    for first in range(0, room.steps, 3):
        turn = turns[int(room.rng.integers(len(turns)))]
        for step, drum in enumerate(turn[: room.steps - first]):
            if step == 0 or room.rng.random() < 0.4 + 0.5 * room.energy:
                hits.append(Hit(room.at(first + step), drum, 0.75 * room.swell(first + step) + 0.12 * (step == 0)))
    return hits


def _abanico(room: _Room) -> list[Hit]:
    hits = room.kept(*TIMEKEEPERS, Drum.CLAVES, Drum.KICK)
    last = max(room.steps - 6, 0)
    hits.append(Hit(room.at(last), Drum.HIGH_TIMBALE, 0.85))
    rolled = np.arange(last + 2, room.steps - 2, 0.5)
    hits += [Hit(room.at(float(step)), Drum.HIGH_TIMBALE, 0.5 + 0.25 * place / max(len(rolled), 1), "roll")
             for place, step in enumerate(rolled)]  # fmt: skip
    hits.append(Hit(room.at(max(room.steps - 2, last + 1)), Drum.HIGH_TIMBALE, 0.95, "accent"))
    return hits


def _roll(room: _Room) -> list[Hit]:
    hits = room.kept(Drum.KICK)
    half = room.steps // 2
    for step in range(room.steps):
        count = 2 if step >= half and room.rng.random() < 0.5 + 0.4 * room.energy else 1
        drum = Drum.SNARE if step >= room.steps - 2 else Drum.CLOSED
        hits += [Hit(room.at(step + each / count), drum, room.swell(step), "roll") for each in range(count)]
    return hits


def _claps(room: _Room) -> list[Hit]:
    hits = room.kept(*TIMEKEEPERS, Drum.OPEN)
    places = [step for step in range(room.steps) if step % 16 in _ACCENTS or step >= room.steps - 2]
    hits += [Hit(room.at(step), Drum.CLAP, room.swell(step)) for step in places]
    return hits


def _cut(room: _Room) -> list[Hit]:
    hits = [hit for hit in room.groove if hit.drum is not Drum.KICK]
    if room.rng.random() < 0.5:
        hits.append(Hit(room.at(max(room.steps - 2, 0)), Drum.OPEN, 0.8))
    return hits


def _swell(room: _Room) -> list[Hit]:
    hits = list(room.groove)
    for step in range(room.steps):
        hits.append(Hit(room.at(step), Drum.CRASH, 0.15 + 0.5 * (step / room.steps) ** 2, "roll"))
        if step % 2 == 0:
            hits.append(Hit(room.at(step), Drum.FLOOR, 0.3 + 0.45 * step / room.steps, "roll"))
    return hits


_KINDS: dict[FillKind, Callable[[_Room], list[Hit]]] = {
    FillKind.TOMS: _toms,
    FillKind.SNARE: _snare,
    FillKind.LINEAR: _linear,
    FillKind.BREAK: _break,
    FillKind.TRIPLETS: _triplets,
    FillKind.ABANICO: _abanico,
    FillKind.ROLL: _roll,
    FillKind.CLAPS: _claps,
    FillKind.CUT: _cut,
    FillKind.SWELL: _swell,
}
