"""What the documents say of the quality gate is what it does: its points, their bounds, and what the mix decides."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from soundrack.audio.measurement import measure
from soundrack.mastering.proof import gate
from soundrack.mastering.proof.evidence import Ends, Evidence, Reduction, Shape
from soundrack.mastering.proof.gate import Point, Verdict, judged

PAGE = (Path(__file__).parents[3] / "docs" / "mastering.md").read_text()
ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*)( \*)? \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
BOUND = re.compile(r"(-?\d+(?:\.\d+)?)(?: ([A-Za-z%]+))?")
CEILING_DB = -0.5


class Bounds(NamedTuple):
    """A row of the page's table, of one point."""

    mix_decides: bool
    warns: str
    fails: str


def rows() -> Iterator[tuple[str, Bounds]]:
    """Yield the table's points; a row of two has two bounds with a comma between, or one that is both's."""
    section = PAGE.split("### The quality gate")[1].split("###")[0]
    for names, star, _, warns, fails in ROW.findall(section):
        points = re.findall(r"\w+", names)
        for number, name in enumerate(points):
            mine = (cell.split(", ")[number] if cell.count(",") == len(points) - 1 else cell for cell in (warns, fails))
            yield name, Bounds(bool(star), *(mine if len(points) > 1 else (warns, fails)))


TABLE = dict(rows())


@pytest.fixture(scope="module")
def usual() -> Evidence:
    """A master that every point applies to, of no loudness range, with a target that leaves room for any density."""
    noise = (0.1 * np.random.default_rng(3).standard_normal((4 * 44_100, 2))).astype(np.float32)
    measured = replace(measure(noise, 44_100, oversampling=16), loudness_range_lu=0.0)
    even = Shape(tilt_db=-3.0, balance_db=0.0)
    return Evidence(
        before=measured,
        after=measured,
        shape_before=even,
        shape_after=even,
        ends=Ends(0.0, 0.0),
        reduction=Reduction(),
        target_lufs=-14.0,
        ceiling_db=CEILING_DB,
        frames=len(noise),
        frames_due=len(noise),
    )


def points(evidence: Evidence) -> dict[str, Point]:
    return {point.name: point for point in judged(evidence).points}


def test_the_page_and_the_source_name_every_point_and_no_other(usual: Evidence) -> None:
    names = list(points(usual))
    assert list(TABLE) == names
    assert gate.__doc__ is not None
    entries = re.findall(r"^- ((?:\*\w+\*(?:, )?)+):", gate.__doc__, re.MULTILINE)
    assert re.findall(r"\w+", " ".join(entries)) == names
    assert len(names) == 20
    assert "Twenty points" in PAGE


@pytest.mark.parametrize("name", TABLE)
def test_the_bounds_on_the_page_are_those_that_are_held_against(name: str, usual: Evidence) -> None:
    point, said = points(usual)[name], TABLE[name]
    assert point.warns_at is not None
    assert point.fails_at is not None
    for words, bound in ((said.warns, point.warns_at), (said.fails, point.fails_at)):
        if words == "the ceiling":
            assert bound == CEILING_DB
            continue
        stated = BOUND.search(words)
        assert stated is not None, words
        assert bound == pytest.approx(float(stated[1]))
        assert point.unit.startswith(stated[2] or ""), point.unit
        assert words.startswith("below") == (point.fails_at < point.warns_at)


def test_what_the_page_says_of_bounds_that_move_is_so(usual: Evidence) -> None:
    assert TABLE["true_peak"].warns == "-1 dBTP, or the ceiling if that is lower"
    low = points(replace(usual, ceiling_db=-3.0))["true_peak"]
    assert (low.warns_at, low.fails_at) == (-3.0, -3.0)
    assert (TABLE["loudness_range"].warns, TABLE["loudness_range"].fails) == (
        "2 LU or a quarter of it",
        "4 LU or half of it",
    )
    wide = points(replace(usual, before=replace(usual.before, loudness_range_lu=20.0)))["loudness_range"]
    assert (wide.warns_at, wide.fails_at) == (5.0, 10.0)
    assert all(words.endswith("less for loud targets") for words in (TABLE["plr"].warns, TABLE["plr"].fails))
    loud = points(replace(usual, target_lufs=-6.0))["plr"]
    assert loud.warns_at is not None
    assert loud.fails_at is not None
    assert (loud.warns_at < 8.0, loud.fails_at < 6.0) == (True, True)


def test_the_points_with_a_star_are_those_that_spare_what_the_source_brought(usual: Evidence) -> None:
    bad = replace(
        usual.after,
        integrated_lufs=-40.0,
        max_short_term_lufs=-20.0,
        true_peak_db=1.0,
        clipped_samples=9,
        dc_offsets=(0.1, 0.1),
        plr_db=0.0,
        psr_db=0.0,
        mono_loss_lu=math.inf,
        correlation=-1.0,
    )
    askew = Shape(tilt_db=10.0, balance_db=20.0)
    spoilt = replace(
        usual,
        after=bad,
        shape_after=askew,
        ends=Ends(20.0, 20.0),
        reduction=Reduction(busy_db=30.0, most_db=30.0, over_3_db=1.0, clipped_db=30.0),
        frames=1,
    )
    brought = replace(spoilt, before=bad, shape_before=askew)
    made, found = points(spoilt), points(brought)
    # These two are measured against the source alone, so that what it brought is no fault of theirs.
    assert {name for name, point in made.items() if point.verdict is not Verdict.FAIL} == {"loudness_range", "width"}
    spared = {name for name in made if (made[name].verdict, found[name].verdict) == (Verdict.FAIL, Verdict.WARN)}
    assert spared == {name for name, said in TABLE.items() if said.mix_decides}
