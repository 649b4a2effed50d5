"""What a remix is ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soundrack.composition.bounds import check_duration, check_seed
from soundrack.composition.orders import LONGEST_S, MOST_LYRICS, MOST_PROMPT
from soundrack.errors import Invalid

SHORTEST_S = 4.0
"""Of sources and remixes: two bars at an easy tempo."""


@dataclass(frozen=True)
class RemixOrder:
    """A remix that is wanted.

    Parameters
    ----------
    source : Path
        A recording of 4 to 600 s in any format that is read here.
    prompt : str or None
        What the remix shall be, up to 2000 characters; None, or nothing about a style: one by seed that goes with the
        source's tempo and is not its own.
    lyrics : str or None
        Words that are sung instead of the source's, up to 10,000 characters.
    instrumental : bool
        Nobody sings: of the source, its hook is kept and not its voice. Not together with lyrics.
    duration_s : float or None
        How long it shall be at most, 4 to 600 s; None: as long as the source.
    seed : int
        0 to 2**63 - 1: decides all that is open.
    variation : int
        0 or more: another remix of the same wishes.

    Raises
    ------
    Invalid
        If a value is outside its range, with the name of the field.
    """

    source: Path
    prompt: str | None = None
    lyrics: str | None = None
    instrumental: bool = False
    duration_s: float | None = None
    seed: int = 0
    variation: int = 0

    def __post_init__(self) -> None:
        if self.prompt is not None and len(self.prompt) > MOST_PROMPT:
            raise Invalid(f"The prompt must not be longer than {MOST_PROMPT} characters.", field="prompt")
        if self.lyrics is not None and len(self.lyrics) > MOST_LYRICS:
            raise Invalid(f"The lyrics must not be longer than {MOST_LYRICS} characters.", field="lyrics")
        if self.lyrics is not None and self.instrumental:
            raise Invalid("An instrumental remix has no lyrics.", field="lyrics")
        if self.duration_s is not None:
            check_duration(self.duration_s, SHORTEST_S, LONGEST_S)
        check_seed(self.seed)
        if self.variation < 0:
            raise Invalid("The variation must be 0 or more.", field="variation")
