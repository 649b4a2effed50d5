"""The tracker finds the best sequence of beats that there is, and bars the best way through them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS
from soundrack.analysis.rhythm import bars
from soundrack.analysis.rhythm.pulse import pulse


def peaks(times_s: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    """An activation that is high at some times and low elsewhere."""
    activation = np.full(int(seconds * FPS), 0.02, np.float32)
    activation[np.rint(times_s * FPS).astype(int)] = 0.9
    return activation


@pytest.mark.parametrize("bpm", [50.0, 93.0, 120.0, 171.0, 230.0])
def test_even_beats_are_found_at_any_tempo(bpm: float):
    truth = np.arange(0.3, 29.0, 60.0 / bpm)

    found = pulse(peaks(truth, 30.0), 40.0, 250.0).beats_s

    assert 60.0 / np.median(np.diff(found)) == pytest.approx(bpm, rel=0.04)
    assert np.abs(np.subtract.outer(found, truth)).min(axis=0).max() <= 60.0 / bpm / 16.0 + 0.01


def test_beats_that_are_not_heard_are_filled_in():
    truth = np.arange(0.4, 29.0, 0.5)
    heard = np.delete(truth, [10, 11, 25, 40])

    found = pulse(peaks(heard, 30.0), 40.0, 250.0).beats_s

    assert np.abs(np.subtract.outer(found, truth)).min(axis=0).max() < 0.025


def test_the_tempo_may_drift():
    truth = np.cumsum(np.linspace(0.45, 0.65, 60))

    found = pulse(peaks(truth, truth[-1] + 1.0), 40.0, 250.0).beats_s

    assert np.abs(np.subtract.outer(found, truth)).min(axis=0).max() < 0.05


def test_the_tempo_stays_within_what_is_asked_for():
    activation = peaks(np.arange(0.4, 29.0, 0.5), 30.0)

    assert 60.0 / np.median(np.diff(pulse(activation, 50.0, 70.0).beats_s)) == pytest.approx(60.0, rel=0.02)
    assert 60.0 / np.median(np.diff(pulse(activation, 200.0, 250.0).beats_s)) == pytest.approx(240.0, rel=0.02)


def test_the_score_is_what_beats_explain():
    even = peaks(np.arange(0.4, 29.0, 0.5), 30.0)
    mixed = np.random.default_rng(0).permutation(even)

    assert pulse(even, 40.0, 250.0).score > 2.0 * pulse(mixed, 40.0, 250.0).score


def test_what_is_too_short_has_no_beats():
    assert not len(pulse(np.full(20, 0.5, np.float32)).beats_s)


@given(values=st.lists(st.floats(0.03, 0.97), min_size=7, max_size=10))
@settings(max_examples=20, deadline=None)
def test_no_other_sequence_of_beats_is_likelier(values: list[float]):
    slowest, fastest = 60.0 * FPS / 3.0, 60.0 * FPS / 2.0
    activation = np.array(values, np.float32)

    found = pulse(activation, slowest, fastest)

    fine = np.clip(np.interp(np.arange(2 * len(values)) / 2.0, np.arange(len(values)), activation), 0.02, 0.98)
    beat, between = np.log(fine), np.log((1.0 - fine) / 15.0)
    best = max(_score(path, beat, between) for path in _paths(len(fine), range(4, 7)))
    assert found.score * len(values) == pytest.approx(best - between.sum(), abs=1e-6)


def _paths(places: int, lengths: range) -> list[tuple[int, tuple[int, ...]]]:
    """All that begin with part of a beat and end with one that reaches the end: the first place, and the lengths."""
    open_paths: list[tuple[int, tuple[int, ...]]] = [
        (place, (before, length))
        for before in lengths
        for place in range(before)
        for length in lengths
        if place < places
    ]
    done: list[tuple[int, tuple[int, ...]]] = []
    while open_paths:
        first, path = open_paths.pop()
        if first + sum(path[1:]) >= places:
            done.append((first, path))
        else:
            open_paths += [(first, (*path, length)) for length in lengths]
    return done


def _score(path: tuple[int, tuple[int, ...]], beat: NDArray[np.float64], between: NDArray[np.float64]) -> float:
    at, lengths = path
    total = between[:at].sum()
    for before, length in pairwise(lengths):
        total += beat[at : at + 1].sum() + between[at + 1 : at + length].sum() - 100.0 * abs(np.log(length / before))
        at += length
    return float(total)


@given(odds=st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=7), length=st.integers(2, 3))
@settings(max_examples=40, deadline=None)
def test_no_other_way_through_the_bars_is_likelier(odds: list[float], length: int):
    found = bars.path(np.array(odds), length)

    ways: list[tuple[float, int]] = [(0.0, place) for place in range(length)]
    for odd in odds:
        steps = [
            (score - 12.0 * (following != (place + 1) % length) + (odd if following == 0 else 0.0), following)
            for score, place in ways
            for following in range(length)
        ]
        ways = [max((way for way in steps if way[1] == place), default=(-99.0, place)) for place in range(length)]
    best = max(ways)[0] - np.logaddexp(0.0, odds).sum()
    assert found.score * len(odds) == pytest.approx(best, abs=1e-9)
    assert ((found.positions >= 1) & (found.positions <= length)).all()


def test_bars_keep_their_phase_through_a_beat_that_misleads():
    odds = np.tile([3.0, -3.0, -3.0, -3.0], 8)
    odds[5] = 3.0

    np.testing.assert_array_equal(bars.path(odds, 4).positions, np.tile([1, 2, 3, 4], 8))


def test_a_bar_that_is_cut_short_for_good_begins_anew():
    odds = np.tile([5.0, -5.0, -5.0, -5.0], 12)[np.r_[0:22, 24:48]]

    positions = bars.path(odds, 4).positions

    np.testing.assert_array_equal(positions == 1, odds > 0.0)


@given(count=st.integers(4, 10), length=st.integers(2, 5), seed=st.integers(0, 100))
def test_beats_are_most_alike_a_bar_apart_where_all_bars_are_the_same(count: int, length: int, seed: int):
    rng = np.random.default_rng(seed)
    rows = np.tile(rng.normal(size=(length, len(bars.FEATURES))), (count, 1))
    rows -= rows.mean(axis=0)

    assert bars.likeness(rows, length) >= max(bars.likeness(rows, beats) for beats in range(1, length))
    assert bars.likeness(rows, len(rows)) == 0.0
