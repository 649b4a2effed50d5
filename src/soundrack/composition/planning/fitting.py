"""Fitting a form into a number of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundrack.composition.plan import Label

_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128)
_FRAME = (Label.INTRO, Label.OUTRO)
_DROPPED = {
    Label.INTRO: 0.9,
    Label.OUTRO: 1.1,
    Label.VERSE: 1.0,
    Label.CHORUS: 1.4,
    Label.DROP: 1.4,
    Label.BRIDGE: 0.8,
    Label.BREAK: 0.9,
    Label.BUILD: 0.9,
    Label.PRE_CHORUS: 0.8,
    Label.INSTRUMENTAL: 0.9,
}
"""What it costs to leave a section out, beside one that is half or twice as long as usual (1)."""
_HEART = 8.0
_ODD, _HALF = 1.3, 0.45
"""What a length costs that is odd (or takes bars from a form of twelve), or no multiple of four bars."""
_FRAME_ODD = 0.25
_FRAME_SHORTER, _FRAME_LONGER = 0.35, 1.2
"""What half and double lengths of intros and outros cost."""
_FRAME_SHARE, _FRAME_TOO_LONG = 0.25, 3.0
"""Of the whole song that an intro or outro should take at most, and what twice as much costs besides."""
_GONE = 0.6
"""What it costs besides that none of a group's sections stays: a verse and a chorus are more of a song than two
choruses."""
_OFF = 0.6
_MOST_TIMES = 4
_BEFORE = (Label.BUILD, Label.PRE_CHORUS)
_CALM = 0.4


@dataclass(frozen=True)
class Draft:
    """A section while its length is open.

    Parameters
    ----------
    label, energy, group, lyrics
        As in `plan.Section`.
    bars : int
        As the style or the words have it.
    least : int
        Which it cannot be shorter than.
    needed : bool
        Whether it was wished, so that it, like sections in which somebody sings, cannot be left out.
    """

    label: Label
    bars: int
    energy: float
    group: str
    lyrics: int | None = None
    least: int = 1
    needed: bool = False


@dataclass(frozen=True)
class _Unit:
    """Sections of one group that get one length; what is `heart` should not vanish, what is `needed` cannot."""

    places: tuple[int, ...]
    draft: Draft
    heart: bool
    needed: bool


def fitted(drafts: Sequence[Draft], bars: int, tolerance: int, phrase: int) -> tuple[tuple[Draft, ...], float]:
    """Give sections lengths that add up.

    Lengths change by whole groups, so that what is the same music stays as long (intros and outros apart); multiples of
    the phrase or of four bars are preferred, and intros and outros take what is left over; sections are left out where
    the song is short.
    The cheapest way is found by dynamic programming over groups and bars.

    Parameters
    ----------
    drafts : sequence of Draft
        The form as it would be.
    bars : int
        How many there shall be in all, at least 1.
    tolerance : int
        By how many it may differ.
    phrase : int
        Bars of the style's phrases.

    Returns
    -------
    (tuple of Draft, float)
        The form and what it cost; where the words need more time than there is, the shortest form that holds them.
    """
    units = _units(drafts)
    most = bars + tolerance
    states: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {0: (0.0, ())}
    for unit in units:
        following: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {}
        options = _options(unit, phrase, bars)
        for total, (cost, path) in states.items():
            for length, kept, extra in options:
                reached = total + length * kept
                if reached > most:
                    continue
                known = following.get(reached)
                if known is None or cost + extra < known[0]:
                    following[reached] = (cost + extra, (*path, (length, kept)))
        states = following
        if not states:
            return _shortest(drafts), math.inf
    good = {total: state for total, state in states.items() if abs(total - bars) <= tolerance and total > 0}
    if not good:
        closest = min((total for total in states if total > 0), key=lambda total: abs(total - bars), default=None)
        if closest is None:
            return _shortest(drafts), math.inf
        good = {closest: states[closest]}
    total = min(good, key=lambda each: (good[each][0] + _OFF * abs(each - bars) / max(tolerance, 1), each))
    applied = _applied(drafts, units, good[total][1])
    return (applied if abs(total - bars) <= tolerance else _filled(applied, bars - total)), good[total][0]


def _filled(drafts: Sequence[Draft], more: int) -> tuple[Draft, ...]:
    """Make one section longer or shorter where no lengths of whole groups add up: the last that can be."""
    able = [place for place, draft in enumerate(drafts) if draft.bars + more >= draft.least]
    if not able:
        return tuple(drafts)
    chosen = max(able, key=lambda place: (drafts[place].label in _FRAME, drafts[place].lyrics is None, place))
    return tuple(
        replace(draft, bars=draft.bars + more) if place == chosen else draft for place, draft in enumerate(drafts)
    )


def _units(drafts: Sequence[Draft]) -> list[_Unit]:
    """Group sections that get one length: those of a group, but of sung ones only those with the same needs."""
    heart = max(range(len(drafts)), key=lambda place: (drafts[place].energy, drafts[place].lyrics is not None, -place))
    found: dict[tuple[str, str, int, int], list[int]] = {}
    for place, draft in enumerate(drafts):
        sung = draft.lyrics is not None
        frame = draft.label.value if draft.label in _FRAME else ""
        needs = (draft.least, draft.bars) if sung else (0, 0)
        found.setdefault((draft.group, frame, *needs), []).append(place)
    return [
        _Unit(
            tuple(places),
            max((drafts[place] for place in places), key=lambda each: each.bars),
            heart in places,
            any(drafts[place].needed for place in places),
        )
        for places in found.values()
    ]


def _options(unit: _Unit, phrase: int, bars: int) -> list[tuple[int, int, float]]:
    """Return lengths, how many of the sections stay, and what that costs."""
    draft, count = unit.draft, len(unit.places)
    sung = draft.lyrics is not None
    options = []
    for length in sorted({*_LENGTHS, draft.bars, draft.least}):
        if length < draft.least or length > max(_MOST_TIMES * draft.bars, draft.least):
            continue
        cost = _stretched(length, draft, bars) + _misfit(length, draft, phrase)
        options += [
            (length, kept, kept * cost + (count - kept) * _DROPPED[draft.label])
            for kept in range(count if sung else 1, count + 1)
        ]
    if not sung and not unit.needed:
        gone = 0.0 if draft.label in _FRAME else _GONE
        options.append((0, 0, count * _DROPPED[draft.label] + gone + (_HEART if unit.heart else 0.0)))
    return options


def _stretched(length: int, draft: Draft, bars: int) -> float:
    """Return what it costs that a section is longer or shorter than written, in a song of some bars."""
    octaves = math.log2(length / draft.bars)
    if draft.label not in _FRAME:
        return abs(octaves)
    share = math.log2(length / max(_FRAME_SHARE * bars, 1.0))
    return max(_FRAME_LONGER * octaves, -_FRAME_SHORTER * octaves) + _FRAME_TOO_LONG * max(share, 0.0)


def _misfit(length: int, draft: Draft, phrase: int) -> float:
    if draft.bars % 12 == 0 and length % 12:
        return _ODD
    if length == draft.bars or length % phrase == 0 or length == phrase // 2:
        return 0.0
    odd = _FRAME_ODD if draft.label in _FRAME else 1.0
    return odd * (_ODD if length % 2 else (_HALF if length % 4 else 0.1))


def _applied(drafts: Sequence[Draft], units: Sequence[_Unit], path: Sequence[tuple[int, int]]) -> tuple[Draft, ...]:
    lengths: dict[int, int] = {}
    # what leads to other sections is chosen last, when it is known which of them stay
    pairs = sorted(zip(units, path, strict=True), key=lambda pair: pair[0].draft.label in _BEFORE)
    for unit, (length, kept) in pairs:
        for place in _staying(unit, kept, lengths):
            lengths[place] = length
    stay = [replace(drafts[place], bars=lengths[place]) for place in sorted(lengths)]
    return tuple(_led(draft, after) for draft, after in zip(stay, [*stay[1:], None], strict=True))


def _led(draft: Draft, after: Draft | None) -> Draft:
    """Return a section, a quiet one where it would build up to an outro or to nothing."""
    if draft.label not in _BEFORE or draft.lyrics is not None or draft.needed:
        return draft
    if after is not None and after.label is not Label.OUTRO:
        return draft
    return replace(draft, label=Label.BREAK, energy=min(draft.energy, _CALM))


def _staying(unit: _Unit, kept: int, lengths: dict[int, int]) -> list[int]:
    """Return which sections of a group stay: the first and the last; of builds those before what stays."""
    count = len(unit.places)
    if unit.draft.label in _BEFORE:
        return sorted(sorted(unit.places, key=lambda place: (place + 1 not in lengths, place))[:kept])
    if kept <= 1:
        return list(unit.places[:kept])
    return [unit.places[round(number * (count - 1) / (kept - 1))] for number in range(kept)]


def _shortest(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Return the sections that cannot be left out, as short as they can be."""
    sung = tuple(replace(draft, bars=draft.least) for draft in drafts if draft.lyrics is not None)
    return sung or (replace(max(drafts, key=lambda draft: draft.energy), bars=1),)
