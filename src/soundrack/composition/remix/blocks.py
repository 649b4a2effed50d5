"""Blocks: the source's sections on its bar lines, with what they become in a remix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from soundrack.analysis import Report
from soundrack.analysis.structure import Section as Found
from soundrack.composition.plan import Label
from soundrack.composition.remix.grid import Grid

_SURE = 0.5
_FEWEST_BARS, _USUAL_BARS, _MOST_BARS = 2, 8, 16
_LOWEST, _HIGHEST = 0.35, 0.95
_FLAT = 8.0
"""Percent of energy between a song's softest and loudest section below which they count as equally loud."""
_LEVEL = 0.72
_USUAL = {
    Label.INTRO: 0.42,
    Label.VERSE: 0.66,
    Label.PRE_CHORUS: 0.74,
    Label.CHORUS: 0.92,
    Label.BRIDGE: 0.55,
    Label.BUILD: 0.7,
    Label.DROP: 0.95,
    Label.BREAK: 0.45,
    Label.INSTRUMENTAL: 0.7,
    Label.OUTRO: 0.48,
}
"""What a new band makes of a source whose sections are all as loud."""
_LONGEST_INTRO, _SHORT_INTRO = 8, 4
_HIGHLIGHTS, _FRAME = (Label.CHORUS, Label.DROP), (Label.INTRO, Label.OUTRO)
_MOST_FULL = 0.6
_FULL, _THIN = 0.75, 0.45
_CALM = (Label.BRIDGE, Label.BREAK)
"""What has much energy is none of these, whatever the analysis calls it."""
_ALIKE = {Label.CHORUS: Label.DROP, Label.BRIDGE: Label.BREAK, Label.PRE_CHORUS: Label.BUILD, Label.DROP: Label.CHORUS,
          Label.BUILD: Label.PRE_CHORUS, Label.BREAK: Label.BRIDGE}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A section of the source.

    `first` and `last` are numbers of bar lines; `energy` is 0.35 to 0.95; `sung` is the part of its time in which
    somebody sings, 0 to 1.
    """

    label: Label
    first: int
    last: int
    energy: float
    group: str
    sung: float = 0.0

    @property
    def bars(self) -> int:
        """How many bars it has."""
        return self.last - self.first


def blocks(report: Report, grid: Grid, known: Sequence[Label]) -> tuple[Block, ...]:
    """Return a source's sections.

    Parameters
    ----------
    report : Report
        What the analysis found.
    grid : Grid
        The source's.
    known : sequence of Label
        Sections that the new style has: a chorus becomes a drop where that has drops alone.

    Returns
    -------
    tuple of Block
        In order, without gaps, over all bars; at least one. None is longer than 16 bars; those that were have several
        of the same letter. What has no name that is sure is told by its energy and its place.
    """
    lines = _lines(report, grid)
    found = [_under(report.structure.sections, grid, first, last) for first, last in pairwise(lines)]
    energies = _energies([None if each is None else each.energy for each in found])
    made: list[Block] = []
    for number, ((first, last), each) in enumerate(zip(pairwise(lines), found, strict=True)):
        group = each.group if each is not None else "A"
        label = _label(each, _LEVEL if energies is None else energies[number], number, len(found))
        block = Block(label, first, last, _USUAL[label] if energies is None else energies[number], group)
        made += _split(block)
    return tuple(replace(each, label=_known(each.label, known)) for each in _raised(made))


def _raised(made: list[Block]) -> list[Block]:
    """Return blocks of which some are choruses: those of the fullest group, every other one if it is most of all."""
    if any(each.label in _HIGHLIGHTS for each in made):
        return made
    inner = [each for each in made if each.label not in _FRAME] or made
    group = max(inner, key=lambda each: (each.energy, each.bars)).group
    places = [place for place, each in enumerate(made) if each.group == group and each.label not in _FRAME]
    if sum(made[place].bars for place in places) > _MOST_FULL * sum(each.bars for each in made):
        places = places[1::2]
    for place in places:
        made[place] = replace(made[place], label=Label.CHORUS, energy=max(made[place].energy, _USUAL[Label.CHORUS]))
    return made


def _lines(report: Report, grid: Grid) -> list[int]:
    """Return the bar lines between sections: those nearest to where the analysis heard them."""
    bars_s, last = grid.bars_s, len(grid.bars) - 1
    inner = {int(np.argmin(np.abs(bars_s - each.start_s))) for each in report.structure.sections[1:]}
    lines = [0]
    for line in sorted(inner):
        if line - lines[-1] >= _FEWEST_BARS and last - line >= _FEWEST_BARS:
            lines.append(line)
    return [*lines, last]


def _under(sections: Sequence[Found], grid: Grid, first: int, last: int) -> Found | None:
    """Return the section that lasts longest between two bar lines."""
    start, end = grid.bars_s[first], grid.bars_s[last]
    return max(sections, key=lambda each: min(each.end_s, end) - max(each.start_s, start), default=None)


def _energies(found: Sequence[int | None]) -> list[float] | None:
    """Return energies that span their whole range; None where the source's are all alike."""
    known = [each for each in found if each is not None]
    if not known or max(known) - min(known) < _FLAT:
        return None
    low, span = min(known), max(known) - min(known)
    return [
        round(_LEVEL if each is None else _LOWEST + (_HIGHEST - _LOWEST) * (each - low) / span, 3) for each in found
    ]


def _label(found: Found | None, energy: float, number: int, count: int) -> Label:
    if found is not None and found.label is not None and found.confidence >= _SURE:
        named = Label(found.label.value)
        return Label.VERSE if named in _CALM and energy >= _FULL else named
    if number == 0 and count > 2 and energy < _FULL:
        return Label.INTRO
    if number == count - 1 and count > 2 and energy < _FULL:
        return Label.OUTRO
    if energy >= _FULL:
        return Label.CHORUS
    return Label.BRIDGE if energy < _THIN and count > 2 else Label.VERSE


def _split(block: Block) -> list[Block]:
    """Return a long block as several of 8 bars, of which the last may have more, and a long intro as one that ends."""
    if block.label is Label.INTRO and block.bars > _LONGEST_INTRO:
        line = block.first + _SHORT_INTRO
        verse = replace(block, label=Label.VERSE, first=line, energy=max(block.energy, _USUAL[Label.VERSE]))
        return [replace(block, last=line), *_split(verse)]
    if block.bars <= _MOST_BARS:
        return [block]
    lines = [*range(block.first, block.last - _USUAL_BARS + 1, _USUAL_BARS), block.last]
    return [replace(block, first=first, last=last) for first, last in pairwise(lines)]


def _known(label: Label, known: Sequence[Label]) -> Label:
    alike = _ALIKE.get(label)
    return alike if alike is not None and label not in known and alike in known else label


def within(made: Sequence[Block], bars: int) -> tuple[Block, ...]:
    """Return those blocks one after another that have the most energy in so many bars; the last may be cut.

    Parameters
    ----------
    made : sequence of Block
        In order, without gaps.
    bars : int
        At least 1.
    """
    if sum(each.bars for each in made) <= bars:
        return tuple(made)

    def power(start: int) -> float:
        left, total = bars, 0.0
        for each in made[start:]:
            taken = min(each.bars, left)
            total, left = total + each.energy * taken, left - taken
        return total

    start = max(range(len(made)), key=lambda place: (power(place), -place))
    kept: list[Block] = []
    left = bars
    for each in made[start:]:
        if left <= 0:
            break
        kept.append(replace(each, last=each.first + min(each.bars, left)))
        left -= each.bars
    return tuple(kept)
