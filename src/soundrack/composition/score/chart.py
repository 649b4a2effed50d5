"""The chart: what everybody in the band reads, whatever they play."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.plan import Label, Plan
from soundrack.composition.score.form import keys
from soundrack.composition.score.score import Note, Placed, Sounding
from soundrack.composition.styles.accompaniment import Accompaniment, accompaniment
from soundrack.composition.styles.drums import Clave
from soundrack.composition.theory import SCALES, Key

_EPSILON = 1e-6
_HIGHLIGHTS = (Label.CHORUS, Label.DROP)


@dataclass(frozen=True)
class Span:
    """A part of the song, in quarter notes."""

    start: float
    end: float


@dataclass(frozen=True)
class Chart:
    """A song as its accompanists see it.

    Parameters
    ----------
    plan : Plan
        The song's.
    tables : Accompaniment
        Of its style.
    sections : tuple of Placed
        In order, without gaps.
    keys : tuple of Key
        Of each section.
    harmony : tuple of Sounding
        In order, without overlaps.
    lead : tuple of Note
        The tune, sung or played, in order.
    clave : Clave or None
        Which everything follows, if the style has one.
    stops : tuple of Span
        Where all are silent.
    """

    plan: Plan
    tables: Accompaniment
    sections: tuple[Placed, ...]
    keys: tuple[Key, ...]
    harmony: tuple[Sounding, ...]
    lead: tuple[Note, ...]
    clave: Clave | None
    stops: tuple[Span, ...]

    @property
    def bar(self) -> float:
        """How long a bar is."""
        return self.plan.metre.bar_quarters

    @property
    def beat(self) -> float:
        """How long a beat is."""
        return self.plan.metre.beat_quarters

    @property
    def end(self) -> float:
        """Where the last bar ends."""
        last = self.sections[-1]
        return last.start + last.section.bars * self.bar

    @property
    def clave_shift(self) -> float:
        """By how much figures that are written with the side of three first are moved."""
        return self.bar / 2 if self.clave is not None and self.clave.two_first else 0.0

    @property
    def climax(self) -> int | None:
        """Which section is the last of several choruses or drops, from 0."""
        found = [place for place, each in enumerate(self.sections) if each.section.label in _HIGHLIGHTS]
        return found[-1] if len(found) > 1 else None

    def chance(self, *names: str | int) -> np.random.Generator:
        """Return the random generator of a player and a purpose."""
        return chance(self.plan.seed, *names)

    def scale(self, at: float) -> tuple[int, ...]:
        """Return the pitch classes of the scale that holds at a time, from the tonic up."""
        place = max(bisect_right(self.sections, at + _EPSILON, key=lambda each: each.start) - 1, 0)
        return tuple((self.keys[place].tonic + step) % 12 for step in SCALES[self.plan.scale])

    def sounding(self, at: float) -> Sounding | None:
        """Return the chord that sounds at a time, or None."""
        place = self._place(at)
        if place < 0:
            return None
        found = self.harmony[place]
        return found if at < found.start + found.length - _EPSILON else None

    def coming(self, at: float) -> Sounding | None:
        """Return the first chord that begins after a time, or None."""
        place = self._place(at) + 1
        return self.harmony[place] if place < len(self.harmony) else None

    def chords(self, start: float, end: float) -> tuple[Sounding, ...]:
        """Return the chords of a span of time, cut at its ends."""
        cut = []
        for each in self.harmony[max(self._place(start), 0) :]:
            if each.start >= end - _EPSILON:
                break
            first, last = max(each.start, start), min(each.start + each.length, end)
            if last - first > _EPSILON:
                cut.append(Sounding(first, last - first, each.chord, each.roman))
        return tuple(cut)

    def tune(self, start: float, end: float) -> tuple[Note, ...]:
        """Return the notes of the tune that begin in a span of time."""
        return self.lead[self._played(start - _EPSILON) : self._played(end - _EPSILON)]

    def sings(self, start: float, end: float) -> bool:
        """Tell whether the tune moves in a span of time, rather than resting or holding a tone."""
        return bool(self.tune(start, end))

    def silent(self, at: float) -> bool:
        """Tell whether a time lies in a stop."""
        return any(stop.start - _EPSILON <= at < stop.end - _EPSILON for stop in self.stops)

    def _played(self, at: float) -> int:
        return bisect_right(self.lead, at, key=lambda note: note.start)

    def _place(self, at: float) -> int:
        return bisect_right(self.harmony, at + _EPSILON, key=lambda each: each.start) - 1


def chart(plan: Plan, sections: Sequence[Placed], harmony: Sequence[Sounding], lead: Sequence[Note]) -> Chart:
    """Write the chart of a song, and decide what all must agree on: the clave, and where the band stops."""
    tables = accompaniment(plan.style)
    own = [groove for groove in tables.drums.grooves if plan.substyle in groove.substyles]
    claves = tables.drums.claves if not own or any(groove.clave for groove in own) else ()
    clave = claves[int(chance(plan.seed, "clave").integers(len(claves)))] if claves else None
    return Chart(
        plan=plan,
        tables=tables,
        sections=tuple(sections),
        keys=keys(plan),
        harmony=tuple(harmony),
        lead=tuple(sorted(lead, key=lambda note: (note.start, note.pitch))),
        clave=clave if plan.metre.bar_quarters == 4.0 else None,
        stops=_stops(plan, tables, sections),
    )


def _stops(plan: Plan, tables: Accompaniment, sections: Sequence[Placed]) -> tuple[Span, ...]:
    """Return the silences before drops and choruses that rise out of what comes before them."""
    rng = chance(plan.seed, "stops")
    stops = []
    for before, after in pairwise(sections):
        beats = float(rng.choice(tables.transition.stop_beats))
        rises = after.section.energy - before.section.energy > 0.1 or before.section.label is Label.BUILD
        if after.section.label in _HIGHLIGHTS and rises and beats > 0.0 and before.section.bars > 1:
            stops.append(
                Span(after.start - min(beats * plan.metre.beat_quarters, plan.metre.bar_quarters), after.start)
            )
    return tuple(stops)
