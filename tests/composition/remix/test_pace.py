"""How quick a remix is beside its source."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.prompt.wishes import Tempo
from soundrack.composition.remix.pace import pace


@pytest.mark.parametrize(
    ("source", "usual", "level", "tempo", "rate"),
    [
        (122.0, (118.0, 126.0), 1.0, 122.0, 1.0),
        (87.0, (168.0, 178.0), 2.0, 174.0, 1.0),
        (174.0, (80.0, 95.0), 0.5, 87.0, 1.0),
        (104.0, (118.0, 126.0), 1.0, 118.0, 118.0 / 104.0),
        (114.0, (118.0, 126.0), 1.0, 114.0, 1.0),
    ],
)
def test_a_source_keeps_its_tempo_or_its_half_or_double_where_the_style_allows(
    source: float, usual: tuple[float, float], level: float, tempo: float, rate: float
) -> None:
    found = pace(source, None, usual)
    assert found.level == level
    assert found.tempo_bpm == pytest.approx(tempo)
    assert found.rate == pytest.approx(rate)
    assert found.follows == (rate == 1.0)


def test_a_tempo_that_is_asked_for_is_kept_to_exactly() -> None:
    found = pace(104.0, Tempo(140.0, 140.0, True), (60.0, 200.0))
    assert found.tempo_bpm == 140.0
    assert found.rate == pytest.approx(140.0 / 104.0)


@given(st.floats(40.0, 220.0), st.floats(40.0, 220.0))
def test_no_source_is_stretched_by_more_than_half_an_octave_and_none_leaves_the_tempi_that_there_are(
    source: float, asked: float
) -> None:
    found = pace(source, Tempo(asked, asked, True), (100.0, 120.0))
    assert found.tempo_bpm == pytest.approx(asked, rel=0.005)
    assert abs(math.log2(found.rate)) <= 0.59
    assert source * found.level * found.rate == pytest.approx(found.tempo_bpm, rel=0.005)
