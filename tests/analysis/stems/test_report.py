"""The report says what was separated and what is a guess, and conforms to the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import soundrack.analysis
from soundrack.analysis.features.bands import Bands, bands
from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.stems import STEMS, Evidence, stems_report
from soundrack.analysis.stems.estimate import accompaniment, drummed
from tests.analysis.songs import as_sound, song
from tests.analysis.tags.hearing import heard, noise, nothing

SURE = Evidence(certainty=0.87, power=0.3, present=0.5)
SILENT = Bands(np.zeros((0, 136), dtype=np.float32), np.geomspace(47.0, 11_000.0, 136))


@pytest.fixture(scope="module")
def played() -> Bands:
    return bands(as_sound(song(20.0)).mono)


def by_name(report: Any) -> dict[str, Any]:
    return {stem.id: stem for stem in report.stems}


def test_without_a_separation_everything_is_marked_as_estimated_and_says_what_is_missing(played: Bands):
    report = stems_report(heard({}, {"singing": 0.4, "drums": 0.4}), played)

    assert not report.separated
    assert [stem.id for stem in report.stems] == list(STEMS)
    for stem in report.stems:
        assert stem.estimated
        assert stem.quality_pct is not None
        assert "soundrack models install separator" in stem.explanation
    assert by_name(report)["vocals"].presence_pct == 100
    assert by_name(report)["drums"].presence_pct > 80
    assert by_name(report)["bass"].presence_pct > 80


def test_a_separation_is_reported_as_it_was_measured(played: Bands):
    report = stems_report(heard({}, {}), played, dict.fromkeys(STEMS, SURE))

    assert report.separated
    for stem in report.stems:
        quality = 75 if stem.id == "vocals" else 87
        assert (stem.quality_pct, stem.presence_pct, stem.estimated) == (quality, 50, False)
        assert f"{quality} % of its power" in stem.explanation


def test_a_stem_that_is_hardly_there_has_no_quality(played: Bands):
    trace = Evidence(certainty=0.9, power=0.005, present=0.0)
    report = stems_report(heard({}, {}), played, dict.fromkeys(STEMS, SURE) | {"vocals": trace})

    assert by_name(report)["vocals"].quality_pct is None
    assert "no stem to speak of" in by_name(report)["vocals"].explanation


def test_a_voice_that_was_separated_but_not_tagged_is_told_with_less_sureness(played: Bands):
    found = stems_report(heard({}, {}), played, dict.fromkeys(STEMS, SURE)).voice
    unheard = stems_report(heard({}, {}), played, None).voice

    assert (found.present, found.confidence) == (True, 0.6)
    assert unheard.present is False


def test_a_voice_that_was_tagged_but_not_separated_is_left_open_unless_it_is_a_choir(played: Bands):
    trace = dict.fromkeys(STEMS, SURE) | {"vocals": Evidence(certainty=0.2, power=0.001, present=0.0)}
    singer, choir = heard({}, {"man": 0.4}), heard({}, {"choir": 0.6})

    assert stems_report(singer, played).voice.present
    assert stems_report(singer, played, dict.fromkeys(STEMS, SURE)).voice.present
    assert stems_report(singer, played, trace).voice.present is None
    assert stems_report(choir, played, trace).voice.kind == "choir"


def test_of_silence_nothing_is_told():
    report = stems_report(nothing(), SILENT)

    assert all((stem.quality_pct, stem.presence_pct) == (None, None) for stem in report.stems)
    assert report.voice.present is None


def test_struck_and_low_sounds_are_estimated_apart():
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    hum = bands((0.3 * np.sin(2 * np.pi * 100.0 * t)).astype(np.float32))
    clicks = bands(np.where(np.arange(t.size) % 5512 < 20, noise(20.0, 0.5), np.float32(0.0)))

    low, struck = (by_name(stems_report(heard({}, {}), each)) for each in (hum, clicks))
    assert low["bass"].quality_pct > 90
    assert low["drums"].presence_pct < 10
    assert struck["drums"].quality_pct > 80
    assert struck["bass"].presence_pct < 30


def test_the_report_has_the_shape_of_the_schema(played: Bands):
    schema = json.loads((Path(soundrack.analysis.__file__).parent / "schema.json").read_text())
    wanted = schema["properties"]["stems_report"]
    for separated in (None, dict.fromkeys(STEMS, SURE)):
        told = stems_report(heard({}, {"guitar": 0.5, "vocal": 0.3}), played, separated).as_dict()
        json.dumps(told, allow_nan=False)

        assert set(told) == set(wanted["required"])
        for name in ("stems", "instruments"):
            item = wanted["properties"][name]["items"]
            keys = item.get("required") or schema["$defs"]["labelled"]["required"]
            assert all(set(each) == set(keys) for each in told[name])
        assert set(told["voice"]) == set(wanted["properties"]["voice"]["required"])


def test_where_nothing_is_struck_alone_and_no_tag_speaks_for_drums_there_are_none():
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    chord = bands(
        as_sound(sum((0.1 * np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6)), np.zeros(t.size))).mono
    )
    drums = by_name(stems_report(heard({}, {"strings": 0.6}), chord))["drums"]

    assert (drums.quality_pct, drums.presence_pct) == (None, 0)
    assert drums.explanation.startswith("Probably not in the mix.")


def test_where_it_is_not_clear_whether_there_are_drums_nothing_is_told_of_them(played: Bands):
    found = accompaniment(played)
    assert found is not None
    certainty = found["drums"].certainty
    unsure = next(each for each in np.geomspace(1e-4, 0.9, 400) if 0.15 < drummed(certainty, each) < 0.45)
    drums = by_name(stems_report(heard({}, dict.fromkeys(("drums", "beat", "beats"), unsure)), played))["drums"]

    assert (drums.quality_pct, drums.presence_pct) == (None, None)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_that_is_struck_and_likelier_tags_never_speak_against_drums(certainty: float, one: float, other: float):
    low, high = sorted((one, other))

    assert drummed(certainty, low) <= drummed(certainty, high)
    assert drummed(low, certainty) <= drummed(high, certainty)
