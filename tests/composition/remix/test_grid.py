"""Beats and bars of recordings that are played well, badly and not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.analysis.rhythm import Rhythm
from soundrack.composition.remix.grid import Grid, bar_lines, beats_of, by_chords, evened
from soundrack.composition.theory import Metre


@dataclass(frozen=True)
class _Report:
    """As much of a report as a grid looks at."""

    rhythm: Rhythm
    tonality: Any = field(default_factory=lambda: SimpleNamespace(chords=(), key=None))


def _report(beats_s: Any, positions: Any, metre: str | None = "4/4") -> Any:
    bpm = 60.0 / float(np.median(np.diff(beats_s)))
    return _Report(Rhythm(bpm, 0.9, metre, 0.9, np.asarray(beats_s), np.asarray(positions)))


def test_what_machines_play_becomes_an_even_row_whatever_the_beats_are_told_wrong_by() -> None:
    rng = np.random.default_rng(1)
    true = 0.2 + 0.5 * np.arange(100)
    row, steady = evened(true + rng.uniform(-0.02, 0.02, 100))
    assert steady
    assert np.abs(row - true).max() < 0.006


def test_a_drifting_tempo_stays_and_its_jitter_goes() -> None:
    rng = np.random.default_rng(2)
    true = np.cumsum(0.5 + 0.03 * np.sin(np.arange(120) / 10.0))
    told = true + rng.normal(0.0, 0.008, 120)
    smooth, steady = evened(told)
    assert not steady
    assert np.std((smooth - true)[8:-8]) < 0.6 * np.std((told - true)[8:-8])
    assert np.all(np.diff(smooth) > 0.1)


@pytest.mark.parametrize(
    ("positions", "lines"),
    [
        ([1, 2, 3, 4] * 3, (0, 4, 8, 12)),
        ([3, 4, *[1, 2, 3, 4] * 3], (-2, 2, 6, 10, 14)),
        ([1, 2, 3, 4] * 3 + [1, 2] + [1, 2, 3, 4] * 3, (0, 4, 8, 12, 14, 18, 22, 26)),
        ([1, 2, 3, 4] * 3 + [1, 2, 3, 4, 1, 2] + [1, 2, 3, 4] * 3, (0, 4, 8, 12, 16, 18, 22, 26, 30)),
        ([1, 2, 3, 4, 3, 2, 1, 4] * 3, None),
        ([0] * 8, (0, 4, 8)),
    ],
)
def test_bars_begin_anew_where_the_music_does_and_not_where_one_beat_is_counted_wrongly(
    positions: list[int], lines: tuple[int, ...] | None
) -> None:
    found = bar_lines(np.array(positions), 4)
    assert all(0 < second - first <= 4 for first, second in pairwise(found))
    if lines is not None:
        assert found == lines


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_bar_is_empty_or_too_long_whatever_is_counted(positions: list[int]) -> None:
    lines = bar_lines(np.array(positions), 4)
    assert -4 < lines[0] <= 0
    assert all(0 < second - first <= 4 for first, second in pairwise(lines))
    assert lines[-1] > len(positions) - 4


def test_a_grid_goes_on_to_the_first_and_the_last_sound_in_whole_bars() -> None:
    beats = 4.0 + 0.5 * np.arange(32)
    grid = Grid.of(_report(beats, [1, 2, 3, 4] * 8), (0.1, 27.9), 120.0)
    assert grid.is_heard
    assert grid.is_steady
    assert grid.bpm == pytest.approx(120.0)
    assert grid.bars[0] == 0
    assert grid.bars[-1] == len(grid.times_s) - 1
    assert grid.bars_s[0] == pytest.approx(0.0, abs=1e-6)
    assert grid.bars_s[-1] == pytest.approx(28.0)
    late = Grid.of(_report(beats, [1, 2, 3, 4] * 8), (6.3, 15.0), 120.0)
    assert late.bars_s[0] == pytest.approx(6.0)
    assert late.bars_s[-1] == pytest.approx(14.0)  # what rings on for half a bar has none of its own


def test_a_recording_without_beats_gets_a_grid_at_the_asked_tempo_from_its_first_sound_on() -> None:
    nothing: Any = _Report(Rhythm())
    grid = Grid.of(nothing, (1.5, 9.0), 80.0)
    assert not grid.is_heard
    assert grid.bpm == pytest.approx(80.0)
    assert grid.times_s[0] == 1.5
    assert grid.times_s[-1] >= 9.0


@pytest.mark.parametrize(
    ("stability", "keyed", "heard"), [(0.65, False, False), (0.65, True, True), (0.95, False, True)]
)
def test_speech_has_no_beats_to_play_to_but_a_drum_loop_and_a_rubato_have(
    stability: float, keyed: bool, heard: bool
) -> None:
    beats = np.arange(0.0, 16.0, 0.5)
    tonality = SimpleNamespace(chords=(), key="A minor" if keyed else None)
    rhythm = Rhythm(120.0, 0.6, "4/4", 0.9, beats, np.tile([1, 2, 3, 4], 8), stability=stability)
    report: Any = _Report(rhythm, tonality)
    assert Grid.of(report, (0.0, 16.0), 90.0).is_heard == heard


def test_without_bars_the_chords_tell_where_they_begin() -> None:
    beats = np.arange(0.0, 16.0, 0.5)
    positions = by_chords(beats, [1.0, 3.0, 5.02, 5.5, 7.0, 9.0], 4)
    assert positions[2] == 1
    assert positions[6] == 1


def test_compound_bars_are_counted_in_dotted_beats() -> None:
    assert [beats_of(Metre(*each)) for each in ((4, 4), (3, 4), (6, 8), (12, 8))] == [4, 3, 2, 4]
