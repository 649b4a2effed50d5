"""What a song is ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soundrack.composition.bounds import check_duration, check_seed
from soundrack.composition.plan import Plan
from soundrack.errors import Invalid

MOST_PROMPT, MOST_LYRICS = 2000, 10_000
"""Characters."""
SHORTEST_S, LONGEST_S = 1.0, 600.0


@dataclass(frozen=True)
class Order:
    """A song that is wanted: by a prompt, a recording that it shall resemble, or a plan.

    Parameters
    ----------
    prompt : str or None
        What a person says of it; may be empty, up to 2000 characters. Exactly one of these three is given.
    reference : Path or None
        A recording, in any format that is read here. Its chords and melodies are not taken.
    plan : Plan or None
        As `planning.from_dict` reads it; `duration_s` and `variation` have no effect on it, and its own seed holds.
    lyrics : str or None
        What is sung, up to 10,000 characters; None, or nothing that is a word: nobody sings.
    duration_s : float or None
        How long its bars shall last, 1 to 600 s; None: as wished, or two to three minutes.
    seed : int
        0 to 2**63 - 1: decides all that is open.
    variation : int
        0 or more: another song of the same wishes.

    Raises
    ------
    Invalid
        If a value is outside its range, with the name of the field.
    """

    prompt: str | None = None
    reference: Path | None = None
    plan: Plan | None = None
    lyrics: str | None = None
    duration_s: float | None = None
    seed: int = 0
    variation: int = 0

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.prompt, self.reference, self.plan)) != 1:
            raise Invalid("A song needs exactly one of a prompt, a reference and a plan.", field="prompt")
        if self.prompt is not None and len(self.prompt) > MOST_PROMPT:
            raise Invalid(f"The prompt must not be longer than {MOST_PROMPT} characters.", field="prompt")
        if self.lyrics is not None and len(self.lyrics) > MOST_LYRICS:
            raise Invalid(f"The lyrics must not be longer than {MOST_LYRICS} characters.", field="lyrics")
        if self.duration_s is not None:
            check_duration(self.duration_s, SHORTEST_S, LONGEST_S)
        check_seed(self.seed)
        if self.variation < 0:
            raise Invalid("The variation must be 0 or more.", field="variation")
