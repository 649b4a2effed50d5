from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from soundrack.cli import sample
from soundrack.composition.plan import Role
from soundrack.composition.planning import from_dict
from soundrack.errors import Invalid


def order(out: Path, **given: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "prompt": "kick one shot",
        "duration": None,
        "bars": None,
        "loopable": False,
        "bpm": None,
        "key": None,
        "seed": 1,
        "bits": 24,
        "out": out,
        "midi": None,
        "plan": None,
        "as_json": True,
    }
    return usual | given


def test_a_loop_of_so_many_bars_has_the_tempo_and_key_that_were_ordered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bass.flac"
    sample.run(**order(out, prompt="electric bass line", bars=1, bpm=120.0, key="F# minor", loopable=True))
    told = json.loads(capsys.readouterr().out)
    assert told["duration_s"] == 2.0
    assert "1 bar of 4/4 at 120.00 bpm in F# minor" in told["why"]
    assert 0.0 <= told["seam_percentile"] <= 100.0
    assert soundfile.info(out).frames == 88_200


def test_a_sample_comes_as_midi_and_as_a_plan_that_can_be_composed(tmp_path: Path) -> None:
    files = {"midi": tmp_path / "a.mid", "plan": tmp_path / "a.json"}
    sample.run(**order(tmp_path / "a.flac", prompt="house bass line, 120 bpm", bars=2, loopable=True) | files)
    assert files["midi"].read_bytes().startswith(b"MThd")
    plan = from_dict(json.loads(files["plan"].read_text(encoding="utf-8")))
    assert (plan.tempo_bpm, [player.role for player in plan.band]) == (120.0, [Role.BASS])


def test_without_a_length_a_sample_has_eight_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample.run(**order(tmp_path / "kick.flac"))
    assert json.loads(capsys.readouterr().out)["duration_s"] == 8.0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"duration": 0.01}, "duration_s"),
        ({"duration": 2.0, "bars": 2}, "duration_s"),
        ({"bars": 0}, "bars"),
        ({"bars": 64, "bpm": 60.0}, "bars"),
        ({"bpm": 1e9}, "tempo_bpm"),
        ({"key": "H"}, "key"),
        ({"seed": -1}, "seed"),
        ({"bits": 32}, "bits"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_no_file(tmp_path: Path, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        sample.run(**order(tmp_path / "a.flac", **given))
    assert raised.value.field == field
    assert not list(tmp_path.iterdir())
