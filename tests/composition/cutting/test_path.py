"""The way through a song: forward, as long as wanted, with the highlight, and the cheapest there is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.cutting import CutOrder, End, Start
from soundrack.composition.cutting.joining import join_costs
from soundrack.composition.cutting.path import way
from soundrack.errors import Invalid
from tests.composition.cutting.songs import of_numbers


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    bars=st.integers(12, 60),
    share=st.floats(0.2, 0.95),
    start=st.sampled_from(Start),
    end=st.sampled_from(End),
)
def test_a_way_goes_forward_and_is_as_long_as_wanted(
    seed: int, bars: int, share: float, start: Start, end: End
) -> None:
    song = of_numbers(bars, seed)
    bounds = song.on.bounds_s
    order = CutOrder(max(5.0, share * float(bounds[-1])), start, end)
    found = way(song, order)

    assert all(0 <= each.first < each.last <= bars for each in found.stretches)
    assert all(one.last < other.first for one, other in pairwise(found.stretches))
    length_s = sum(float(bounds[each.last] - bounds[each.first]) for each in found.stretches)
    if end is End.FADE:
        assert length_s > order.target_s - 0.3
    else:
        assert abs(length_s - order.target_s) <= max(0.06 * order.target_s, 2.1)
    if start is Start.BEGINNING:
        assert found.stretches[0].first == 0


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), target_s=st.floats(12.0, 60.0))
def test_a_highlight_is_played_from_its_begin(seed: int, target_s: float) -> None:
    song = of_numbers(40, seed)
    found = way(song, CutOrder(target_s))
    assert found.highlight is not None
    assert any(each.first <= found.highlight.first < each.last for each in found.stretches)


def test_a_way_never_costs_more_than_another_of_the_same_length() -> None:
    song = of_numbers(24, 5)
    order = CutOrder(24.0, Start.BEGINNING)
    found = way(song, order)
    banned = frozenset((one.last, other.first) for one, other in pairwise(found.stretches))
    assert banned
    other = way(song, order, banned)
    assert other.cost >= found.cost
    assert not banned & {(one.last, two.first) for one, two in pairwise(other.stretches)}


def test_a_join_between_bars_that_are_the_same_costs_least() -> None:
    song = of_numbers(32, 7, sections=1)
    features = song.features
    for rows in (features.timbre, features.chroma):
        rows[20:24] = rows[8:12]
    song.level[round(song.on.bounds_s[18] * 50) :][:400] = song.level[round(song.on.bounds_s[6] * 50) :][:400]
    costs = join_costs(song)
    assert np.isfinite(costs[10, 22])
    assert costs[10, 22] == costs[10, 13:].min()
    assert np.isinf(costs[22, 10])


@pytest.mark.parametrize("target_s", [4.99, 600.1, float("nan"), float("inf"), -1.0])
def test_a_target_outside_its_range_is_refused_by_name(target_s: float) -> None:
    with pytest.raises(Invalid) as told:
        CutOrder(target_s)
    assert told.value.field == "target_s"
