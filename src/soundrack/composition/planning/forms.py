"""Which sections a song has, and how long each is.

What decides, the first that is there: the lyrics, the form that was wished (of a recording), the style's forms. Then
sections that were wished are added, those that were not wanted taken away, and lengths fitted to the asked duration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from soundrack.composition.lyrics import Lyrics, LyricSection
from soundrack.composition.plan import Label, Section
from soundrack.composition.planning.draws import Draws
from soundrack.composition.planning.fitting import Draft, fitted
from soundrack.composition.planning.genre import Genre, Temper
from soundrack.composition.prompt import Wishes
from soundrack.composition.score.scansion import Prosody, needed_quarters
from soundrack.composition.styles.planning import Form
from soundrack.composition.theory import Metre

SHORTEST_S, LONGEST_S = 10.0, 240.0
_USUAL_S = (125.0, 175.0)
_EXACT = 0.03
_ROUGH = 0.08
_USUAL_SYLLABLE_S = 0.4
_BETWEEN_S = 1.0
_BROAD = 1.25
"""By how much broader a chorus is sung."""
_ENERGIES = {
    Label.INTRO: 0.35,
    Label.VERSE: 0.52,
    Label.PRE_CHORUS: 0.64,
    Label.CHORUS: 0.88,
    Label.BRIDGE: 0.5,
    Label.BUILD: 0.68,
    Label.DROP: 0.95,
    Label.BREAK: 0.38,
    Label.INSTRUMENTAL: 0.65,
    Label.OUTRO: 0.35,
}
_BARS = {Label.INTRO: 4, Label.OUTRO: 4, Label.PRE_CHORUS: 4, Label.BUILD: 4, Label.BREAK: 4}
_USUAL_BARS = 8
_RISE = 0.04
"""By how much a label's later sections have more energy."""
_CONTRAST = 0.35
_FRAME_S = 10.0
_INTERLUDE_S = 16.0


@dataclass(frozen=True)
class Timing:
    """What seconds are in bars: `quarter_s` is how long a quarter note is."""

    metre: Metre
    quarter_s: float

    @property
    def bar_s(self) -> float:
        """How long a bar is."""
        return self.metre.bar_quarters * self.quarter_s

    def bars(self, seconds: float) -> int:
        """Return the bars nearest to a duration, at least 1."""
        return max(round(seconds / self.bar_s), 1)


@dataclass(frozen=True)
class Shape:
    """A form, and what was wished of it in vain."""

    sections: tuple[Section, ...]
    unmet: tuple[str, ...] = ()


def shape(
    wishes: Wishes,
    lyrics: Lyrics | None,
    kind: Genre,
    mood: Temper,
    timing: Timing,
    duration_s: float | None,
    draws: Draws,
) -> Shape:
    """Return the form.

    Parameters
    ----------
    wishes, lyrics : Wishes and Lyrics or None
        What is wished, and what is sung.
    kind, mood, timing : Genre, Temper and Timing
        What is decided already.
    duration_s : float or None
        How long the song shall be. Its bars are then within half a bar or 3 %, unless its words need longer.
    draws : Draws
        Of the rest.

    Returns
    -------
    Shape
        At least one section. Lyrics that do not go into 240 s at 7 syllables a second are left out from the end, which
        is told in `unmet`.
    """
    phrase = kind.table.phrase_bars
    asked = duration_s if duration_s is not None else wishes.length_s
    unmet: list[str] = []
    if lyrics is not None and not lyrics.is_instrumental:
        drafts, unmet = _sung(lyrics, kind, timing)
        drafts = _with_labels(drafts, wishes, phrase)
        if asked is None:
            natural = sum(draft.bars for draft in drafts)
            if natural * timing.bar_s > LONGEST_S:
                most = math.floor(LONGEST_S / timing.bar_s)
                drafts = list(fitted(drafts, most - 2, 2, phrase)[0])
        else:
            drafts = list(_to_length(drafts, asked, timing, phrase)[0])
    elif wishes.form:
        drafts = [Draft(each.label, each.bars, each.energy, each.group) for each in wishes.form]
        drafts = _with_labels(drafts, wishes, phrase)
        if asked is not None:
            drafts = list(_to_length(drafts, asked, timing, phrase)[0])
        return Shape(tuple(_section(draft) for draft in drafts), tuple(unmet))
    else:
        drafts = _played(wishes, kind, timing, asked, draws)
    return Shape(tuple(_section(each) for each in _energies(drafts, kind, mood)), tuple(unmet))


def _section(draft: Draft) -> Section:
    return Section(draft.label, draft.bars, round(draft.energy, 3), draft.group, draft.lyrics)


def _to_length(
    drafts: Sequence[Draft], seconds: float, timing: Timing, phrase: int, share: float = _EXACT
) -> tuple[tuple[Draft, ...], float]:
    bars = timing.bars(seconds)
    exact = seconds / timing.bar_s
    tolerance = math.floor(min(share * exact, share * exact - abs(bars - exact)) + 1e-9)
    return fitted(drafts, bars, max(tolerance, 0), phrase)


def _played(wishes: Wishes, kind: Genre, timing: Timing, asked: float | None, draws: Draws) -> list[Draft]:
    """Return one of the style's forms, repeated or shortened as the duration wants it."""
    phrase = kind.table.phrase_bars
    seconds = asked if asked is not None else float(draws.rng("length").uniform(*_USUAL_S))
    forms = kind.forms
    share = _EXACT if asked is not None else _ROUGH
    found: list[tuple[list[Draft], float]] = []
    for form in forms:
        tries = (
            _to_length(_with_labels(_drafts(form, again), wishes, phrase), seconds, timing, phrase, share)
            for again in _agains(form, timing.bars(seconds))
        )
        drafts, cost = min(tries, key=lambda each: each[1])
        found.append((list(drafts), cost))
    least = min(cost for _, cost in found)
    weights = [
        form.weight * math.exp(-(cost - least)) + 1e-3 if math.isfinite(cost) else 1e-6
        for form, (_, cost) in zip(forms, found, strict=True)
    ]
    return draws.each("form", found, weights)[0]


def _agains(form: Form, bars: int) -> tuple[int, ...]:
    """Return how often a form's middle may be heard again."""
    first, last = form.again
    middle = sum(section.bars for section in form.sections[first:last])
    more = (bars - form.bars) / max(middle, 1)
    return (0,) if more < 0.35 else tuple({max(math.floor(more), 0), math.ceil(more)})


def _drafts(form: Form, again: int) -> list[Draft]:
    first, last = form.again
    sections = [*form.sections[:last], *(form.sections[first:last] * again), *form.sections[last:]]
    return [Draft(each.label, each.bars, each.energy, each.group) for each in sections]


def _with_labels(drafts: Sequence[Draft], wishes: Wishes, phrase: int) -> list[Draft]:
    """Add the sections that are wished and take away those that are not wanted, but none in which somebody sings."""
    kept = [draft for draft in drafts if draft.label not in wishes.unwanted_labels or draft.lyrics is not None]
    kept = kept or [replace(drafts[0], label=Label.INSTRUMENTAL)]
    for label in wishes.labels:
        there = next((place for place, draft in enumerate(kept) if draft.label is label), None)
        if there is not None:
            kept[there] = replace(kept[there], needed=True)
            continue
        group = _free({draft.group for draft in kept})
        bars = max(_BARS.get(label, _USUAL_BARS), phrase if label in {Label.CHORUS, Label.DROP} else 1)
        kept.insert(_place(kept, label), Draft(label, bars, _ENERGIES[label], group, needed=True))
    return kept


def _place(drafts: Sequence[Draft], label: Label) -> int:
    """Return where a further section goes: before the last chorus or drop, a drop after it, frames outside."""
    if label is Label.INTRO:
        return 0
    if label is Label.OUTRO:
        return len(drafts)
    loud = [place for place, each in enumerate(drafts) if each.label in {Label.CHORUS, Label.DROP}]
    if not loud:
        return max(len(drafts) - 1, 0)
    return loud[-1] + 1 if label in {Label.DROP, Label.CHORUS} else loud[-1]


def _free(used: set[str]) -> str:
    return next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in used)


def _sung(lyrics: Lyrics, kind: Genre, timing: Timing) -> tuple[list[Draft], list[str]]:
    """Return the sections of the lyrics with what is played before, between and after them."""
    drafts: list[Draft] = []
    groups: dict[Label, str] = {}
    unmet: list[str] = []
    needed = 0.0
    for number, section in enumerate(lyrics.sections):
        label, words = _label(lyrics, number)
        if words is not None:
            least = _least_bars(lyrics.sections[words], kind, timing)
            if (needed + least) * timing.bar_s > LONGEST_S and drafts:
                unmet.append(f"the words from {section.name or f'section {number + 1}'} on: there is no time for them")
                break
            needed += least
        groups.setdefault(label, _free(set(groups.values())))
        bars = (
            _usual_bars(lyrics.sections[words], label, kind, timing)
            if words is not None
            else _quiet_bars(label, timing)
        )
        least = _least_bars(lyrics.sections[words], kind, timing) if words is not None else 1
        drafts.append(Draft(label, max(bars, least), _ENERGIES[label], groups[label], words, least))
    return _framed(drafts, groups, kind, timing), unmet


def _label(lyrics: Lyrics, number: int) -> tuple[Label, int | None]:
    """Return what a section of the lyrics is and which words are sung in it.

    A chorus without words has those of the chorus before it. Sections without a marker are verses, or choruses if
    their words come more than once.
    """
    section = lyrics.sections[number]
    if not section.lines:
        before = [
            place
            for place in range(number)
            if lyrics.sections[place].label is Label.CHORUS and lyrics.sections[place].lines
        ]
        if section.label is Label.CHORUS and before:
            return Label.CHORUS, before[-1]
        return section.label or Label.INSTRUMENTAL, None
    if section.label is not None:
        return section.label, number
    text = [line.text for line in section.lines]
    times = sum([line.text for line in each.lines] == text for each in lyrics.sections)
    return (Label.CHORUS if times > 1 else Label.VERSE), number


def _prosody(kind: Genre, timing: Timing) -> Prosody:
    table = kind.style.melody.sung
    return Prosody(timing.metre, timing.quarter_s, table.grid, table.syncopation, table.legato)


def _least_bars(section: LyricSection, kind: Genre, timing: Timing) -> int:
    """Return how many bars the words need, every line on a half bar."""
    prosody = _prosody(kind, timing)
    half = timing.metre.bar_quarters / 2.0
    need = sum(math.ceil(needed_quarters(len(line.syllables), prosody) / half) * half for line in section.lines)
    return max(math.ceil(need / timing.metre.bar_quarters), 1)


def _usual_bars(section: LyricSection, label: Label, kind: Genre, timing: Timing) -> int:
    """Return how many bars the words usually take: each line as many as it is sung in at ease, in whole phrases."""
    most = max(len(line.syllables) for line in section.lines)
    ease = (most * _USUAL_SYLLABLE_S + _BETWEEN_S) * (_BROAD if label is Label.CHORUS else 1.0)
    usual = kind.table.line_bars
    choices = [bars for bars in (0.5, 1.0, 2.0, 4.0) if usual / 2.0 <= bars <= usual * 2.0]
    line = min(
        choices, key=lambda bars: abs(math.log2(bars * timing.bar_s / ease)) + 0.6 * abs(math.log2(bars / usual))
    )
    prosody = _prosody(kind, timing)
    needs = max(needed_quarters(len(each.syllables), prosody) for each in section.lines) / timing.metre.bar_quarters
    while line < needs:
        line *= 2.0
    bars = math.ceil(len(section.lines) * line)
    return bars if bars < 4 else 4 * math.ceil(bars / 4) if bars % 4 == 3 else 2 * math.ceil(bars / 2)


def _quiet_bars(label: Label, timing: Timing) -> int:
    seconds = _FRAME_S if label in _BARS else _INTERLUDE_S
    return _even(seconds, timing)


def _even(seconds: float, timing: Timing) -> int:
    """Return 4, 8 or 16 bars, whichever lasts most nearly as long."""
    return min((4, 8, 16), key=lambda bars: abs(math.log2(bars * timing.bar_s / seconds)))


def _framed(drafts: Sequence[Draft], groups: Mapping[Label, str], kind: Genre, timing: Timing) -> list[Draft]:
    """Add an intro, an outro, a part for the instruments, and in club styles what a chorus is danced to."""
    used = set(groups.values())
    framed = list(drafts)
    labels = {draft.label for draft in drafts}
    club = any(section.label is Label.DROP for section in kind.table.forms[0].sections)
    choruses = [place for place, draft in enumerate(framed) if draft.label is Label.CHORUS]
    playing = {Label.INSTRUMENTAL, Label.DROP, Label.BREAK} & labels
    if club and choruses and not playing:
        bars = _even(_INTERLUDE_S, timing)
        drop = Draft(Label.DROP, bars, _ENERGIES[Label.DROP], _free(used))
        for place in reversed(choruses if len(choruses) <= 2 else [choruses[0], choruses[-1]]):
            framed.insert(place + 1, drop)
        used.add(drop.group)
    elif len(framed) >= 4 and not playing:
        solo = Draft(Label.INSTRUMENTAL, _even(_INTERLUDE_S, timing), _ENERGIES[Label.INSTRUMENTAL], _free(used))
        framed.insert(choruses[-1] if choruses and choruses[-1] > 1 else len(framed) - 1, solo)
        used.add(solo.group)
    frame = _even(_FRAME_S, timing)
    if framed[0].label is not Label.INTRO:
        intro = Draft(Label.INTRO, frame, _ENERGIES[Label.INTRO], _free(used))
        framed.insert(0, intro)
        used.add(intro.group)
    if framed[-1].label is not Label.OUTRO:
        framed.append(
            Draft(
                Label.OUTRO, frame, _ENERGIES[Label.OUTRO], framed[0].group if framed[0].lyrics is None else _free(used)
            )
        )
    return framed


def _energies(drafts: Sequence[Draft], kind: Genre, mood: Temper) -> list[Draft]:
    """Set the sections' energies: each label a little more every time, the whole around that of the song."""
    counts: dict[Label, int] = {}
    risen = []
    for draft in drafts:
        times = counts.get(draft.label, 0)
        counts[draft.label] = times + 1
        sung = draft.lyrics is not None
        risen.append(draft.energy + (_RISE * times if sung else 0.0))
    lean = mood.energy - kind.table.energy
    # what is calm stays below what is loud whatever the song's energy: only the middle moves
    return [
        replace(draft, energy=min(max(energy + _CONTRAST * lean, 0.05), 1.0))
        for draft, energy in zip(drafts, risen, strict=True)
    ]
