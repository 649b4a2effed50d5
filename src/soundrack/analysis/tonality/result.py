"""What is told of a song's harmony."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.pitch import tonic_name
from soundrack.analysis.tonality.scales import Scale
from soundrack.analysis.tonality.wheel import camelot, key_name, open_key, sharps


@dataclass(frozen=True)
class Key:
    """A key: `tonic` 0 (C) to 11, `mode` ``major`` or ``minor``, and how sure, 0 to 1."""

    tonic: int
    mode: str
    confidence: float

    @property
    def name(self) -> str:
        """As in ``Eb minor``."""
        return key_name(self.tonic, self.mode)

    @property
    def camelot(self) -> str:
        """As in ``5A``."""
        return camelot(self.tonic, self.mode)

    @property
    def open_key(self) -> str:
        """As in ``10m``."""
        return open_key(self.tonic, self.mode)

    @property
    def sharps(self) -> int:
        """Of the signature: sharps, or flats below zero."""
        return sharps(self.tonic, self.mode)


@dataclass(frozen=True)
class KeySegment:
    """A stretch of a song in one key; `key` is None where there is none."""

    start_s: float
    end_s: float
    key: Key | None


@dataclass(frozen=True)
class Chord:
    """A chord.

    `label` is its name spelled in the key (``F#m7``, ``Bb/D``, ``N``), `roman` its numeral in the key, or None without
    a key or chord; `root` and `bass` are pitch classes and `quality` one of
    :data:`~soundrack.analysis.tonality.labels.QUALITIES`, None for ``N``.
    """

    start_s: float
    end_s: float
    label: str
    roman: str | None
    confidence: float
    root: int | None
    quality: str | None
    bass: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return the documented fields."""
        return {
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "label": self.label,
            "roman": self.roman,
            "confidence": round(self.confidence, 2),
        }


@dataclass(frozen=True)
class Progression:
    """The loop of chords that a song repeats: numerals, names, and how often it comes."""

    numerals: tuple[str, ...]
    chords: tuple[str, ...]
    times: int

    @property
    def summary(self) -> str:
        """In words."""
        return f"{' – '.join(self.numerals)}, {self.times} times"

    def as_dict(self) -> dict[str, Any]:
        """Return the documented fields."""
        return {
            "numerals": list(self.numerals),
            "chords": list(self.chords),
            "times": self.times,
            "summary": self.summary,
        }


@dataclass(frozen=True)
class Tonality:
    """A song's harmony.

    `key` is that of the song as a whole, None where it has none; `alternatives` are the next most likely keys.
    `segments` cover the song; `modulations` are the times, in seconds, at which one key follows another. `melody` is
    the predominant line.
    """

    key: Key | None
    confidence: float
    alternatives: tuple[Key, ...]
    segments: tuple[KeySegment, ...]
    chords: tuple[Chord, ...]
    progression: Progression | None
    scale: Scale | None
    melody: tuple[MelodyNote, ...]
    tuning_cents: float | None

    @property
    def modulations(self) -> list[tuple[float, Key, Key]]:
        """Return when the key changes, from which and to which."""
        keyed = [segment for segment in self.segments if segment.key is not None]
        return [
            (after.start_s, before.key, after.key)
            for before, after in itertools.pairwise(keyed)
            if before.key is not None and after.key is not None
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the part ``key`` of the result."""
        key = self.key
        return {
            "name": key and key.name,
            "tonic": key and tonic_name(key.tonic, key.mode),
            "mode": key and key.mode,
            "camelot": key and key.camelot,
            "open_key": key and key.open_key,
            "confidence": round(self.confidence, 2),
            "tuning_cents": None if self.tuning_cents is None else round(self.tuning_cents, 1),
            "alternatives": [
                {"name": other.name, "confidence": round(other.confidence, 2)} for other in self.alternatives
            ],
            "segments": [
                {
                    "start_s": round(segment.start_s, 3),
                    "end_s": round(segment.end_s, 3),
                    "name": segment.key and segment.key.name,
                    "camelot": segment.key and segment.key.camelot,
                    "open_key": segment.key and segment.key.open_key,
                    "confidence": round(segment.key.confidence, 2) if segment.key else 0.0,
                }
                for segment in self.segments
            ],
            "modulations": [
                {"at_s": round(at_s, 3), "from": before.name, "to": after.name}
                for at_s, before, after in self.modulations
            ],
        }
