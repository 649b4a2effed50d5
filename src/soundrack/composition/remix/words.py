"""Words on the source's sections: which of them is sung where, and how much time it gets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Label, Section
from soundrack.composition.remix.blocks import Block
from soundrack.composition.score.scansion import Prosody, needed_quarters

_UNSUNG = (Label.INTRO, Label.OUTRO, Label.INSTRUMENTAL, Label.BREAK, Label.BUILD, Label.DROP)
_FRAME = 1.6
"""What it costs to sing in a section that usually is played."""
_OTHER = 0.8
"""What it costs to sing the words of one kind of section in another."""
_SILENT = 0.5
"""What it costs to leave a section without words that has some in the source."""
_SHORT = 2.0
"""What it costs that a section must be twice as long for its words."""
_CHORUSES = (Label.CHORUS, Label.DROP)
_FEWEST_BARS = 4
_FRAMES = (Label.INTRO, Label.OUTRO)
_HOOKED, _HOOKED_MOST = 0.35, 0.65
"""In which part of a remix its hook should be heard, and at most."""


@dataclass(frozen=True)
class Seat:
    """A section of the remix: what it is, and the bars of the source under it, again and again if it needs more.

    `lyrics` is the number of the words' section, or None; `block` that of the source's.
    """

    section: Section
    spans: tuple[tuple[int, int], ...]
    block: int


def played(made: Sequence[Block], level: float) -> tuple[Seat, ...]:
    """Return the sections of a remix that has its source's form."""
    return tuple(_seat(each, number, level, None, 0) for number, each in enumerate(made))


def sung(made: Sequence[Block], level: float, lyrics: Lyrics, prosody: Prosody) -> tuple[tuple[Seat, ...], int]:
    """Return the sections of a remix in which words are sung.

    The words keep their order and the source its own. What is called alike comes together as far as it can, by dynamic
    programming; sections that are too short for their words are heard again, and where there are too few, the last
    ones before the outro come again.

    Parameters
    ----------
    made : sequence of Block
        The source's sections.
    level : float
        Bars of the remix on one of the source's.
    lyrics : Lyrics
        The words.
    prosody : Prosody
        How quickly the new style sings them.

    Returns
    -------
    (tuple of Seat, int)
        The sections, and how many of them have words.
    """
    texts = _texts(lyrics)
    grown = _enough(list(made), len(texts))
    needs = [_need(lyrics, number, prosody) for number, _ in texts]
    places = _places(grown, [label for _, label in texts], needs, level)
    seats = []
    for number, block in enumerate(grown):
        text = places.get(number)
        origin = next(place for place, each in enumerate(made) if (each.first, each.last) == (block.first, block.last)
                      or each.first <= block.first < each.last)  # fmt: skip
        named = block if text is None else replace(block, label=texts[text][1] or _sung_label(block))
        seats.append(
            _seat(named, origin, level, None if text is None else texts[text][0], 0 if text is None else needs[text])
        )
    return tuple(seats), len(places)


def reprised(seats: Sequence[Seat], made: Sequence[Block], hook: Sequence[int], level: float) -> tuple[Seat, ...]:
    """Return sections of which enough have the hook: where the source has it too rarely, it comes again.

    Parameters
    ----------
    seats : sequence of Seat
        The remix's sections.
    made, hook : sequence of Block and sequence of int
        The source's sections, and the numbers of those that have the hook.
    level : float
        Bars of the remix on one of the source's.

    Returns
    -------
    tuple of Seat
        The fullest sections in which nobody sings lie over the hook's bars, again and again if they are longer, until
        it is heard in a good third of all bars. Intros and outros stay as they are.
    """
    if not hook:
        return tuple(seats)
    result = list(seats)
    whole = sum(seat.section.bars for seat in seats)
    heard = sum(seat.section.bars for seat in seats if seat.block in hook and seat.section.lyrics is None)
    free = [
        place
        for place, seat in enumerate(seats)
        if seat.section.lyrics is None and seat.block not in hook and seat.section.label not in _FRAMES
    ]
    source = max(hook, key=lambda each: (made[each].bars, -each))
    for place in sorted(free, key=lambda each: (-seats[each].section.energy, -each)):
        bars = seats[place].section.bars
        if heard + bars > _HOOKED_MOST * whole or heard >= _HOOKED * whole:
            continue
        section = replace(seats[place].section, group=made[source].group)
        result[place] = Seat(section, _spans(made[source], bars, level), source)
        heard += bars
    return tuple(result)


def _seat(block: Block, number: int, level: float, lyrics: int | None, need: int) -> Seat:
    own = max(math.ceil(block.bars * level), 1)
    bars = own if need <= own else 2 * math.ceil(need / 2)
    section = Section(block.label, bars, block.energy, block.group, lyrics)
    return Seat(section, _spans(block, bars, level), number)


def _spans(block: Block, bars: int, level: float) -> tuple[tuple[int, int], ...]:
    """Return bars of the source, again and again, that make so many of the remix."""
    spans = []
    left = bars
    while left > 0:
        taken = min(block.bars, max(round(left / level), 1))
        spans.append((block.first, block.first + taken))
        left -= math.ceil(taken * level)
    return tuple(spans)


def _texts(lyrics: Lyrics) -> list[tuple[int, Label | None]]:
    """Return what is sung in order: the words' section, and what it is; a chorus without words has the last one's."""
    texts: list[tuple[int, Label | None]] = []
    chorus: int | None = None
    for number, section in enumerate(lyrics.sections):
        if section.lines:
            texts.append((number, section.label))
            chorus = number if section.label is Label.CHORUS else chorus
        elif section.label is Label.CHORUS and chorus is not None:
            texts.append((chorus, Label.CHORUS))
    return texts


def _sung_label(block: Block) -> Label:
    return Label.VERSE if block.label in _UNSUNG else block.label


def _enough(made: list[Block], texts: int) -> list[Block]:
    """Return blocks of which enough can be sung: the longest are divided, then the last are heard again."""
    while sum(each.label not in _UNSUNG for each in made) < texts:
        long = [place for place, each in enumerate(made) if each.bars >= 2 * _FEWEST_BARS]
        if long:
            place = max(long, key=lambda each: (made[each].label not in _UNSUNG, made[each].bars, -each))
            block = made[place]
            middle = block.first + 2 * round(block.bars / 4)
            label = _sung_label(block)
            first = replace(block, last=middle, label=label)
            made[place : place + 1] = [first, replace(block, first=middle, label=label)]
            continue
        body = [each for each in made if each.label not in _UNSUNG] or [replace(made[-1], label=Label.VERSE)]
        end = len(made) - (made[-1].label is Label.OUTRO)
        again = body[-2:] if len(body) > 1 else body
        made[end:end] = again[: max(texts - len(body), 1)]
        if not any(each.label not in _UNSUNG for each in made):
            break
    return made


def _need(lyrics: Lyrics, number: int, prosody: Prosody) -> int:
    """Return how many bars words need, every line on a half bar, a breath longer than at the quickest."""
    half = prosody.metre.bar_quarters / 2.0
    lines = lyrics.sections[number].lines
    need = sum(math.ceil(1.25 * needed_quarters(len(line.syllables), prosody) / half) * half for line in lines)
    return max(math.ceil(need / prosody.metre.bar_quarters), 1)


def _places(
    made: Sequence[Block], labels: Sequence[Label | None], needs: Sequence[int], level: float
) -> dict[int, int]:
    """Return which block has which words."""
    states: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {0: (0.0, ())}
    for number, block in enumerate(made):
        following: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {}
        for done, (cost, path) in sorted(states.items()):
            options = [(done, cost + (_SILENT if block.label not in _UNSUNG else 0.0), path)]
            if done < len(labels):
                fits = _misfit(block, labels[done], needs[done], level)
                options.append((done + 1, cost + fits, (*path, (number, done))))
            for reached, total, way in options:
                if reached not in following or total < following[reached][0]:
                    following[reached] = (total, way)
        states = following
    return dict(states[max(states)][1])


def _misfit(block: Block, label: Label | None, need: int, level: float) -> float:
    bars = max(block.bars * level, 1.0)
    cost = _SHORT * max(math.log2(need / bars), 0.0)
    cost += _FRAME if block.label in _UNSUNG and label is not block.label else 0.0
    alike = label is None or label is block.label or {label, block.label} <= set(_CHORUSES)
    return cost + (0.0 if alike else _OTHER)
