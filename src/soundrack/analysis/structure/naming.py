"""What a section is called: by how often it comes back, how much goes on in it, where it stands and whether it is sung.

What is repeated is verse or chorus: the chorus is the one with more energy, or that comes later and oftener where they
are equally strong. What comes once is the begin, the end, a bridge, a break or an instrumental part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Label(StrEnum):
    """What a section does in a song."""

    INTRO = "intro"
    VERSE = "verse"
    CHORUS = "chorus"
    BRIDGE = "bridge"
    BREAK = "break"
    INSTRUMENTAL = "instrumental"
    OUTRO = "outro"


@dataclass(frozen=True)
class Part:
    """A section before it has a name: how many bars, its group, its energy 0 to 1, the share of it that is sung.

    `sung` is None where that is not known.
    """

    bars: float
    group: int
    energy: float
    sung: float | None


@dataclass(frozen=True)
class Name:
    """A name and how sure it is, 0 to 1; no name where there is nothing to go by."""

    label: Label | None
    confidence: float


_EDGE_SHARE = 0.25
"""Of the song, at most: what an introduction or an ending takes."""
_SHORT_BARS = 4.0
_QUIETER = 0.12
_CLEAR = 0.08
_OFTEN, _VOICE, _LATE = 0.15, 0.1, 0.6
"""What counts for the chorus beside its energy: how much of the song it takes, how much is sung, how late it begins.
A verse nearly always comes first, and records are loud throughout."""
_SUNG, _UNSUNG = 0.5, 0.2


def names(parts: list[Part]) -> list[Name]:
    """Return a name for each section of a song.

    Parameters
    ----------
    parts : list of Part
        In their order.

    Notes
    -----
    The confidences are close to how often such a name was right on 128 rendered songs of no measured half; that of
    an instrumental part was not measured, for none of these has one.
    """
    counts = Counter(part.group for part in parts)
    inner = [part for part in parts if counts[part.group] > 1]
    chorus, margin = _chorus(parts, counts)
    typical = _mean(inner or parts)
    return [_name(parts, at, counts, chorus, margin, typical) for at in range(len(parts))]


def _chorus(parts: list[Part], counts: Counter[int]) -> tuple[int | None, float]:
    """Return the group that is the chorus and by how much it is ahead; None where nothing stands against it.

    One group alone that is repeated is the chorus where something that could be a verse comes before it, and the verse
    where the song begins with it.
    """
    repeated = list(dict.fromkeys(part.group for part in parts if counts[part.group] > 1))
    if not repeated:
        return None, 0.0
    if len(repeated) == 1:
        first = next(at for at, part in enumerate(parts) if part.group == repeated[0])
        before = [part for part in parts[1:first] if part.bars > _SHORT_BARS]
        begins = parts[0].bars > _SHORT_BARS and first > 0 and parts[0].bars >= parts[first].bars
        return (repeated[0], 0.0) if before or begins else (None, 0.0)
    scores = {group: _strength(parts, group) for group in repeated}
    first_group, second = sorted(scores, key=lambda group: -scores[group])[:2]
    return first_group, scores[first_group] - scores[second]


def _strength(parts: list[Part], group: int) -> float:
    at = [place for place, part in enumerate(parts) if part.group == group]
    bars = sum(parts[place].bars for place in at) / sum(part.bars for part in parts)
    known = [share for share in (parts[place].sung for place in at) if share is not None]
    voice = float(np.mean(known)) if known else 0.0
    return _mean([parts[place] for place in at]) + _OFTEN * bars + _VOICE * voice + _LATE * at[0] / len(parts)


def _name(parts: list[Part], at: int, counts: Counter[int], chorus: int | None, margin: float, typical: float) -> Name:
    part, share = parts[at], parts[at].bars / sum(each.bars for each in parts)
    alone, unsung = counts[part.group] == 1, part.sung is not None and part.sung < _UNSUNG
    # a song may end as it begins
    framing = parts[0].group == parts[-1].group == part.group and counts[part.group] == 2
    instrumental = unsung and any(other.sung is not None and other.sung > _SUNG for other in parts)
    if at in (0, len(parts) - 1) and share <= _EDGE_SHARE and (alone or framing or instrumental):
        clear = part.bars <= _SHORT_BARS or part.energy < typical - _QUIETER
        return Name(Label.OUTRO if at else Label.INTRO, 0.9 if clear else 0.55)
    if instrumental:
        return Name(Label.INSTRUMENTAL, 0.5)
    if not alone:
        if part.group == chorus:
            return Name(Label.CHORUS, 0.9 if margin > _CLEAR else 0.85)
        return Name(Label.VERSE, 0.9 if chorus is not None else 0.75)
    return _once(parts, at, counts, chorus, typical)


def _once(parts: list[Part], at: int, counts: Counter[int], chorus: int | None, typical: float) -> Name:
    """Name what comes once, within the song."""
    if len(counts) == len(parts):
        return Name(None, 0.0)  # nothing comes back: there is no verse to bridge
    if parts[at].bars <= _SHORT_BARS / 2.0 or parts[at].energy < typical - 2.0 * _QUIETER:
        return Name(Label.BREAK, 0.6)
    first = next((place for place, each in enumerate(parts) if each.group == chorus), None)
    if first is None:  # one thing is repeated from the begin on, and this is what stands against it
        first = next((place for place, each in enumerate(parts) if counts[each.group] > 1), len(parts) // 2)
    return Name(Label.BRIDGE, 0.6) if at > first else Name(Label.VERSE, 0.8)


def _mean(parts: list[Part]) -> float:
    return float(np.average([part.energy for part in parts], weights=[part.bars for part in parts]))
