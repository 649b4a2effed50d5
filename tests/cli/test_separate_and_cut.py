"""``soundrack separate`` and ``soundrack cut``, as a person types them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.cli import command


@pytest.fixture
def song(tmp_path: Path) -> Path:
    t = np.arange(7 * 22_050) / 22_050
    tone = 0.2 * np.sin(2.0 * np.pi * 220.0 * t) * (t % 0.5 < 0.4)
    soundfile.write(tmp_path / "song [live].wav", np.stack([tone, 0.5 * tone], axis=1), 22_050)
    return tmp_path / "song [live].wav"


def typed(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["soundrack", *map(str, words)])
    with pytest.raises(SystemExit) as exited:
        command.main()
    assert isinstance(exited.value.code, int)
    return exited.value.code


def test_a_recording_is_separated_and_its_stems_are_listed(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, "separate", song, "--out", tmp_path / "stems", "--bits", "16") == 0
    printed = capsys.readouterr()
    assert [line.split()[0] for line in printed.out.splitlines()[1:5]] == ["vocals", "drums", "bass", "other"]
    assert "models install separator" in printed.err
    assert soundfile.info(tmp_path / "stems" / "drums.flac").subtype == "PCM_16"


def test_stems_as_json_name_their_files(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, "separate", song, "--out", tmp_path / "stems", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert all(Path(file).is_file() for file in told["files"].values())
    assert told["gain_db"] == 0.0


def test_a_recording_is_cut_and_its_pieces_are_told(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "short.flac"
    assert typed(monkeypatch, "cut", song, "--to", "5", "--end", "fade", "--out", out) == 0
    printed = capsys.readouterr().out
    assert "5.00 s of 7.00 s, 5 s wanted" in printed
    assert "in a fade" in printed
    assert soundfile.info(out).frames == 5 * 44_100


def test_a_cut_as_json_tells_its_joins(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "short.flac"
    assert typed(monkeypatch, "cut", song, "--to", "5.5", "--start", "beginning", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(out)
    assert told["pieces"][0]["start_s"] == 0.0
    assert isinstance(told["joins"], list)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--to", "4"), "5 to 600 s"),
        (("--to", "30"), "must be shorter"),
        (("--to", "5", "--end", "abruptly"), "smart, fade"),
        (("--to", "5", "--start", "middle"), "any, beginning"),
        (("--to", "5", "--bits", "20"), "16 or 24"),
    ],
)
def test_what_cannot_be_cut_is_said_in_a_sentence(
    words: tuple[str, ...],
    reason: str,
    song: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert typed(monkeypatch, "cut", song, *words, "--out", tmp_path / "short.flac") == 1
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "short.flac").exists()
