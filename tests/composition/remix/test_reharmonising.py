"""The source's chords in other styles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soundrack.analysis.tonality import Chord as Heard
from soundrack.composition import planning, prompt
from soundrack.composition.plan import Label, Plan, Section
from soundrack.composition.remix.course import course
from soundrack.composition.remix.grid import Grid
from soundrack.composition.remix.reharmonising import clash, clashing, reharmonised, roman, under
from soundrack.composition.score.form import placed
from soundrack.composition.score.score import Note, Sounding
from soundrack.composition.score.tones import scale_classes
from soundrack.composition.theory import Chord, Key, Metre, Mode

_C = Key(0, Mode.MAJOR)
_LOOP = (("C", 0, "maj"), ("Am", 9, "min"), ("F", 5, "maj"), ("G", 7, "maj"))


def _plan(style: str, bars: int = 8) -> Plan:
    plan = planning.plan(prompt.read(f"{style}, C major, 120 bpm"), seed=3)
    return replace(plan, form=(Section(Label.VERSE, bars, 0.7, "A"),), metre=Metre(4, 4), scale="major", key=_C)


def _heard(bar_s: float, bars: int) -> list[Heard]:
    found = []
    for bar in range(bars):
        name, root, quality = _LOOP[bar % 4]
        found.append(Heard(bar * bar_s, (bar + 1) * bar_s, name, None, 0.9, root, quality, root))
    return found


def _grid(bars: int) -> Grid:
    return Grid(np.arange(0.0, 2.0 * bars + 0.25, 0.5), tuple(range(0, 4 * bars + 1, 4)), Metre(4, 4), True, True)


@pytest.mark.parametrize(("level", "bar"), [(1.0, 4.0), (2.0, 8.0), (0.5, 2.0)])
def test_chords_lie_where_the_source_has_them_at_any_level(level: float, bar: float) -> None:
    plan = _plan("house", round(8 * level))
    way = course(_grid(8), level, [[(0, 8)]], [plan.form[0].bars])
    chords = under(_heard(2.0, 8), way, plan, placed(plan), 0)
    assert [(each.start, each.chord.root) for each in chords] == [
        (bar * number, _LOOP[number % 4][1]) for number in range(8)
    ]
    assert sum(each.length for each in chords) == way.length


def test_chords_move_with_the_key_and_go_on_where_none_is_heard() -> None:
    plan = _plan("house", 4)
    way = course(_grid(4), 1.0, [[(0, 4)]], [4])
    chords = under(_heard(2.0, 2), way, plan, placed(plan), 2)
    assert [each.chord.root for each in chords] == [2, 11]
    silent = under([], way, plan, placed(plan), 0)
    assert [each.chord for each in silent] == [Chord(0, "maj", 0)]


@pytest.mark.parametrize("style", ["house", "jazz", "rock", "lofi", "ambient"])
def test_new_chords_stay_in_the_key_and_clash_no_more_with_the_tune_than_the_sources_do(style: str) -> None:
    plan = _plan(style)
    way = course(_grid(8), 1.0, [[(0, 8)]], [8])
    own = under(_heard(2.0, 8), way, plan, placed(plan), 0)
    # the tune has B over C and E over F: sevenths are welcome there, and elsewhere they are not
    tune = [Note(4.0 * bar, 4.0, 60 + each, 0.7) for bar, each in enumerate((4, 9, 4, 7, 4, 9, 0, 2))]
    made = reharmonised(own, plan, tune)
    assert sum(each.length for each in made.chords) == way.length
    scale = scale_classes(plan.key, plan.scale)
    assert all(set(each.chord.tones) <= scale for each in made.chords)
    assert clashing(made.chords, tune) <= clashing(own, tune) + 0.02
    assert made == reharmonised(own, plan, tune)


def test_styles_colour_chords_and_what_is_fixed_stays() -> None:
    plan = _plan("jazz")
    way = course(_grid(8), 1.0, [[(0, 8)]], [8])
    own = under(_heard(2.0, 8), way, plan, placed(plan), 0)
    made = reharmonised(own, plan, [], fixed=[(0.0, 16.0)])
    kept = [each for each in made.chords if each.start < 16.0]
    assert kept == [each for each in own if each.start < 16.0]
    assert any(len(each.chord.tones) > 3 for each in made.chords if each.start >= 16.0)
    assert 0.0 <= made.substituted <= 8.0


def test_a_clash_is_a_semitone_from_a_tone_of_the_chord_that_is_none_itself() -> None:
    chord = Chord(0, "maj", 0)
    tune = [Note(0.0, 1.0, 65, 0.7), Note(1.0, 1.0, 64, 0.7), Note(2.0, 1.0, 62, 0.7), Note(3.0, 2.0, 71, 0.7)]
    assert clash(chord, 0.0, 4.0, tune) == pytest.approx(2.0)
    assert clash(Chord(0, "maj7", 0), 0.0, 4.0, tune) == pytest.approx(1.0)
    assert clashing([Sounding(0.0, 4.0, chord, "I")], tune) == pytest.approx(2.0 / 5.0)
    assert clashing([Sounding(0.0, 4.0, chord, "I")], []) == 0.0


def test_numerals_are_written_as_musicians_do() -> None:
    minor = Key(9, Mode.MINOR)
    assert roman(Chord(9, "min7", 9), _C) == "vi7"
    assert roman(Chord(7, "7", 7), _C) == "V7"
    assert roman(Chord(5, "maj", 5), minor) == "VI"
    assert roman(Chord(11, "m7b5", 11), minor) == "iiø7"
