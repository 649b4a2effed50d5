"""What a composed song is: notes, chords and sections over positions in quarter notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.corpus.pitch import Chord, Key


@dataclass(frozen=True)
class Metre:
    """A metre: how many quarter notes a bar has, and on which of them its beats fall."""

    name: str
    bar_q: float
    beats_q: tuple[float, ...]

    @property
    def common(self) -> bool:
        """Whether it is one of the three that most music is in."""
        return self.name in ("4/4", "3/4", "6/8")

    @property
    def beat_q(self) -> float:
        """The length of its beat in quarter notes, the mean one where they differ."""
        return self.bar_q / len(self.beats_q)


METRES = {
    "4/4": Metre("4/4", 4.0, (0.0, 1.0, 2.0, 3.0)),
    "3/4": Metre("3/4", 3.0, (0.0, 1.0, 2.0)),
    "6/8": Metre("6/8", 3.0, (0.0, 1.5)),
    "2/4": Metre("2/4", 2.0, (0.0, 1.0)),
    "5/4": Metre("5/4", 5.0, (0.0, 1.0, 2.0, 3.0, 4.0)),
    "7/8": Metre("7/8", 3.5, (0.0, 1.0, 2.0)),
}


@dataclass(frozen=True)
class Note:
    """A note: where and how long in quarter notes, as which MIDI number, how hard from 1 to 127.

    `late_ms` comes on top of where it is, as a strum's strings follow each other.
    """

    start_q: float
    length_q: float
    pitch: int
    velocity: float
    late_ms: float = 0.0


@dataclass(frozen=True)
class Span:
    """A chord and from where to where it holds; None where none sounds."""

    start_q: float
    end_q: float
    chord: Chord | None
    key: Key


@dataclass(frozen=True)
class Section:
    """A part of the form. `start_bar` counts from 0; sections of one `group` have the same music."""

    label: str
    group: str
    start_bar: int
    bars: int
    key: Key


@dataclass
class Part:
    """An instrument's notes: `role` is ``drums``, ``bass``, ``comp``, ``pad`` or ``lead``, `program` General MIDI's."""

    role: str
    program: int
    pan: float = 0.5
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Score:
    """A composed song."""

    metre: Metre
    sections: list[Section]
    spans: list[Span]
    parts: list[Part]

    @property
    def bars(self) -> int:
        """How many bars it has."""
        return self.sections[-1].start_bar + self.sections[-1].bars
