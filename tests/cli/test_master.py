"""``soundrack master``, as a person types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.mastering.meters import lufs, music, true_peak_db, wav

from soundrack.cli import command
from soundrack.mastering import MasteringPlan


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return wav(tmp_path / "song [live].wav", music(2.0))


class Typed:
    """What came of a command line: its exit code and both outputs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["soundrack", *map(str, words)])
        with pytest.raises(SystemExit) as exited:
            command.main()
        captured = self._capsys.readouterr()
        assert isinstance(exited.value.code, int)
        return exited.value.code, captured.out, captured.err


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(monkeypatch, capsys)


def test_a_platform_gives_its_loudness_and_a_table_tells_of_it(song: Path, tmp_path: Path, typed: Typed) -> None:
    code, out, _ = typed("master", song, tmp_path / "out.flac", "--platform", "apple_music", "--tier", "premium")
    assert code == 0
    assert lufs(tmp_path / "out.flac") == pytest.approx(-16.0, abs=0.02)
    assert "-16.00 LUFS" in out


def test_everything_that_can_be_asked_for_is_written(song: Path, tmp_path: Path, typed: Typed) -> None:
    reference = wav(tmp_path / "reference.wav", music(2.0, rate_hz=48_000), 48_000)
    code, _, err = typed(
        *("master", song, tmp_path / "out.wav", "--reference", reference, "--amount", "1", "--repair", "suno"),
        *("--report", tmp_path / "report.json", "--picture", tmp_path / "picture.png"),
        *("--previews", tmp_path / "listen", "--null", tmp_path / "null.flac", "--sample-rate", "48000"),
    )
    assert code == 0, err
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["order"]["generator"] == "suno"
    assert "reference" in told["plan"]["loudness"]["reason"]
    assert told["enclosed"]["null"]["level_lu"] < 0.0
    assert told["after"]["integrated_lufs"] == pytest.approx(lufs(tmp_path / "out.wav"), abs=0.01)
    assert true_peak_db(tmp_path / "out.wav") <= -1.0
    written = [tmp_path / "out.wav", tmp_path / "null.flac", *(tmp_path / "listen").iterdir()]
    assert {soundfile.info(path).samplerate for path in written} == {48_000}
    assert {path.name for path in (tmp_path / "listen").iterdir()} == {"source.flac", "master.flac"}
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG"


def test_a_plan_is_written_edited_and_done(song: Path, tmp_path: Path, typed: Typed) -> None:
    path = tmp_path / "plan.json"
    code, out, _ = typed("plan", song, "-o", path, "--preset", "warm")
    assert code == 0
    assert "Tone:" in out
    plan = json.loads(path.read_text(encoding="utf-8"))
    plan["loudness"] |= {"target_lufs": -20.0, "ceiling_db": -6.0}
    path.write_text(json.dumps(plan), encoding="utf-8")
    assert typed("master", song, tmp_path / "out.wav", "--plan", path)[0] == 0
    assert lufs(tmp_path / "out.wav") == pytest.approx(-20.0, abs=0.02)
    assert true_peak_db(tmp_path / "out.wav") <= -6.0


def test_a_printed_plan_is_json_alone_and_gives_the_same_bytes(song: Path, tmp_path: Path, typed: Typed) -> None:
    options = ("--genre", "edm", "--lufs", "-12", "--repair", "udio")
    code, out, err = typed("plan", song, *options)
    assert (code, err) == (0, "")
    assert MasteringPlan.parse(out).loudness.target_lufs == -12.0
    (tmp_path / "plan.json").write_text(out, encoding="utf-8")
    assert typed("master", song, tmp_path / "one.wav", *options)[0] == 0
    assert typed("master", song, tmp_path / "two.wav", "--plan", tmp_path / "plan.json")[0] == 0
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--preset", "louder"], "preset must be one of balanced, warm, bright, loud, not 'louder'"),
        (["--genre", "polka"], "genre must be one of"),
        (["--platform", "radio"], "platform must be one of spotify"),
        (["--tier", "best"], "tier must be one of standard, premium"),
        (["--repair", "me"], "generator must be one of suno"),
        (["--intensity", "101"], "intensity must lie from 0 to 100"),
        (["--amount", "2"], "reference_amount must lie from 0 to 1"),
        (["--format", "ogg"], "format must be one of"),
        (["--lufs", "3"], "target_lufs must lie from -30 to -5 LUFS"),
        (["--ceiling", "5"], "ceiling_db must lie from -12 to 0 dBTP"),
        (["--sample-rate", "5"], "sample rate"),
        (["--reference", "missing.wav"], "missing.wav"),
        (["--reference", "{here}/notes.txt"], "The reference cannot be used"),
        (["--plan", "missing.json"], "missing.json"),
        (["--plan", "{here}/notes.txt"], "This plan cannot be used"),
        (["--plan", "{here}/wrong.json"], "loudness.target_lufs"),
        (["--plan", "{here}/plan.json", "--lufs", "-9"], "Beside --plan only"),
        (["--plan", "{here}/plan.json", "--reference", "{here}/song [live].wav"], "Beside --plan only"),
        (["--report", "{here}/no/report.json"], "The report cannot be written"),
        (["--report", "{here}/song [live].wav"], "The report must be another file than the source"),
        (
            ["--plan", "{here}/plan.json", "--report", "{here}/plan.json"],
            "The report must be another file than the plan",
        ),
        (["--report", "{here}/out.wav"], "The report must be another file than the destination"),
        (["--picture", "{here}/picture.jpg"], ".png"),
        (["--null", "{here}/null.mp3"], ".wav or .flac"),
        (["--previews", "{here}/notes.txt"], "not a folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_left(
    options: list[str], said: str, song: Path, tmp_path: Path, typed: Typed
) -> None:
    (tmp_path / "notes.txt").write_text("neither audio nor JSON")
    (tmp_path / "plan.json").write_text('{"loudness": {"target_lufs": -14, "ceiling_db": -1}}')
    (tmp_path / "wrong.json").write_text('{"loudness": {"target_lufs": 14, "ceiling_db": -1}}')
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code, _, err = typed("master", song, tmp_path / "out.wav", *(word.format(here=tmp_path) for word in options))
    assert code == 1
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("name", "kind"), [("a.wav", "WAV"), ("a.mp3", "MP3"), ("a.flac", "FLAC")])
def test_the_format_is_that_of_the_ending(name: str, kind: str, song: Path, tmp_path: Path, typed: Typed) -> None:
    assert typed("master", song, tmp_path / name)[0] == 0
    assert soundfile.info(tmp_path / name).format == kind


@pytest.mark.parametrize("command_name", ["master", "plan"])
@pytest.mark.parametrize("content", [None, b"", b"not audio at all"])
def test_what_is_no_audio_ends_with_a_sentence(
    content: bytes | None, command_name: str, tmp_path: Path, typed: Typed
) -> None:
    if content is not None:
        (tmp_path / "in.wav").write_bytes(content)
    outputs = [tmp_path / "out.wav"] if command_name == "master" else []
    code, _, err = typed(command_name, tmp_path / "in.wav", *outputs)
    assert code == 1
    assert err.startswith("soundrack: ")
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("output", ["no/out.wav", "folder.wav", "song [live].wav"])
def test_a_master_never_replaces_its_song_and_goes_where_it_can(
    output: str, song: Path, tmp_path: Path, typed: Typed
) -> None:
    (tmp_path / "folder.wav").mkdir()
    before = song.read_bytes()
    code, _, err = typed("master", song, tmp_path / output)
    assert code == 1
    assert err.startswith("soundrack: The destination ")
    assert song.read_bytes() == before


@pytest.mark.parametrize("output", ["song [live].wav", "no/plan.json", "."])
def test_a_plan_never_replaces_its_song_and_goes_where_it_can(
    output: str, song: Path, tmp_path: Path, typed: Typed
) -> None:
    before = song.read_bytes()
    code, _, err = typed("plan", song, "-o", tmp_path / output)
    assert code == 1
    assert err.startswith("soundrack: The output ")
    assert song.read_bytes() == before


def test_a_target_that_is_missed_is_said(tmp_path: Path, typed: Typed) -> None:
    clicks = np.zeros((3 * 44_100, 2), dtype=np.float32)
    clicks[60_000:60_010] = 0.5
    source = wav(tmp_path / "in.wav", clicks)
    code, _, err = typed("master", source, tmp_path / "out.wav")
    assert code == 0
    assert "-14 LUFS was not reached" in " ".join(err.split())


def test_several_platforms_give_a_file_each_named_after_them(song: Path, tmp_path: Path, typed: Typed) -> None:
    told = tmp_path / "told.json"
    platforms = [word for name in ("spotify", "apple_music", "youtube", "spotify") for word in ("--platform", name)]
    code, out, _ = typed("master", song, tmp_path / "out.flac", *platforms, "--report", told)
    assert code == 0
    for name, target_lufs in (("spotify", -14.0), ("apple_music", -16.0), ("youtube", -14.0)):
        assert lufs(tmp_path / f"out-{name}.flac") == pytest.approx(target_lufs, abs=0.02)
        assert name in out
    assert json.loads(told.read_text())["renderings"] == [["spotify", "youtube"], ["apple_music"]]
    assert not (tmp_path / "out.flac").exists()


def test_without_an_output_the_masters_lie_beside_the_song(song: Path, typed: Typed) -> None:
    assert typed("master", song, "--platform", "melon")[0] == 0
    assert typed("master", song, "--platform", "melon", "--platform", "youtube", "--format", "flac")[0] == 0
    names = {path.name for path in song.parent.iterdir()} - {song.name}
    assert names == {"song [live]-melon.wav", "song [live]-melon.flac", "song [live]-youtube.flac"}


@pytest.mark.parametrize("option", ["--plan", "--picture", "--previews", "--null"])
def test_what_belongs_to_one_master_is_refused_for_several(
    option: str, song: Path, tmp_path: Path, typed: Typed
) -> None:
    code, _, err = typed(
        "master", song, tmp_path / "o.wav", "--platform", "melon", "--platform", "spotify", option, tmp_path / "x"
    )
    assert code != 0
    assert "one platform at a time" in " ".join(err.split())
    assert [path.name for path in tmp_path.iterdir()] == [song.name]
