"""What is told of a cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A stretch of the source that is played, in seconds, and in bars counted from 1, None where it has no bars."""

    start_s: float
    end_s: float
    first_bar: int | None
    last_bar: int | None


@dataclass(frozen=True)
class Join:
    """A join that was made.

    Parameters
    ----------
    at_s : float
        Where it lies in the cut: the middle of its fade.
    from_s, to_s : float
        Where the source is left and entered.
    from_bar, to_bar : int or None
        The bar that is not played any more and the one that is played instead, counted from 1; None without bars.
    lag_ms : float
        By how much the second side was moved to lie better.
    fade_ms : float
        How long the fade is.
    correlation : float
        How alike both sides are under it, -1 to 1.
    flux_percentile : float
        How much begins at the join, beside the song's own beats: 0 less than at any, 100 more than at any.
    drop_percentile : float
        How much breaks off there, likewise.
    """

    at_s: float
    from_s: float
    to_s: float
    from_bar: int | None
    to_bar: int | None
    lag_ms: float
    fade_ms: float
    correlation: float
    flux_percentile: float
    drop_percentile: float


@dataclass(frozen=True)
class Cut:
    """A shorter version that was made.

    Parameters
    ----------
    duration_s, target_s : float
        How long it is, and was to be.
    source_s : float
        How long the recording is.
    pieces, joins : tuples
        What is played of it, and how it is joined.
    on : str
        ``bars``, ``beats`` or ``quiet``: where it was cut.
    ending : str
        ``own``, the song's; ``ring``, the last stroke rings off; ``fade``.
    highlight : mapping or None
        ``label`` (``chorus`` or ``most energy``), ``start_s`` and ``end_s`` in the source, ``inside``, the share of it
        that is played. None where the whole is too short to hold one.
    notes : tuple of str
        What a listener may want to know.
    """

    duration_s: float
    target_s: float
    source_s: float
    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]
    on: str
    ending: str
    highlight: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of it, for JSON."""
        return {
            "duration_s": round(self.duration_s, 3),
            "target_s": self.target_s,
            "source_s": round(self.source_s, 3),
            "on": self.on,
            "ending": self.ending,
            "highlight": None if self.highlight is None else _rounded(self.highlight),
            "pieces": [_rounded(asdict(each)) for each in self.pieces],
            "joins": [_rounded(asdict(each)) for each in self.joins],
            "notes": list(self.notes),
        }


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}
