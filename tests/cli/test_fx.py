from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from soundrack.cli import fx
from soundrack.errors import Invalid


def test_an_effect_is_written_and_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "knock.flac"
    fx.run("two knocks on a door", 1.0, loopable=False, seed=3, bits=16, out=out, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(out)
    assert told["made_of"] == ["knock"]
    assert told["duration_s"] == 1.0
    assert told["true_peak_db"] <= -1.0
    assert told["seam_percentile"] is None
    written = soundfile.info(out)
    assert (written.frames, written.samplerate, written.channels, written.subtype) == (44_100, 44_100, 2, "PCM_16")


def test_the_same_seed_writes_the_same_file_and_the_table_tells_what_was_not_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.flac", "two.flac"):
        fx.run("beep qwxzv", 0.5, loopable=True, seed=3, bits=24, out=tmp_path / name, as_json=False)
    assert (tmp_path / "one.flac").read_bytes() == (tmp_path / "two.flac").read_bytes()
    shown = capsys.readouterr()
    assert "beep" in shown.out
    assert "seam" in shown.out
    assert "not done: qwxzv" in shown.err


@pytest.mark.parametrize(
    ("prompt", "duration", "bits", "out", "field"),
    [
        ("rain", 0.01, 24, "a.flac", "duration_s"),
        ("rain", 1.0, 8, "a.flac", "bits"),
        ("rain", 1.0, 24, "missing/a.flac", "sound"),
        ("r" * 2001, 1.0, 24, "a.flac", "prompt"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_no_file(
    tmp_path: Path, prompt: str, duration: float, bits: int, out: str, field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        fx.run(prompt, duration, loopable=False, seed=0, bits=bits, out=tmp_path / out, as_json=False)
    assert raised.value.field == field
    assert not list(tmp_path.iterdir())
