from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.score.grid import Stroke, figure, loop
from soundrack.composition.theory import Metre

METRES = [
    "2/4",
    "3/4",
    "4/4",
    "5/4",
    "6/4",
    "7/4",
    "3/8",
    "5/8",
    "6/8",
    "7/8",
    "9/8",
    "11/8",
    "12/8",
    "2/2",
    "3/2",
    "7/16",
]
ROCK = "X... .... X... ...."
BACK = ".... X... .... X..."
HALF = ".... .... X... ...."


def places(steps: str, metre: str, *, half_time: bool = False, keeps_time: bool = False) -> list[float]:
    made = figure(steps, 4, Metre.parse(metre), half_time=half_time, keeps_time=keeps_time)
    return [stroke.at for stroke in made.strokes]


@pytest.mark.parametrize("metre", METRES)
@given(steps=st.text(alphabet="Xxo.-", min_size=16, max_size=16), half=st.booleans())
def test_bars_add_up_in_all_metres(metre: str, steps: str, half: bool) -> None:
    parsed = Metre.parse(metre)
    made = figure(steps, 4, parsed, half_time=half)
    assert made.length == pytest.approx(parsed.bar_quarters)
    assert all(0 <= stroke.at < made.length and 0 < stroke.length <= made.length + 1e-9 for stroke in made.strokes)
    starts = [stroke.at for stroke in made.strokes]
    assert starts == sorted(set(starts))
    four = list(made.within(0.0, 4 * made.length))
    assert len(four) == 4 * len(made.strokes)


@pytest.mark.parametrize(
    ("metre", "expected"),
    [
        ("2/4", [1.0]),
        ("3/4", [1.0, 2.0]),
        ("4/4", [1.0, 3.0]),
        ("5/4", [1.0, 2.0, 4.0]),
        ("7/4", [1.0, 3.0, 5.0, 6.0]),
        ("6/8", [1.5]),
        ("12/8", [1.5, 4.5]),
        ("7/8", [1.0, 3.0]),
    ],
)
def test_the_backbeat_falls_on_the_weak_beats_of_other_metres(metre: str, expected: list[float]) -> None:
    assert places(BACK, metre) == expected
    assert 0.0 in places(ROCK, metre)


@pytest.mark.parametrize(
    ("metre", "expected"), [("2/4", [1.0]), ("3/4", [2.0]), ("4/4", [2.0]), ("5/4", [3.0]), ("12/8", [3.0])]
)
def test_half_time_keeps_its_one_stress_in_the_middle_of_the_bar(metre: str, expected: list[float]) -> None:
    assert places(HALF, metre, half_time=True) == expected


def test_time_is_beaten_in_three_where_a_beat_has_three() -> None:
    assert places("x.x. x.x. x.x. x.x.", "6/8", keeps_time=True) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert places("x.x. x.x. x.x. x.x.", "6/8") == [0.0, 1.0, 1.5, 2.5]


def test_what_is_written_in_the_songs_metre_stays_as_it_is() -> None:
    made = figure("X-....x.....", 4, Metre(6, 8), written="6/8")
    assert made.strokes == (Stroke(0.0, 0.5, "X"), Stroke(1.5, 0.25, "x"))


def test_holds_lengthen_across_bar_lines_and_round_the_end() -> None:
    made = figure("--.. x--- .... ..>-  ---- .... x... ....", 4, Metre(4, 4))
    assert [(stroke.at, stroke.length) for stroke in made.strokes] == [(1.0, 1.0), (3.5, 1.5), (6.0, 0.25)]
    assert figure("-... .... .... x---", 4, Metre(4, 4)).strokes[0].length == pytest.approx(1.25)


def test_a_loop_of_five_goes_across_bar_lines() -> None:
    starts = [stroke.at for stroke in loop("x....", 4).within(4.0, 8.0)]
    assert starts == [5.0, 6.25, 7.5]


@pytest.mark.parametrize("steps", ["", "x...", "x... x... x... x...x"])
def test_steps_that_do_not_fill_bars_are_refused(steps: str) -> None:
    with pytest.raises(ValueError, match="does not fill"):
        figure(steps, 4, Metre(4, 4))


def test_a_rhythm_in_three_is_not_played_in_five() -> None:
    with pytest.raises(ValueError, match="cannot be played"):
        figure("x...x...x...", 4, Metre(5, 4), written="3/4")
