"""The source's sections, and words on them."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.analysis.structure import Section as Found
from soundrack.composition import lyrics
from soundrack.composition.plan import Label
from soundrack.composition.remix.blocks import Block, blocks, within
from soundrack.composition.remix.course import course
from soundrack.composition.remix.grid import Grid
from soundrack.composition.remix.kept import hook
from soundrack.composition.remix.words import played, reprised, sung
from soundrack.composition.score.scansion import Prosody
from soundrack.composition.theory import Metre

_PROSODY = Prosody(Metre(4, 4), 0.5, 0.5, 0.5, 0.9)
_FORM = (
    Block(Label.INTRO, 0, 4, 0.4, "A"),
    Block(Label.VERSE, 4, 12, 0.6, "B"),
    Block(Label.CHORUS, 12, 20, 0.9, "C"),
    Block(Label.VERSE, 20, 28, 0.6, "B"),
    Block(Label.CHORUS, 28, 36, 0.95, "C"),
    Block(Label.OUTRO, 36, 40, 0.4, "A"),
)
_WORDS = "[Verse]\nOne for the road\n[Chorus]\nTwo for the sea\n[Verse]\nThree for the load\n[Chorus]\nFour for me"
_ALL = tuple(Label)


def _grid(bars: int) -> Grid:
    return Grid(np.arange(0.0, 2.0 * bars + 0.25, 0.5), tuple(range(0, 4 * bars + 1, 4)), Metre(4, 4), True, True)


def _report(*sections: tuple[float, float, str | None, str, int]) -> Any:
    found = [
        Found(start, end, None, None, None if label is None else Label(label), group, 0.9, energy)  # type: ignore[arg-type]  # the names are the same
        for start, end, label, group, energy in sections
    ]
    return SimpleNamespace(structure=SimpleNamespace(sections=tuple(found)))


def test_sections_lie_on_bar_lines_and_long_ones_are_divided() -> None:
    report = _report((0.0, 8.3, "intro", "A", 20), (8.3, 56.2, "verse", "B", 60), (56.2, 80.0, None, "C", 95))
    made = blocks(report, _grid(40), _ALL)
    assert [(each.first, each.last) for each in made] == [(0, 4), (4, 12), (12, 20), (20, 28), (28, 40)]
    assert [each.label for each in made] == [Label.INTRO, *[Label.VERSE] * 3, Label.CHORUS]
    assert made[0].energy == pytest.approx(0.35)
    assert made[-1].energy == pytest.approx(0.95)


def test_a_chorus_is_a_drop_where_a_style_has_drops_and_what_is_loud_is_no_break() -> None:
    report = _report((0.0, 40.0, "chorus", "A", 30), (40.0, 80.0, "bridge", "B", 90))
    labels = [each.label for each in blocks(report, _grid(40), (Label.DROP, Label.VERSE, Label.BREAK))]
    assert labels[0] is Label.DROP
    assert labels[-1] is Label.VERSE


def test_where_all_is_as_loud_energies_are_what_sections_usually_have_and_no_intro_is_endless() -> None:
    made = blocks(_report((0.0, 40.0, "intro", "A", 90), (40.0, 80.0, "chorus", "B", 92)), _grid(40), _ALL)
    assert (made[0].label, made[0].bars) == (Label.INTRO, 4)
    assert made[1].label is Label.VERSE
    assert made[0].energy < made[1].energy < made[-1].energy


def test_a_recording_without_form_has_blocks_of_eight_bars() -> None:
    made = blocks(_report(), _grid(19), _ALL)
    assert [each.bars for each in made] == [8, 11]
    assert [each.label for each in made] == [Label.VERSE, Label.CHORUS]  # every song has something that it goes for
    assert made[0].energy < made[1].energy


def test_a_shorter_remix_has_the_bars_with_the_most_energy() -> None:
    kept = within(_FORM, 14)
    assert [(each.first, each.last) for each in kept] == [(28, 36), (36, 40)] or sum(each.bars for each in kept) == 14
    assert any(each.label is Label.CHORUS for each in kept)
    assert within(_FORM, 100) == _FORM


def test_the_hook_is_what_comes_most_often_loudest_and_not_all_of_it() -> None:
    assert hook(_FORM, range(6)) == (2, 4)
    assert hook(_FORM, (0, 1, 5)) == (1,)
    assert hook(_FORM, ()) == ()
    same = [Block(Label.VERSE, 8 * each, 8 * each + 8, 0.7, "A") for each in range(5)]
    assert len(hook(same, range(5))) == 3


def test_a_hook_that_is_rare_comes_again_in_the_fullest_sections_but_not_in_frames_or_under_words() -> None:
    seats = played(_FORM, 1.0)
    assert reprised(seats, _FORM, (2, 4), 1.0) == seats
    more = reprised(seats, _FORM, (1,), 1.0)
    assert [seat.block for seat in more] == [0, 1, 2, 3, 1, 5]
    assert more[4].spans == ((4, 12),)
    assert more[4].section.group == "B"
    assert more[4].section.label is Label.CHORUS
    assert [seat.section.bars for seat in more] == [seat.section.bars for seat in seats]
    words, _ = sung(_FORM, 1.0, lyrics.read(_WORDS), _PROSODY)
    assert reprised(words, _FORM, (0,), 1.0) == words
    way = course(_grid(40), 1.0, [seat.spans for seat in more], [seat.section.bars for seat in more])
    starts = [part[0] for part in way.moments()]
    assert starts == [(0.0, 0.0), (8.0, 112.0), (72.0, 144.0)]


def test_words_go_where_their_like_is_in_the_source() -> None:
    seats, count = sung(_FORM, 1.0, lyrics.read(_WORDS), _PROSODY)
    assert count == 4
    assert [seat.section.lyrics for seat in seats] == [None, 0, 1, 2, 3, None]
    assert [seat.section.bars for seat in seats] == [4, 8, 8, 8, 8, 4]


def test_one_chorus_goes_to_a_chorus() -> None:
    seats, _ = sung(_FORM, 1.0, lyrics.read("[Chorus]\nTwo for the sea"), _PROSODY)
    (place,) = [number for number, seat in enumerate(seats) if seat.section.lyrics is not None]
    assert seats[place].section.label is Label.CHORUS


def test_sections_that_are_too_short_for_their_words_are_heard_again() -> None:
    words = "[Verse]\n" + "\n".join(["Somebody wonderful wandered away in the evening"] * 12)
    seats, _ = sung(_FORM, 1.0, lyrics.read(words), _PROSODY)
    (seat,) = [each for each in seats if each.section.lyrics is not None]
    assert seat.section.bars > 8
    assert sum(last - first for first, last in seat.spans) == seat.section.bars
    assert len({first for first, _ in seat.spans}) == 1


@given(st.integers(1, 14), st.integers(1, 5), st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=40, deadline=None)
def test_all_words_find_a_place_in_any_form(texts: int, parts: int, level: float) -> None:
    form = [Block(Label.INTRO if not each else Label.VERSE, 4 * each, 4 * each + 4, 0.5, "A") for each in range(parts)]
    words = lyrics.read("\n".join(f"[Verse {number}]\nHold the light for me" for number in range(texts)))
    seats, count = sung(form, level, words, _PROSODY)
    assert count == texts
    assert [seat.section.lyrics for seat in seats if seat.section.lyrics is not None] == list(range(texts))
    way = course(_grid(4 * parts), level, [seat.spans for seat in seats], [seat.section.bars for seat in seats])
    assert way.length == 4.0 * sum(seat.section.bars for seat in seats)
    for part in way.moments():
        assert all(first[0] < second[0] and first[1] < second[1] for first, second in pairwise(part))


def test_bars_that_begin_anew_wait_for_the_remixs_next_bar_and_tempi_follow_the_source() -> None:
    times = np.cumsum([0.0, *[0.5] * 8, *[0.6] * 10])
    grid = Grid(times, (0, 4, 8, 10, 14, 18), Metre(4, 4), False, True)
    way = course(grid, 1.0, [[(0, 5)]], [5])
    starts = [part[0] for part in way.moments()]
    assert starts == [(0.0, 0.0), (pytest.approx(times[10]), 12.0)]
    tempi = dict(way.tempi())
    assert tempi[0.0] == pytest.approx(120.0)
    assert tempi[8.0] == pytest.approx(100.0)
    assert way.quarter(float(times[10]) + 0.3, way.stretches[0]) == pytest.approx(12.5)
    assert way.quarter(-1.0, way.stretches[0]) is None


def test_a_remix_without_words_has_its_sources_form() -> None:
    assert [seat.section.bars for seat in played(_FORM, 2.0)] == [8, 16, 16, 16, 16, 8]
    assert [seat.section.bars for seat in played(_FORM, 0.5)] == [2, 4, 4, 4, 4, 2]
