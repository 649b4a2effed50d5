"""A plan written out: sections, harmony, tune, song and accompaniment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Plan, Role
from soundrack.composition.score.answers import answers
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.clarity import heard_clarity
from soundrack.composition.score.form import placed, tempi
from soundrack.composition.score.given import Given
from soundrack.composition.score.ground import Ground, ground
from soundrack.composition.score.harmony import harmonies
from soundrack.composition.score.melody import lead
from soundrack.composition.score.ranges import tune_range
from soundrack.composition.score.score import Note, Part, Placed, Score, Sounding, Sung
from soundrack.composition.score.song import song
from soundrack.composition.styles import style
from soundrack.errors import Internal, Invalid

_FULL = 0.15
"""By how much less energy than in the fullest section the tune is still doubled."""
_DOUBLE = 0.85
_CLEAR = 0.12
"""From which clarity on other harmonies are not tried."""


def write(plan: Plan, lyrics: Lyrics | None = None, given: Given | None = None) -> Score:
    """Write a plan out.

    Parameters
    ----------
    plan : Plan
        What is to be written. Its seed decides all that it leaves open.
    lyrics : Lyrics or None
        The words that its sections name; needed if somebody sings.
    given : Given or None
        Chords that are there already, and what is heard above the band without being written.

    Returns
    -------
    Score
        The same for the same plan and lyrics. The parts are in the band's order; the first player of the tune has it
        where nobody sings, and answers where somebody does; others of that role double it in the fullest sections.

    Raises
    ------
    Invalid
        If somebody is to sing and there are no lyrics, or a section names words that there are not.
    """
    named = [section.lyrics for section in plan.form if section.lyrics is not None]
    if plan.voice is not None and named:
        if lyrics is None:
            raise Invalid("The plan has a voice, so it needs lyrics.", field="lyrics")
        if max(named) >= len(lyrics.sections):
            raise Invalid(f"The lyrics have no section {max(named)}.", field="form")
    sections = placed(plan)
    if given is not None:
        return _written(plan, lyrics, given, sections, given.harmony)
    best: Score | None = None
    most = -math.inf
    for chords in harmonies(plan, sections):
        score = _written(plan, lyrics, None, sections, chords)
        sung = [note for syllable in score.song for note in syllable.notes]
        told = heard_clarity(score.parts, sung, plan.key)
        if best is None or told > most:
            best, most = score, told
        if most >= _CLEAR:
            break
    if best is None:
        raise Internal("A song has no harmony.")
    return best


def _written(
    plan: Plan, lyrics: Lyrics | None, given: Given | None, sections: tuple[Placed, ...], chords: tuple[Sounding, ...]
) -> Score:
    """Return a plan written out over chords."""
    floor = ground(plan, sections, chords)
    sung = song(floor, lyrics) if lyrics is not None and plan.voice is not None else ()
    singing = frozenset(
        place
        for place, each in enumerate(sections)
        if any(each.start <= syllable.notes[0].start < each.start + each.section.bars * floor.bar for syllable in sung)
    )
    phrases = () if given is None else given.phrases
    taken = singing if given is None else singing | given.taken
    tune = sorted((*lead(floor, taken), *answers(floor, _in_order((*sung, *phrases)))), key=lambda note: note.start)
    voice = [note for syllable in (*sung, *phrases) for note in syllable.notes]
    heard = sorted((*tune, *voice), key=lambda note: note.start)
    arranged = iter(arrange(plan, sections, chords, heard))
    leads = iter(_leads(floor, tune))
    parts = [
        next(leads) if player.role is Role.LEAD else next(arranged)
        for player in plan.band
        if player.role is not Role.VOICE
    ]
    return Score(
        plan=plan,
        sections=sections,
        harmony=chords,
        parts=tuple(parts),
        song=sung,
        tempi=tempi(plan),
        length=floor.end,
    )


def _in_order(song: Sequence[Sung]) -> list[Sung]:
    return sorted(song, key=lambda each: each.notes[0].start)


def _leads(floor: Ground, tune: Sequence[Note]) -> list[Part]:
    """Return the parts of all who have the tune: the first has all of it, the others double its fullest sections."""
    players = [player for player in floor.plan.band if player.role is Role.LEAD]
    return [
        Part(
            name=Role.LEAD.value if number == 0 else f"{Role.LEAD.value} {number + 1}",
            role=Role.LEAD,
            instrument=player.instrument,
            notes=tuple(tune) if number == 0 else _doubled(floor, tune, player.instrument),
        )
        for number, player in enumerate(players)
    ]


def _doubled(floor: Ground, tune: Sequence[Note], instrument: str) -> tuple[Note, ...]:
    """Return the tune of the fullest sections in the octave that suits an instrument best."""
    most = max(each.section.energy for each in floor.sections)
    low, high = tune_range(instrument, *style(floor.plan.style).melody.lead)
    doubled: list[Note] = []
    for placed_section in floor.sections:
        if placed_section.section.energy < most - _FULL:
            continue
        end = placed_section.start + placed_section.section.bars * floor.bar
        notes = [note for note in tune if placed_section.start <= note.start < end]
        if notes:
            middle = sum(note.pitch for note in notes) / len(notes)
            octave = 12 * round(((low + high) / 2.0 - middle) / 12.0)
            doubled += [
                replace(note, pitch=note.pitch + octave, velocity=_DOUBLE * note.velocity)
                for note in notes
                if low <= note.pitch + octave <= high
            ]
    return tuple(doubled)
