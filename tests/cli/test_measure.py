from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from soundrack.audio.encoding import Format, write
from soundrack.cli import measure
from soundrack.errors import Invalid


@pytest.fixture
def tones(tmp_path: Path) -> list[Path]:
    """Three files, each 6 dB softer than the last."""
    paths = []
    for number in range(3):
        path = tmp_path / f"tone-{number}.wav"
        sine = 0.5 * 0.5**number * np.sin(2.0 * np.pi * 1000.0 * np.arange(96_000) / 48_000)
        soundfile.write(path, np.stack((sine, sine), axis=1), 48_000, subtype="PCM_24")
        paths.append(path)
    return paths


def test_many_files_are_measured_in_their_order(tones: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert measure.run(tones, as_json=True) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in rows] == [str(path) for path in tones]
    assert [row["integrated_lufs"] for row in rows] == pytest.approx([-6.0, -12.0, -18.1], abs=0.1)
    assert all(row["correlation"] == pytest.approx(1.0) for row in rows)
    assert "curves" not in rows[0]


def test_a_file_that_cannot_be_measured_is_told_beside_the_others(
    tones: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no audio")
    assert measure.run([tones[0], tmp_path / "notes.txt", tmp_path / "missing.wav"], as_json=True) == 1
    rows = json.loads(capsys.readouterr().out)
    assert "integrated_lufs" in rows[0]
    assert rows[1]["error"]["kind"] == "unsupported_format"
    assert "No such file" in rows[2]["error"]["message"]


def test_a_table_names_files_and_their_meters(tones: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert measure.run(tones[:1], as_json=False) == 0
    head, row = capsys.readouterr().out.splitlines()[:2]
    assert head.split()[:3] == ["file", "LUFS", "LRA"]
    assert row.split()[:2] == ["tone-0.wav", "-6.01"]


def test_curves_go_into_the_json_when_asked_for(tones: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert measure.run(tones[:1], as_json=True, curves=True, strict=True) == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert row["oversampling"] == 16
    assert len(row["curves"]["momentary_lufs"]) == 17
    assert len(row["spectrum"]["third_octaves_hz"]) == len(row["spectrum"]["third_octaves_db"])


def test_a_plot_is_drawn_of_what_could_be_measured(tones: list[Path], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no audio")
    assert measure.run([tones[0], tmp_path / "notes.txt"], as_json=False, plot=tmp_path / "out.png") == 1
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.format == "PNG"


def test_a_plot_that_cannot_be_made_is_told(tones: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="written"):
        measure.run(tones[:1], as_json=False, plot=tmp_path / "no" / "folder.png")
    (tmp_path / "notes.txt").write_text("no audio")
    with pytest.raises(Invalid, match="1 to"):
        measure.run([tmp_path / "notes.txt"], as_json=False, plot=tmp_path / "out.png")


def test_a_plot_never_replaces_what_is_measured(tones: list[Path]) -> None:
    before = tones[1].read_bytes()
    with pytest.raises(Invalid, match="another file"):
        measure.run(tones, as_json=False, plot=tones[1])
    assert tones[1].read_bytes() == before


@pytest.mark.parametrize("name", ["Song [Remastered].wav", "[bold] [red.wav"])
def test_a_name_with_brackets_is_shown_as_it_is(
    name: str, tones: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tones[0].rename(tmp_path / name)
    bad = tmp_path / f"no {name}"
    bad.write_text("no audio")
    assert measure.run([path, bad], as_json=False) == 1
    shown = capsys.readouterr()
    assert name.split(maxsplit=1)[0] in shown.out
    assert f"no {name}: This is not" in shown.err


@pytest.mark.parametrize(("mask", "counts"), [(0x107, True), (0x10B, False)])
def test_a_fourth_loudspeaker_counts_unless_the_mask_says_it_is_an_lfe(
    mask: int, counts: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    time_s = np.arange(96_000) / 48_000
    samples = np.zeros((96_000, 4), dtype=np.float32)
    samples[:, 0] = 0.05 * np.sin(2.0 * np.pi * 1000.0 * time_s)
    samples[:, 2] = 0.5 * np.sin(2.0 * np.pi * 1000.0 * time_s)  # centre, or LFE
    path = tmp_path / "surround.wav"
    write(path, samples, 48_000, Format.WAV, channel_mask=mask)
    assert measure.run([path], as_json=True) == 0
    told = json.loads(capsys.readouterr().out)[0]["integrated_lufs"]
    # A sine of 1 kHz at full scale in one channel has -3.01 LUFS (ITU-R BS.1770-5, Annex 1).
    assert told == pytest.approx(-3.01 + 20.0 * np.log10(0.5025 if counts else 0.05), abs=0.05)
