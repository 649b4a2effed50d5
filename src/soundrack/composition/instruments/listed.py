"""An entry of the catalogue of instruments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from soundrack.composition.instruments.tone import Instrument


class Family(StrEnum):
    """What kind of instrument it is, as an orchestrator sorts them."""

    KEYS = "keys"
    GUITARS = "guitars"
    BASSES = "basses"
    STRINGS = "strings"
    CHOIRS = "choirs"
    BRASS = "brass"
    WINDS = "winds"
    MALLETS = "mallets"
    LEADS = "leads"
    """Synthesisers that play lines or chords."""
    PADS = "pads"
    TEXTURES = "textures"
    """Noises that lie under everything; their pitch says little."""
    TRANSITIONS = "transitions"
    """What leads from one section into the next; a tone lasts as long as the movement."""
    KITS = "kits"


@dataclass(frozen=True)
class Listed:
    """An instrument that can be had.

    Parameters
    ----------
    family : Family
        Its kind.
    lowest, highest : int
        MIDI numbers between which it sounds as it should; it plays others as well. Of kits, the keys of the drum map.
    program : int
        General MIDI's program, from 0; of kits, General MIDI Level 2's drum set on channel 10.
    make : callable
        Returns a new instrument.
    """

    family: Family
    lowest: int
    highest: int
    program: int
    make: Callable[[], Instrument]

    @property
    def is_kit(self) -> bool:
        """Whether its pitches are keys of General MIDI's drum map."""
        return self.family is Family.KITS
