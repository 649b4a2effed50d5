"""The judges of composed songs judge by what is written here, not by the composer."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.composition.prompts import HALVES, prompts
from benchmarks.composition.verdicts import beat_f, key_relation, spacing_bpm, tempo_relation

from soundrack.composition.styles.files import NAMES
from soundrack.composition.theory import Key


def test_prompts_are_the_same_for_a_seed_and_go_through_all_styles_in_either_half():
    drawn = prompts(72, 1)

    assert drawn == prompts(72, 1)
    assert drawn[:10] == prompts(10, 1)
    assert drawn != prompts(72, 2)
    for half in HALVES:
        assert Counter(each.style for each in drawn if each.half == half) == dict.fromkeys(NAMES, 2)
        assert sum(each.bpm is not None for each in drawn if each.half == half) == 18


def test_what_a_prompt_asks_for_stands_in_its_text():
    for each in prompts(72, 1):
        assert (each.bpm is None) == (each.key is None)
        assert each.bpm is None or f"{each.bpm:.0f}" in each.text
        assert each.key is None or each.key.split()[0] in each.text


@pytest.mark.parametrize(
    ("found", "relation"),
    [(120.0, "right"), (121.1, "right"), (121.3, "wrong"), (60.0, "octave"), (240.0, "octave"), (None, "wrong")],
)
def test_half_and_double_tempi_are_told_apart_from_wrong_ones(found: float | None, relation: str):
    assert tempo_relation(found, 120.0) == relation


@pytest.mark.parametrize(
    ("found", "relation"),
    [("A minor", "right"), ("E minor", "fifth"), ("D minor", "fifth"), ("C major", "relative"), ("A major", "parallel"),
     ("F# major", "wrong"), (None, "wrong")],
)  # fmt: skip
def test_keys_relate_as_in_the_usual_task(found: str | None, relation: str):
    assert key_relation(found, Key.parse("A minor")) == relation


def test_a_line_through_beats_tells_a_tempo_finer_than_they_are_rounded_and_in_spite_of_gaps():
    beats_s = [round(number * 60.0 / 175.0 / 0.0116) * 0.0116 for number in range(100) if number not in {40, 41, 70}]

    assert spacing_bpm(beats_s) == pytest.approx(175.0, rel=0.001)
    assert spacing_bpm(beats_s[:7]) is None


def test_beats_count_within_seventy_milliseconds_and_each_once():
    true_s = [5.0 + 0.5 * number for number in range(20)]

    assert beat_f(true_s, [each + 0.06 for each in true_s]) == 1.0
    assert beat_f(true_s, [each + 0.1 for each in true_s]) == 0.0
    assert beat_f(true_s, [at for each in true_s for at in (each, each + 0.25)]) == pytest.approx(2 / 3)
    assert beat_f(true_s, []) == 0.0
