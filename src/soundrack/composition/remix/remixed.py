"""What is told of a remix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from soundrack.composition.outputs import Composition
from soundrack.composition.remix.kept import Kind
from soundrack.composition.theory import Key


@dataclass(frozen=True)
class Origin:
    """What was heard in a source.

    `tempo_bpm` and `key` are None where there was none to hear; `voice` says whether somebody sings.
    """

    duration_s: float
    tempo_bpm: float | None
    key: Key | None
    metre: str
    voice: bool
    tuning_cents: float


@dataclass(frozen=True)
class Join:
    """A part of the source and where it is in the remix, both in seconds: moments in between follow each other."""

    source_s: tuple[float, ...]
    remix_s: tuple[float, ...]


@dataclass(frozen=True)
class Remixed:
    """A remix that was made.

    Parameters
    ----------
    song : Composition
        Plan, score, measurement, files and notes.
    origin : Origin
        What it was made of.
    kept : Kind
        What is kept of that.
    rate : float
        How much faster that plays than in the source; 1: the band keeps the source's time.
    semitones : float
        By how much it is higher, with what evens out the source's tuning.
    joins : tuple of Join
        Where the source's beats are.
    substituted : float
        Part of the remix, 0 to 1, that has other chords than the source.
    clash_before, clash_after : float
        Part of what is kept, 0 to 1, that lies a semitone from a tone of the chord under it: with the source's chords
        and with those of the remix.
    """

    song: Composition
    origin: Origin
    kept: Kind
    rate: float
    semitones: float
    joins: tuple[Join, ...]
    substituted: float
    clash_before: float
    clash_after: float

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of it, for JSON."""
        origin = self.origin
        return {
            **self.song.as_dict(),
            "source": {
                "duration_s": round(origin.duration_s, 3),
                "tempo_bpm": None if origin.tempo_bpm is None else round(origin.tempo_bpm, 2),
                "key": None if origin.key is None else origin.key.name,
                "metre": origin.metre,
                "voice": origin.voice,
                "tuning_cents": round(origin.tuning_cents, 1),
            },
            "kept": self.kept.value,
            "rate": round(self.rate, 4),
            "semitones": round(self.semitones, 2),
            "substituted": round(self.substituted, 3),
            "clash": {"before": round(self.clash_before, 3), "after": round(self.clash_after, 3)},
        }
