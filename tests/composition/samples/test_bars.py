"""Bars out of the middle of a song."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundrack.composition.plan import Plan, Role
from soundrack.composition.planning import plan
from soundrack.composition.prompt import read
from soundrack.composition.samples.bars import Bars, bars
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.score import Note


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(read("rock, 120 bpm"), None, seed=3, duration_s=10.0)


@pytest.fixture(scope="module")
def two(planned: Plan) -> Bars:
    return bars(planned, 2)


def test_bars_last_as_long_as_they_are_and_everybody_begins_within_them(two: Bars) -> None:
    assert two.score.length == 8.0
    assert two.performance.duration_s == pytest.approx(4.0)
    starts = [tone.start_s for part in two.performance.parts for tone in part.tones]
    assert min(starts) > -0.1
    assert max(starts) < 4.0
    assert {part.role for part in two.performance.parts if part.tones} >= {Role.DRUMS, Role.BASS, Role.CHORDS}


def test_no_crash_opens_bars_from_the_middle(two: Bars) -> None:
    drums = next(part for part in two.performance.parts if part.role is Role.DRUMS)
    assert not [tone for tone in drums.tones if tone.pitch == KEYS[Drum.CRASH] and tone.start_s < 0.2]
    assert [tone for tone in drums.tones if tone.pitch == KEYS[Drum.KICK] and tone.start_s < 0.2]


def test_passes_repeat_the_same_tones(two: Bars) -> None:
    thrice = two.passed(3, 4.0)
    assert thrice.score.length == 24.0
    assert thrice.performance.duration_s == 12.0
    for once, part in zip(two.performance.parts, thrice.performance.parts, strict=True):
        count = len(once.tones)
        assert part.tones[:count] == once.tones
        assert [tone.start_s for tone in part.tones[2 * count :]] == pytest.approx(
            [tone.start_s + 8.0 for tone in once.tones]
        )


def test_a_loop_may_begin_with_bars_over_the_first_chord_and_of_drums_with_any(planned: Plan, two: Bars) -> None:
    drums = tuple(player for player in planned.band if player.role is Role.DRUMS)
    assert bars(replace(planned, band=drums), 3).starts == (0, 1, 2)
    four = bars(planned, 4)
    firsts = [
        next(each.roman for each in four.score.harmony if each.start <= 4.0 * bar < each.start + each.length)
        for bar in range(4)
    ]
    assert four.starts == tuple(bar for bar in range(4) if firsts[bar] == firsts[0])
    assert two.starts[0] == 0


def test_a_loop_that_begins_elsewhere_has_the_same_notes_and_goes_on_with_what_is_held_over_its_end(two: Bars) -> None:
    turned = two.turned(1)
    for part, other in zip(two.score.parts, turned.parts, strict=True):
        assert all(note.start >= 0.0 and note.start + note.length <= 8.0 + 1e-6 for note in other.notes)
        assert {(round((note.start - 4.0) % 8.0, 6), note.pitch) for note in part.notes} <= {
            (round(note.start, 6), note.pitch) for note in other.notes
        }
    held = next(part for part in two.score.parts if part.role is not Role.DRUMS)
    whole = replace(two.score, parts=(replace(held, notes=(Note(0.0, 8.0, 60, 0.5),)),))
    assert [(note.start, note.length) for note in Bars(whole, two.performance).turned(1).parts[0].notes] == [
        (0.0, 4.0),
        (4.0, 4.0),
    ]
