"""Cutting: a shorter version of a recording, with joins that are not heard.

The path reads: `hearing` (bars, form, what each bar sounds like) → `joining` (what each join would cost) → `path` (the
best way of the wanted length) → `seams` (where exactly, and how faded) → `cutting` (file to file).
"""

from soundrack.composition.cutting.cutting import Outputs, cut
from soundrack.composition.cutting.made import Cut, Join, Piece
from soundrack.composition.cutting.order import LONGEST_S, SHORTEST_S, CutOrder, End, Start

__all__ = ["LONGEST_S", "SHORTEST_S", "Cut", "CutOrder", "End", "Join", "Outputs", "Piece", "Start", "cut"]
