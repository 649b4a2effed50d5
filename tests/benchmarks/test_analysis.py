"""The tables of the analysis: what they count as right, and what they call the halves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks.analysis.labels import harte
from benchmarks.analysis.ours import told
from benchmarks.analysis.scores import rhythm_scores
from benchmarks.analysis.sets import Item, clips
from benchmarks.analysis.tables import Result, calibration, task


@pytest.mark.parametrize(
    ("bpm", "acc1", "acc2"),
    [
        (120.0, 1, 1),
        (124.7, 1, 1),
        (125.0, 0, 0),
        (60.0, 0, 1),
        (240.0, 0, 1),
        (40.0, 0, 1),
        (360.0, 0, 1),
        (90.0, 0, 0),
    ],
)
def test_a_tempo_is_right_to_four_percent_and_up_to_a_factor_of_three(bpm: float, acc1: int, acc2: int) -> None:
    assert rhythm_scores({"bpm": 120.0}, {"bpm": bpm}) == {"acc1": acc1, "acc2": acc2}


def test_no_tempo_is_a_wrong_one() -> None:
    assert rhythm_scores({"bpm": 120.0}, {"bpm": None}) == {"acc1": 0.0, "acc2": 0.0}


def test_what_a_method_does_not_tell_is_not_scored() -> None:
    assert rhythm_scores({"bpm": 120.0, "metre": "4/4"}, {"key": "C major"}) == {}


@pytest.mark.parametrize(
    ("sheet", "label"),
    [
        ("C", "C:maj"),
        ("F#m7", "F#:min7"),
        ("Bb/D", "Bb:maj/3"),
        ("Ebmaj7/Bb", "Eb:maj7/5"),
        ("Gsus4", "G:sus4"),
        ("N", "N"),
    ],
)
def test_names_of_lead_sheets_become_hartes(sheet: str, label: str) -> None:
    assert harte(sheet) == label


def test_every_clip_has_its_stated_tempo_and_key_and_the_halves_are_even() -> None:
    found = clips()
    assert Counter(item.half for item in found) == {"tune": 14, "held": 14}
    stated = {item.path.name: item.true for item in found}
    assert stated["nostalgic_electronic_2.opus"] == {"bpm": 84.0, "key": "Bb minor"}
    assert stated["energetic_electronic_s411.opus"] == {"bpm": 150.0, "key": "E minor"}


def result(half: str, confidence: float, *, right: bool) -> Result:
    found: dict[str, Any] = {"bpm": 1.0, "bpm_confidence": confidence, "key": None, "key_confidence": 0.0}
    return Result(Item(Path(f"{half}{confidence}{right}"), "a set", half, {}), "ours", found, {"acc1": float(right)})


def test_a_table_has_both_halves_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    task("tempo", [result("tune", 0.9, right=True), result("held", 0.9, right=True), result("held", 0.9, right=False)])
    assert "| ours | 1.000 / 0.500 |" in capsys.readouterr().out


def test_calibration_shows_how_often_what_is_told_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    calibration(
        [result("tune", 0.85, right=True), result("tune", 0.81, right=False), result("held", 1.0, right=True)], "ours"
    )
    printed = capsys.readouterr().out
    assert "| 0.8 to 0.9 | 0.83, 0.50, 2 |  |" in printed
    assert "| 0.9 to 1.0 |  | 1.00, 1.00, 1 |" in printed


def test_our_report_is_read_in_the_peers_words() -> None:
    report = {
        "tempo": {"bpm": 90.0, "confidence": 0.7, "beats_s": [0.5], "downbeats_s": [], "time_signature": "6/8"},
        "key": {"name": "C minor", "confidence": 0.6},
        "create_report": {"chords": [{"start_s": 0.0, "end_s": 2.0, "label": "Cm/Eb", "confidence": 0.9}]},
        "structure": {"sections": [{"start_s": 0.0}, {"start_s": 8.0}]},
    }
    found = told(report)
    assert (found["bpm"], found["metre"], found["key"]) == (90.0, "6/8", "C minor")
    assert found["chords"] == [[0.0, 2.0, "C:min/b3"]]
    assert found["boundaries_s"] == [8.0]
