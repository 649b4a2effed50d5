"""What is ordered: a loop or a single sound."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.bounds import check_duration, check_seed

SHORTEST_S, LONGEST_S = 1.0, 60.0


@dataclass(frozen=True)
class SampleOrder:
    """A musical sample that is wanted.

    Parameters
    ----------
    prompt : str
        What is to be heard, in English or Korean; any text.
    duration_s : float
        1 to 60.
    loopable : bool
        Whether it is whole bars whose end leads to their beginning.
    seed : int
        0 to 2**63 - 1.

    Raises
    ------
    Invalid
        If duration or seed lie outside their range.
    """

    prompt: str
    duration_s: float
    loopable: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        check_duration(self.duration_s, SHORTEST_S, LONGEST_S)
        check_seed(self.seed)
