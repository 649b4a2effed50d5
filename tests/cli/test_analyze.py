"""``soundrack analyze``: what a person reads, what a program reads, and what lies beside it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import soundfile
from tests.analysis.songs import song

from soundrack import analysis
from soundrack.cli import analyze
from soundrack.errors import Invalid

RATE_HZ = 44_100
NOTHING: dict[str, Path | None] = {"plot": None, "midi": None, "stems": None, "pictures": None}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "night [bus].wav"
    soundfile.write(path, song(24.0), RATE_HZ)
    return path


def test_a_person_reads_what_was_found(file: Path, capsys: pytest.CaptureFixture[str]):
    assert analyze.run([file], as_json=False, wanted=NOTHING) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("night [bus].wav")
    rows = (line.rstrip() for line in shown.splitlines()[1:])
    lines = dict(row.split(maxsplit=1) for row in rows if row and not row.startswith(" "))
    assert lines["tempo"].startswith("120.0 BPM, 4/4 [")
    assert "Open Key" in lines["key"]
    assert lines["loudness"].endswith("dBTP")
    assert {"genre", "mood", "chords", "form", "mix"} <= set(lines)


def test_a_program_reads_reports_of_the_published_shape_in_the_order_of_the_files(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    other = tmp_path / "other.wav"
    soundfile.write(other, song(12.0, bpm=100.0), RATE_HZ)
    (tmp_path / "notes.txt").write_text("no audio")

    assert analyze.run([other, tmp_path / "notes.txt", file], as_json=True, wanted=NOTHING) == 1

    rows = json.loads(capsys.readouterr().out)
    assert [row.pop("file") for row in rows] == [str(other), str(tmp_path / "notes.txt"), str(file)]
    assert rows[1]["error"]["kind"] == "unsupported_format"
    validator = jsonschema_rs.validator_for(analysis.schema())
    assert [list(validator.iter_errors(row)) for row in (rows[0], rows[2])] == [[], []]
    assert rows[0]["id"] == "other.wav"


def test_what_is_wanted_beside_the_report_is_written(file: Path, tmp_path: Path):
    (tmp_path / "pictures").mkdir()
    wanted = NOTHING | {
        "plot": tmp_path / "page.png",
        "midi": tmp_path / "song.mid",
        "pictures": tmp_path / "pictures",
    }

    assert analyze.run([file], as_json=True, wanted=wanted) == 0

    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    assert written == ["page.png", "pictures/spectrogram.png", "pictures/waveform.png", "song.mid"]


def test_what_lies_beside_a_report_is_made_of_one_file_at_a_time(file: Path, tmp_path: Path):
    with pytest.raises(Invalid, match="one file at a time"):
        analyze.run([file, file], as_json=True, wanted=NOTHING | {"plot": tmp_path / "page.png"})


def test_a_place_that_cannot_be_written_to_is_told_before_any_work(file: Path, tmp_path: Path):
    with pytest.raises(Invalid, match="there is no folder"):
        analyze.run([file], as_json=True, wanted=NOTHING | {"midi": tmp_path / "none" / "song.mid"})
