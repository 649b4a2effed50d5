from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.cli import library
from soundrack.errors import Invalid, UnusableAudio

RATE_HZ = 22_050


def write(path: Path, sound: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE_HZ)
    return path


def chord(*frequencies_hz: float, seconds: float = 8.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return sum((0.1 * np.sin(2 * np.pi * hz * t) for hz in frequencies_hz), np.zeros(t.size))


def hiss(seed: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(8 * RATE_HZ)


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """Two chords, two hisses, and what is no song."""
    folder = tmp_path / "songs"
    write(folder / "first chord.wav", chord(220.0, 277.2, 329.6))
    write(folder / "below" / "second chord.flac", chord(196.0, 246.9, 293.7))
    write(folder / "first hiss.wav", hiss(1))
    write(folder / "below" / "second hiss.wav", hiss(2))
    (folder / "notes.txt").write_text("no song")
    return folder


def test_songs_are_heard_once_and_those_alike_are_found_first(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert library.run("add", data, paths=[songs]) == 0
    assert capsys.readouterr().out == "4 heard, 0 known already, 4 in all.\n"
    assert library.run("add", data, paths=[songs, songs / "first hiss.wav"]) == 0
    assert capsys.readouterr().out == "0 heard, 4 known already, 4 in all.\n"

    assert library.run("similar", data, song=songs / "first chord.wav", count=2, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found[0]["file"]).name == "second chord.flac"
    assert len(found) == 2
    assert found[0]["similarity"] > found[1]["similarity"]

    assert library.run("similar", data, song=write(tmp_path / "new.wav", hiss(3)), count=10, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all("hiss" in line for line in lines[:2])


def test_a_song_that_was_changed_is_heard_again(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song = songs / "first hiss.wav"
    library.run("add", tmp_path / "data", paths=[song])
    write(song, chord(440.0))
    library.run("add", tmp_path / "data", paths=[song])

    assert capsys.readouterr().out.splitlines()[-1] == "1 heard, 0 known already, 1 in all."


def test_what_cannot_be_heard_is_told_beside_the_others(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = write(tmp_path / "silent.wav", np.zeros(8 * RATE_HZ))
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    paths = [silent, tmp_path / "broken.wav", tmp_path / "missing.wav", songs / "first hiss.wav"]

    assert library.run("add", tmp_path / "data", paths=paths) == 1
    told = capsys.readouterr()
    assert told.out == "1 heard, 0 known already, 1 in all.\n"
    assert [Path(line.split(": ")[0]).name for line in told.err.splitlines() if "wav: " in line] == [
        "silent.wav",
        "broken.wav",
        "missing.wav",
    ]


def test_before_anything_was_heard_nothing_is_found(songs: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="soundrack library add"):
        library.run("similar", tmp_path / "data", song=songs / "first hiss.wav", count=3, as_json=False)


def test_silence_is_like_nothing(songs: Path, tmp_path: Path) -> None:
    library.run("add", tmp_path / "data", paths=[songs / "first hiss.wav"])
    with pytest.raises(UnusableAudio, match="too little to hear"):
        library.run(
            "similar", tmp_path / "data", song=write(tmp_path / "s.wav", np.zeros(1000)), count=3, as_json=False
        )
