"""Where there is no answer none is invented, and where there is one an odd file does not hide it."""

from __future__ import annotations

from typing import Any

import pytest
import soundfile
from benchmarks.corpus.odd import ODD, Odd

from soundrack.analysis.engine import analyze

_DOUBTFUL = 0.5
_SURE = 0.5


@pytest.fixture(scope="module", params=ODD, ids=lambda odd: odd.name)
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Odd, dict[str, Any]]:
    odd: Odd = request.param
    path = tmp_path_factory.mktemp("odd") / "sound.wav"
    soundfile.write(path, odd.make(), odd.rate_hz, subtype="FLOAT")
    return odd, analyze(path).as_dict(report_id="an_odd", filename=path.name)


def told(report: dict[str, Any]) -> dict[str, tuple[Any, float]]:
    """Return what a report tells of what `Odd` names, None where it tells nothing, and how sure it is."""
    tempo, key, genre = report["tempo"], report["key"], report["genre"]["primary"]
    chords = [chord["label"] for chord in report["create_report"]["chords"] if chord["label"] != "N"]
    return {
        "bpm": (tempo["bpm"], tempo["confidence"]),
        "metre": (tempo["time_signature"], tempo["confidence"]),
        "key": (key["name"], key["confidence"]),
        "chords": (chords or None, 1.0),
        "genre": (genre["label"] if genre else None, genre["confidence"] if genre else 0.0),
    }


def test_no_answer_is_invented(heard: tuple[Odd, dict[str, Any]]) -> None:
    odd, report = heard
    answers = told(report)
    assert {name: answers[name] for name in odd.silent if answers[name][0] is not None} == {}


def test_what_is_doubtful_is_told_as_such(heard: tuple[Odd, dict[str, Any]]) -> None:
    odd, report = heard
    answers = told(report)
    sure = {
        name: answers[name] for name in odd.doubtful if answers[name][0] is not None and answers[name][1] >= _DOUBTFUL
    }
    assert sure == {}


def test_what_is_told_with_confidence_is_right(heard: tuple[Odd, dict[str, Any]]) -> None:
    odd, report = heard
    answers = told(report)
    bpm, sure = answers["bpm"]
    if odd.bpm is not None and bpm is not None and sure >= _SURE:
        assert bpm == pytest.approx(odd.bpm, rel=0.02)
    key, sure = answers["key"]
    if odd.key is not None and key is not None and sure >= _SURE:
        assert key == odd.key


def test_no_beats_come_without_a_tempo(heard: tuple[Odd, dict[str, Any]]) -> None:
    tempo = heard[1]["tempo"]
    assert tempo["bpm"] is not None or not tempo["beats_s"]
    assert tempo["time_signature"] is not None or not tempo["downbeats_s"]


def test_what_has_an_answer_is_told(heard: tuple[Odd, dict[str, Any]]) -> None:
    odd, report = heard
    answers = told(report)
    if "bpm" in odd.told:
        assert answers["bpm"][0] == pytest.approx(odd.bpm, rel=0.02)
    if "key" in odd.told:
        assert answers["key"][0] == odd.key
