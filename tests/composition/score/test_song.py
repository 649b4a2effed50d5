from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from soundrack.composition.plan import Label, Timbre
from soundrack.composition.score.answers import answers
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.score import Sung
from soundrack.composition.score.song import RANGES, song
from soundrack.composition.score.tones import chord_scale
from soundrack.composition.styles import styles
from tests.composition.sung import CHORUS, VERSE, grounded, planned, section, song_lyrics

LYRICS = song_lyrics()
NAMES = pytest.mark.parametrize("name", list(styles()))


@cache
def _sung(name: str, seed: int, timbre: Timbre = Timbre.FEMALE) -> tuple[Ground, tuple[Sung, ...]]:
    floor = grounded(planned(name, seed, LYRICS, voice=timbre))
    return floor, song(floor, LYRICS)


def _by_line(sung: tuple[Sung, ...]) -> list[list[Sung]]:
    lines: dict[int, list[Sung]] = {}
    for each in sung:
        lines.setdefault(each.line, []).append(each)
    return [lines[number] for number in sorted(lines)]


@NAMES
def test_every_syllable_is_sung_once_in_order(name: str) -> None:
    _, sung = _sung(name, 1)
    written = [
        (syllable.text, syllable.stress)
        for part in LYRICS.sections
        for line in part.lines
        for syllable in line.syllables
    ]
    assert [(each.text, each.stress) for each in sung] == written
    notes = [note for each in sung for note in each.notes]
    assert all(one.start + one.length <= two.start + 1e-6 for one, two in pairwise(notes))


@NAMES
def test_words_and_lines_are_counted_through_the_song(name: str) -> None:
    _, sung = _sung(name, 1)
    assert [each.word for each in sung] == sorted(each.word for each in sung)
    assert {each.line for each in sung} == set(range(22))
    words = sum(len(line.words) for part in LYRICS.sections for line in part.lines)
    assert {each.word for each in sung} == set(range(words))


@NAMES
def test_the_song_stays_in_the_voices_comfortable_range(name: str) -> None:
    low, high = RANGES[Timbre.FEMALE]
    assert all(low <= note.pitch <= high for each in _sung(name, 1)[1] for note in each.notes)


@pytest.mark.parametrize("timbre", list(Timbre))
@pytest.mark.parametrize("name", ["pop", "rock", "ambient"])
def test_every_voice_has_a_range_of_its_own(name: str, timbre: Timbre) -> None:
    low, high = RANGES[timbre]
    assert all(low <= note.pitch <= high for each in _sung(name, 1, timbre)[1] for note in each.notes)


@NAMES
def test_nobody_sings_more_than_seven_syllables_a_second_and_all_breathe_between_lines(name: str) -> None:
    floor, sung = _sung(name, 1)
    quarter = floor.plan.quarter_s
    for one, two in pairwise(sung):
        assert (two.notes[0].start - one.notes[0].start) * quarter >= 1.0 / 7.0 - 1e-6
        if one.line != two.line:
            end = one.notes[-1].start + one.notes[-1].length
            assert (two.notes[0].start - end) * quarter >= 0.24


@NAMES
def test_repeated_choruses_are_sung_alike(name: str) -> None:
    floor, sung = _sung(name, 1)
    lines = _by_line(sung)
    first, second = lines[4:8], lines[12:16]
    starts = [part[0][0].notes[0].start for part in (first, second)]
    shapes = [
        [(round(n.start - start, 6), round(n.length, 6), n.pitch) for line in part for each in line for n in each.notes]
        for part, start in zip((first, second), starts, strict=True)
    ]
    assert len(floor.sections) > 2
    assert shapes[0] == shapes[1]


@NAMES
def test_a_second_verse_keeps_most_of_the_firsts_rhythm(name: str) -> None:
    floor, sung = _sung(name, 1)
    lines = _by_line(sung)
    verses = [place for place in floor.sections if place.section.label is Label.VERSE]
    onsets = [
        {round(each.notes[0].start - verse.start, 3) for line in part for each in line}
        for part, verse in zip((lines[0:4], lines[8:12]), verses, strict=True)
    ]
    assert len(onsets[0] & onsets[1]) >= 0.75 * len(onsets[0])


@NAMES
def test_scale_and_chords_hold_what_is_sung(name: str) -> None:
    floor, sung = _sung(name, 1)
    inside = total = 0.0
    for note in (note for each in sung for note in each.notes):
        total += note.length
        classes = chord_scale(floor.key(note.start), floor.plan.scale, floor.chord(note.start))
        inside += note.length * (note.pitch % 12 in classes)
    assert inside >= 0.8 * total


@NAMES
def test_a_sung_line_leaps_an_octave_at_most(name: str) -> None:
    _, sung = _sung(name, 1)
    for line in _by_line(sung):
        pitches = [note.pitch for each in line for note in each.notes]
        assert all(abs(two - one) <= 12 for one, two in pairwise(pitches))


def test_notes_of_a_melisma_follow_each_other_without_gaps() -> None:
    found = 0
    for seed in range(6):
        _, sung = _sung("ambient", seed)
        for each in sung:
            found += len(each.notes) > 1
            assert all(one.start + one.length == pytest.approx(two.start) for one, two in pairwise(each.notes))
    assert found > 0


def test_within_a_line_stressed_syllables_lie_higher_than_others_on_average() -> None:
    stressed: list[int] = []
    others: list[int] = []
    for name in ("pop", "folk", "rock", "cinematic"):
        for seed in range(3):
            for line in _by_line(_sung(name, seed)[1]):
                for each in line[:-1]:
                    (stressed if each.stress else others).append(each.notes[0].pitch)
    assert sum(stressed) / len(stressed) > sum(others) / len(others)


def test_choruses_lie_higher_than_verses() -> None:
    for name in ("pop", "rock", "house", "folk"):
        floor, sung = _sung(name, 1)
        lines = _by_line(sung)
        means = [
            sum(each.notes[0].pitch for line in part for each in line) / sum(len(line) for line in part)
            for part in (lines[0:4], lines[4:8])
        ]
        assert means[1] > means[0], floor.plan.style


def test_a_question_ends_higher_than_it_would_as_a_statement() -> None:
    asked = told = 0
    for seed in range(4):
        plain = replace(
            LYRICS,
            sections=(
                *LYRICS.sections[:4],
                section(Label.BRIDGE, "'what would you 'say if i 'stayed", "'what would you 'say"),
                LYRICS.sections[5],
            ),
        )
        floor = grounded(planned("pop", seed, LYRICS, voice=Timbre.FEMALE))
        asked += _by_line(song(floor, LYRICS))[17][-1].notes[-1].pitch
        told += _by_line(song(floor, plain))[17][-1].notes[-1].pitch
    assert asked > told


def test_equal_lines_of_a_section_have_equal_rhythms() -> None:
    for name in ("pop", "rock"):
        lines = _by_line(_sung(name, 2)[1])
        first, third = lines[4], lines[6]
        assert CHORUS[0] == CHORUS[2]
        gaps = [[round(b.notes[0].start - a.notes[0].start, 6) for a, b in pairwise(line)] for line in (first, third)]
        assert gaps[0] == gaps[1]


def test_the_lead_answers_only_where_the_voice_rests() -> None:
    answered = 0
    for name in ("pop", "rock", "reggae", "disco_funk", "latin"):
        floor, sung = _sung(name, 3)
        voice = [(note.start, note.start + note.length) for each in sung for note in each.notes]
        notes = answers(floor, sung)
        answered += len(notes)
        for note in notes:
            assert all(note.start >= end - 1e-6 or note.start + note.length <= start + 1e-6 for start, end in voice)
    assert answered > 0


def test_without_a_voice_nothing_is_sung() -> None:
    floor = grounded(replace(planned("pop", 1, LYRICS), voice=None))
    assert song(floor, LYRICS) == ()


def test_words_that_a_section_has_no_time_for_are_left_out_from_its_end() -> None:
    plan = planned("pop", 1, LYRICS)
    short = tuple(replace(each, bars=1) if each.lyrics == 0 else each for each in plan.form)
    sung = song(grounded(replace(plan, form=short)), LYRICS)
    first = [each.text for each in sung if each.notes[0].start < 4.0 * (short[0].bars + 1)]
    syllables = [syllable for text in VERSE for syllable in text.replace("'", "").replace("-", " ").split()]
    assert 0 < len(first) < len(syllables)
    assert first == syllables[: len(first)]
