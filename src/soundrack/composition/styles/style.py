"""A style: what makes a song one of its kind."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.fields import Fields
from soundrack.composition.styles.harmony import HarmonyTable
from soundrack.composition.styles.melody import MelodyTable
from soundrack.composition.styles.planning import PlanTable


@dataclass(frozen=True)
class Style:
    """A style by its tables, apart from those that only the rhythm section reads.

    Parameters
    ----------
    name : str
        The key everywhere: ``drum_and_bass``.
    plan : PlanTable
        Tempo, swing, metre, keys, form and band.
    harmony : HarmonyTable
        Progressions and grammar.
    melody : MelodyTable
        Rhythm, contour and phrases of what is played and sung as the tune.
    """

    name: str
    plan: PlanTable
    harmony: HarmonyTable
    melody: MelodyTable


def read(name: str, fields: Fields) -> Style:
    """Read a style's file.

    Raises
    ------
    Invalid
        If a field of its own tables is wrong, missing or unknown.
    """
    return Style(
        name=name,
        plan=PlanTable.read(fields.table("plan")),
        harmony=HarmonyTable.read(fields.table("harmony")),
        melody=MelodyTable.read(fields.table("melody")),
    )
