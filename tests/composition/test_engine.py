"""The whole way of a song, on short ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from soundrack.audio.encoding import Depth
from soundrack.composition import Composition, Order, Outputs, compose
from soundrack.composition.planning import as_dict, from_dict
from soundrack.errors import Cancelled, Invalid, NotFound

_LYRICS = "[Chorus]\nHold the light and carry me"


def _composed(folder: Path, order: Order, **wanted: Any) -> Composition:
    folder.mkdir(exist_ok=True)
    return compose(order, Outputs(folder / "song.flac", **wanted))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Composition]:
    folder = tmp_path_factory.mktemp("composed")
    wanted = {"stems": folder / "stems", "midi": folder / "a.mid", "plan": folder / "a.json", "score": folder / "a.txt"}
    return folder, _composed(folder, Order("techno, C minor, 130 bpm", duration_s=8.0, seed=3), **wanted)


def test_a_song_is_as_loud_as_wanted_and_as_long_as_its_bars(made: tuple[Path, Composition]) -> None:
    folder, song = made
    samples, rate_hz = soundfile.read(folder / "song.flac")
    assert rate_hz == 44_100
    assert samples.shape[1] == 2
    assert song.measurement.integrated_lufs == pytest.approx(-14.0, abs=0.5)
    assert song.measurement.true_peak_db <= -1.0
    assert np.abs(samples).max() < 1.0
    assert song.plan.duration_s - 1.5 < len(samples) / rate_hz < song.plan.duration_s + 6.0


def test_stems_add_up_to_the_song(made: tuple[Path, Composition]) -> None:
    folder, song = made
    whole = soundfile.read(folder / "song.flac")[0]
    total = np.sum([soundfile.read(path)[0] for path in song.stems.values()], axis=0)
    assert "effects" in song.stems
    assert np.sqrt(np.mean((whole - total) ** 2)) < 1e-3 * np.sqrt(np.mean(whole**2))


def test_papers_say_what_was_made(made: tuple[Path, Composition]) -> None:
    folder, song = made
    assert (folder / "a.mid").read_bytes()[:4] == b"MThd"
    assert from_dict(json.loads((folder / "a.json").read_text(encoding="utf-8"))) == song.plan
    text = (folder / "a.txt").read_text(encoding="utf-8")
    assert text.startswith(song.plan.title)
    assert "C minor" in text
    assert json.dumps(song.as_dict(), allow_nan=False)


def test_the_same_seed_gives_the_same_bytes_and_so_does_its_plan(
    made: tuple[Path, Composition], tmp_path: Path
) -> None:
    folder, song = made
    bytes_ = (folder / "song.flac").read_bytes()
    _composed(tmp_path, Order(plan=from_dict(as_dict(song.plan))))
    assert (tmp_path / "song.flac").read_bytes() == bytes_


def test_a_song_is_sung(tmp_path: Path) -> None:
    song = _composed(tmp_path, Order("pop", lyrics=_LYRICS, duration_s=6.0), stems=tmp_path / "stems")
    voice = soundfile.read(song.stems["voice"])[0]
    assert np.sqrt(np.mean(voice**2)) > 0.01
    assert song.plan.voice is not None


def test_what_is_raised_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(stage: str, done: float) -> None:
        if done > 0.9 or stage == "deliver":
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        compose(Order("techno", duration_s=4.0), Outputs(tmp_path / "a.flac", stems=tmp_path / "stems"), cancel)
    assert list(tmp_path.iterdir()) == []


def test_progress_never_falls(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    compose(
        Order("techno", duration_s=4.0),
        Outputs(tmp_path / "a.flac", depth=Depth.S16),
        lambda stage, done: told.append((stage, done)),
    )
    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert told[-1] == ("done", 1.0)
    assert soundfile.info(tmp_path / "a.flac").subtype == "PCM_16"


def test_an_instrument_that_there_is_not_is_told_before_anything_is_played(tmp_path: Path) -> None:
    document = as_dict(_composed(tmp_path, Order("techno", duration_s=3.0)).plan)
    document["band"] = [{"role": "bass", "instrument": "theremin"}]
    with pytest.raises((Invalid, NotFound), match="theremin"):
        compose(Order(plan=from_dict(document)), Outputs(tmp_path / "b.flac"))
    assert not (tmp_path / "b.flac").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"prompt": None}, "prompt"),
        ({"reference": Path("a.wav")}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"lyrics": "x" * 10_001}, "lyrics"),
        ({"duration_s": 0.01}, "duration_s"),
        ({"duration_s": float("nan")}, "duration_s"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"variation": -1}, "variation"),
    ],
)
def test_an_order_that_cannot_be_carried_out_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        replace(Order("pop"), **wrong)
    assert told.value.field == field


@pytest.mark.parametrize("prompt", ["", "🎷🔥", "no drums no bass no chords no melody"])
def test_any_prompt_gives_a_song_and_one_that_stays_soft_says_why(prompt: str, tmp_path: Path) -> None:
    song = _composed(tmp_path, Order(prompt, duration_s=4.0))
    loudness = song.measurement.integrated_lufs
    assert -20.0 < loudness < -13.5
    assert loudness > -14.5 or any("limiter" in note or "limiting" in note for note in song.notes)
