"""What lies under a tune at any time: chord, key, place in the bar."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from soundrack.composition.plan import Plan
from soundrack.composition.score.form import keys
from soundrack.composition.score.line import Slot
from soundrack.composition.score.metrics import strength
from soundrack.composition.score.score import Placed, Sounding
from soundrack.composition.score.tones import tune_classes
from soundrack.composition.theory import Chord, Key

_EPSILON = 1e-6


@dataclass(frozen=True)
class Ground:
    """A song before it has a tune.

    Parameters
    ----------
    plan : Plan
        The song's.
    sections : tuple of Placed
        In order, without gaps.
    keys : tuple of Key
        Of each section.
    harmony : tuple of Sounding
        In order, without gaps.
    """

    plan: Plan
    sections: tuple[Placed, ...]
    keys: tuple[Key, ...]
    harmony: tuple[Sounding, ...]

    @property
    def bar(self) -> float:
        """How long a bar is, in quarter notes."""
        return self.plan.metre.bar_quarters

    @property
    def end(self) -> float:
        """Where the last bar ends."""
        return self.plan.bars * self.bar

    def chord(self, at: float) -> Chord:
        """Return the chord at a time."""
        place = bisect_right(self.harmony, at + _EPSILON, key=lambda each: each.start) - 1
        return self.harmony[max(place, 0)].chord

    def key(self, at: float) -> Key:
        """Return the key at a time."""
        place = bisect_right(self.sections, at + _EPSILON, key=lambda each: each.start) - 1
        return self.keys[max(place, 0)]

    def classes(self, at: float, tones: str) -> frozenset[int]:
        """Return the pitch classes that a tune may have at a time; `tones` as in `styles.melody.TONES`."""
        return tune_classes(self.key(at), self.plan.scale, self.chord(at), tones)

    def strength(self, at: float) -> float:
        """Return how strong a time is in its bar, 0 to 1."""
        return strength(at, self.plan.metre)

    def slot(
        self,
        at: float,
        length: float,
        tones: str,
        *,
        steps: float | None = None,
        height: float | None = None,
        goal: frozenset[int] = frozenset(),
        ceiling: float = 127.0,
    ) -> Slot:
        """Return a note without a pitch at a time."""
        return Slot(
            start=at,
            length=length,
            strength=self.strength(at),
            classes=self.classes(at, tones),
            tones=frozenset(self.chord(at).tones),
            steps=steps,
            height=height,
            goal=goal,
            ceiling=ceiling,
        )

    def goal(self, at: float, *, closed: bool) -> frozenset[int]:
        """Return on what a phrase that ends at a time should end: closed on the tonic or, where the chord has none,
        another of its tones; open on one of the chord's tones that is not the tonic."""
        tonic = self.key(at).tonic
        tones = frozenset(self.chord(at).tones)
        if closed:
            return frozenset({tonic}) if tonic in tones else tones
        return tones - {tonic}


def ground(plan: Plan, sections: Sequence[Placed], harmony: Iterable[Sounding]) -> Ground:
    """Lay the ground of a song."""
    return Ground(plan, tuple(sections), keys(plan), tuple(harmony))


def model(sections: Sequence[Placed], group: str) -> int:
    """Return which section of a group the others copy: the longest, of these one that is neither first nor last in the
    song, and of these the first."""
    places = [place for place, each in enumerate(sections) if each.section.group == group]
    return min(
        places,
        key=lambda place: (-sections[place].section.bars, place in {0, len(sections) - 1} and len(places) > 1, place),
    )
