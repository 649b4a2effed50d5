from __future__ import annotations

import json
from typing import Any

import pytest

from soundrack.composition.planning import as_dict, from_dict
from soundrack.composition.styles import styles
from soundrack.errors import Invalid
from tests.composition.sung import planned, song_lyrics


@pytest.mark.parametrize("name", list(styles()))
def test_a_plan_comes_back_from_json_as_it_was(name: str) -> None:
    for lyrics in (None, song_lyrics()):
        plan = planned(name, 2**63 - 1, lyrics)
        assert from_dict(json.loads(json.dumps(as_dict(plan)))) == plan


def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(as_dict(planned("pop", 1, song_lyrics()))))
    return found


def _set(document: Any, path: str, value: object) -> None:
    *way, last = path.split(".")
    for step in way:
        document = document[int(step)] if step.isdigit() else document[step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 2),
        ("seed", -1),
        ("seed", 1.5),
        ("title", ""),
        ("style", "polka"),
        ("energy", 1.5),
        ("valence", None),
        ("tempo_bpm", 10),
        ("tempo_bpm", "fast"),
        ("swing", 0.9),
        ("key", "H major"),
        ("key", 3),
        ("scale", "whole tone"),
        ("metre", "4/5"),
        ("form", []),
        ("form", "AABA"),
        ("form.0.bars", 0),
        ("form.1.label", "hook"),
        ("form.1.energy", -0.1),
        ("form.1.lyrics", -1),
        ("form.0.colour", "red"),
        ("band", []),
        ("band.0.role", "singer"),
        ("band.0.instrument", ""),
        ("voice", "robot"),
        ("loudness_lufs", 0),
        ("ignored", "all"),
        ("moods", [1]),
        ("colour", "red"),
    ],
)
def test_what_is_no_plan_is_refused_by_the_name_of_the_field(path: str, value: object) -> None:
    document = _document()
    _set(document, path, value)
    with pytest.raises(Invalid) as caught:
        from_dict(document)
    assert caught.value.field == path


def test_a_scale_must_have_the_keys_mode() -> None:
    document = _document()
    document.update(key="C major", scale="dorian")
    with pytest.raises(Invalid) as caught:
        from_dict(document)
    assert caught.value.field == "scale"


def test_a_song_of_an_hour_is_refused() -> None:
    document = _document()
    document["form"] = [{"label": "verse", "bars": 512, "energy": 0.5, "group": "A"}] * 4
    with pytest.raises(Invalid) as caught:
        from_dict(document)
    assert caught.value.field == "form"


def test_what_may_be_left_out_has_its_usual_value() -> None:
    document = _document()
    for name in (
        "version",
        "substyle",
        "moods",
        "swing",
        "voice",
        "language",
        "loudness_lufs",
        "understood",
        "ignored",
    ):
        del document[name]
    plan = from_dict(document)
    assert (plan.substyle, plan.voice, plan.swing, plan.loudness_lufs) == (None, None, 0.5, -14.0)
