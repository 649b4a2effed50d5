"""What a cut is ordered by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from soundrack.errors import Invalid

SHORTEST_S, LONGEST_S = 5.0, 600.0


class Start(StrEnum):
    """Where a cut begins."""

    ANY = "any"
    """With the beginning of a section, the song's own or another."""
    BEGINNING = "beginning"
    """With the song."""


class End(StrEnum):
    """How a cut ends."""

    SMART = "smart"
    """With the song's own ending, else where a section ends, its last stroke ringing off."""
    FADE = "fade"
    """In a fade, after exactly the length that is wanted."""


@dataclass(frozen=True)
class CutOrder:
    """A shorter version that is wanted.

    Parameters
    ----------
    target_s : float
        How long it should be, 5 to 600 s.
    start : Start
        Where it begins.
    end : End
        How it ends.

    Raises
    ------
    Invalid
        If the target lies outside its range; with the field ``target_s``.
    """

    target_s: float
    start: Start = Start.ANY
    end: End = End.SMART

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if not (math.isfinite(self.target_s) and SHORTEST_S <= self.target_s <= LONGEST_S):
            raise Invalid(f"A cut must last {SHORTEST_S:g} to {LONGEST_S:g} s.", field="target_s")
