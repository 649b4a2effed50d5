"""``soundrack remix``, as a person types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.cli import command
from soundrack.composition import Outputs
from soundrack.composition.remix import Remixed, RemixOrder, remix
from soundrack.progress import Progress


@pytest.fixture
def song(tmp_path: Path) -> Path:
    t = np.arange(round(4.5 * 8000)) / 8000
    chord = sum(np.sin(2.0 * np.pi * hz * t) for hz in (220.0, 261.63, 329.63))
    soundfile.write(tmp_path / "song [live].wav", 0.1 * chord * (t % 0.5 < 0.3), 8000)
    return tmp_path / "song [live].wav"


def typed(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["soundrack", *map(str, words)])
    with pytest.raises(SystemExit) as exited:
        command.main()
    assert isinstance(exited.value.code, int)
    return exited.value.code


def test_a_recording_is_remixed_and_what_became_of_it_is_told_as_a_table_or_json(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[Remixed] = []

    def once(order: RemixOrder, outputs: Outputs, progress: Progress) -> Remixed:
        if not made:
            made.append(remix(order, outputs, progress))
        return made[0]

    monkeypatch.setattr("soundrack.cli.remix.remix", once)
    out = tmp_path / "remix.flac"
    words = ("remix", song, "ambient", "--instrumental", "--bits", "16", "--plan", tmp_path / "plan.json", "--out", out)
    assert typed(monkeypatch, *words) == 0
    printed = capsys.readouterr().out
    assert "kept" in printed
    assert "ambient" in printed
    assert "LUFS" in printed
    assert soundfile.info(out).subtype == "PCM_16"
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["style"] == "ambient"
    assert typed(monkeypatch, *words, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(out)
    assert told["source"]["duration_s"] == 4.5
    assert told["kept"] in {"hook", "nothing"}
    assert told["integrated_lufs"] == pytest.approx(-14.0, abs=0.5)


def test_what_cannot_be_remixed_is_refused_with_a_sentence(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(40_000), 8000)
    assert typed(monkeypatch, "remix", silent, "house", "--out", tmp_path / "a.flac") != 0
    assert "silent" in capsys.readouterr().err
    words = tmp_path / "words.txt"
    words.write_bytes(b"\xff\xfe\xfa")
    assert typed(monkeypatch, "remix", song, "house", "--lyrics", words, "--out", tmp_path / "a.flac") != 0
    assert "no text" in capsys.readouterr().err
    assert not (tmp_path / "a.flac").exists()
