"""Bars out of the middle of a song."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.performance import Performance, perform
from soundrack.composition.plan import Label, Plan, Role, Section
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.score import Note, Part, Placed, Score, Sounding
from soundrack.composition.score.writing import write
from soundrack.errors import UnusableAudio

_ENERGY = 0.72
_LEAST_BARS_AFTER = 2
_OPENING = (KEYS[Drum.CRASH], KEYS[Drum.CHINA], KEYS[Drum.SPLASH])
_EPSILON = 1e-6
_STRUCK = (Role.DRUMS, Role.PERCUSSION)
_LABELS = (Label.INSTRUMENTAL, Label.CHORUS, Label.VERSE)
"""Of the section that is taken, in the order in which they are tried."""


@dataclass(frozen=True)
class Bars:
    """Bars as they are played.

    Parameters
    ----------
    score : Score
        Of these bars alone; nobody sings.
    performance : Performance
        Of these bars alone. A player who is early on the first beat begins before 0.
    """

    score: Score
    performance: Performance

    @property
    def starts(self) -> tuple[int, ...]:
        """The bars with which a loop of these may begin, the first first: those over the first's chord, and all where
        only drums play."""
        metre = self.score.plan.metre
        count = round(self.score.length / metre.bar_quarters)
        if all(part.role in _STRUCK for part in self.score.parts):
            return tuple(range(count))
        chords = [self._chord(number * metre.bar_quarters) for number in range(count)]
        return tuple(number for number, chord in enumerate(chords) if number == 0 or chord == chords[0] is not None)

    def _chord(self, at: float) -> str | None:
        sounding = (each for each in self.score.harmony if each.start <= at + _EPSILON < each.start + each.length)
        return next((each.roman for each in sounding), None)

    def turned(self, bar: int) -> Score:
        """Return the score of a loop of these bars that begins with another one; what is held over its end goes on at
        its beginning, as a note of its own."""
        length, by = self.score.length, bar * self.score.plan.metre.bar_quarters

        def turned(notes: Sequence[Note]) -> Iterator[Note]:
            for note in notes:
                start = (note.start - by) % length
                yield replace(note, start=start, length=min(note.length, length - start))
                if start + note.length > length + _EPSILON:
                    yield replace(note, start=0.0, length=min(start + note.length - length, length))

        return replace(
            self.score,
            harmony=tuple(
                sorted((replace(one, start=(one.start - by) % length) for one in self.score.harmony), key=_start)
            ),
            parts=tuple(
                replace(part, notes=tuple(sorted(turned(part.notes), key=_start))) for part in self.score.parts
            ),
        )

    def passed(self, times: int, every_s: float) -> Bars:
        """Return these bars played several times, one pass every so many seconds."""
        section = self.score.sections[0].section
        whole = replace(section, bars=times * section.bars)
        performance = replace(
            self.performance,
            parts=tuple(
                replace(
                    part, tones=tuple(tone for number in range(times) for tone in _moved(part.tones, number * every_s))
                )
                for part in self.performance.parts
            ),
            duration_s=times * every_s,
        )
        score = replace(self.score, sections=(Placed(whole, 0.0, 1),), length=times * self.score.length)
        return Bars(score, performance)


def bars(planned: Plan, count: int) -> Bars:
    """Return so many bars as they are played where a section comes again.

    Parameters
    ----------
    planned : Plan
        Style, key, tempo, band and seed; its form is not read.
    count : int
        How many.

    Returns
    -------
    Bars
        Those of the second of three equal sections: what comes before leads to them, their last leads on to the same
        bars again. No crash opens them, since none does within a section. Everybody plays who plays anywhere.
    """
    made = [_middle(planned, count, _LABELS[0])]
    for label in _LABELS[1:]:
        if all(part.tones for part in made[-1].performance.parts):
            break
        made.append(_middle(planned, count, label))
    fullest = max(made, key=lambda each: sum(bool(part.tones) for part in each.performance.parts))
    if not any(part.tones for part in fullest.performance.parts):
        raise UnusableAudio("In this sample nobody plays.", field="prompt")
    return fullest


def _middle(planned: Plan, count: int, label: Label) -> Bars:
    form = (
        Section(label, count, _ENERGY, "A"),
        Section(label, count, _ENERGY, "A"),
        Section(label, max(count, _LEAST_BARS_AFTER), _ENERGY, "A"),
    )
    whole = write(replace(planned, form=form))
    begin = whole.sections[1].start
    end = begin + count * planned.metre.bar_quarters
    parts = tuple(replace(part, notes=_within(part, begin, end)) for part in whole.parts)
    played = perform(replace(whole, parts=parts))
    begin_s = float(played.clock.straight(begin))
    score = replace(
        whole,
        plan=replace(planned, form=form[:1]),
        sections=whole.sections[:1],
        harmony=tuple(replace(each, start=each.start - begin) for each in whole.harmony if begin <= each.start < end),
        parts=tuple(
            replace(part, notes=tuple(replace(note, start=note.start - begin) for note in part.notes)) for part in parts
        ),
        tempi=whole.tempi[:1],
        length=end - begin,
    )
    performance = Performance(
        parts=tuple(replace(part, tones=_moved(part.tones, -begin_s)) for part in played.parts),
        song=(),
        clock=played.clock,
        duration_s=float(played.clock.straight(end)) - begin_s,
    )
    return Bars(score, performance)


def _within(part: Part, begin: float, end: float) -> tuple[Note, ...]:
    """Return a part's notes that begin within bars, and the rest of those that are held into them."""
    notes = []
    for note in part.notes:
        start, stop = max(note.start, begin), min(note.start + note.length, end)
        is_opening = part.role is Role.DRUMS and note.pitch in _OPENING and note.start < begin + 0.5
        is_struck = part.role in _STRUCK and note.start < begin - _EPSILON
        if stop > start + _EPSILON and not is_opening and not is_struck:
            notes.append(replace(note, start=start, length=stop - start))
    return tuple(notes)


def _start(one: Note | Sounding) -> float:
    return one.start


def _moved(tones: Sequence[Tone], by_s: float) -> tuple[Tone, ...]:
    return tuple(replace(tone, start_s=tone.start_s + by_s) for tone in tones)
