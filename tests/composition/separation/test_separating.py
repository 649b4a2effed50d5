"""Stems of files: they add up to the source to the last bit, whatever it is, or it is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.audio.encoding import Depth
from soundrack.audio.files import Limits
from soundrack.composition.separation import STEMS, Outputs, Separation, separate
from soundrack.errors import Cancelled, Invalid, TooLong, UnsupportedFormat, UnusableAudio
from tests.composition.separation.mixes import mixed, parts

RATE_HZ = 44_100


def source(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


def total(made: Separation) -> np.ndarray:
    return np.asarray(np.sum([soundfile.read(made.stems[name])[0] for name in STEMS], axis=0))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Separation]:
    folder = tmp_path_factory.mktemp("separated")
    path = source(folder / "song.wav", 0.7 * mixed(parts(2.0)))
    return path, separate(path, Outputs(folder / "new" / "stems"))


def test_stems_add_up_to_the_source_to_the_last_bit(made: tuple[Path, Separation]) -> None:
    path, told = made
    whole = soundfile.read(path)[0]
    assert told.gain_db == 0.0
    assert np.array_equal(total(told), whole)
    assert told.duration_s == pytest.approx(2.0)
    for name, file in told.stems.items():
        assert file.name == f"{name}.flac"
        assert (soundfile.info(file).subtype, soundfile.info(file).samplerate) == ("PCM_24", RATE_HZ)
    assert sorted(file.name for file in told.stems["other"].parent.iterdir()) == sorted(
        f"{name}.flac" for name in STEMS
    )


def test_what_was_found_is_told(made: tuple[Path, Separation]) -> None:
    told = json.loads(json.dumps(made[1].as_dict(), allow_nan=False))
    assert [each["kind"] for each in told["stems"]] == list(STEMS)
    assert told["voice_by"] == "clues"
    assert "soundrack models install separator" in told["notes"][0]


def test_the_same_source_gives_the_same_bytes(made: tuple[Path, Separation], tmp_path: Path) -> None:
    path, told = made
    again = separate(path, Outputs(tmp_path))
    assert all(again.stems[name].read_bytes() == told.stems[name].read_bytes() for name in STEMS)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "seconds"), [(8000, 1, 1.0), (96_000, 2, 0.5), (48_000, 6, 0.5), (44_100, 2, 0.01)]
)
def test_rates_channels_and_lengths_of_all_kinds_are_taken_apart(
    rate_hz: int, channels: int, seconds: float, tmp_path: Path
) -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal((round(seconds * rate_hz), channels))
    told = separate(source(tmp_path / "odd.wav", noise, rate_hz), Outputs(tmp_path / "stems"))
    assert told.duration_s == pytest.approx(seconds, abs=1e-3)
    assert {soundfile.info(file).channels for file in told.stems.values()} == {min(channels, 2)}
    if rate_hz == RATE_HZ:
        assert np.array_equal(total(told), soundfile.read(tmp_path / "odd.wav")[0])


def test_sixteen_bits_add_up_too(tmp_path: Path) -> None:
    path = source(tmp_path / "fine.wav", 0.5 * mixed(parts(1.0)), subtype="PCM_24")
    told = separate(path, Outputs(tmp_path / "stems", depth=Depth.S16))
    apart = total(told) - soundfile.read(path)[0]
    assert np.abs(apart).max() <= 2.0 / 2**15
    assert soundfile.info(told.stems["bass"]).subtype == "PCM_16"


def test_what_would_clip_is_turned_down_with_all_the_rest_and_that_is_told(tmp_path: Path) -> None:
    path = source(tmp_path / "hot.wav", 3.0 * mixed(parts(1.0)), subtype="FLOAT")
    told = separate(path, Outputs(tmp_path / "stems"))
    whole = soundfile.read(path)[0]
    assert told.gain_db < -1.0
    assert any("dB lower" in note for note in told.notes)
    apart = total(told) * 10.0 ** (-told.gain_db / 20.0) - whole
    assert np.mean(apart**2) < 1e-10 * np.mean(whole**2)
    assert max(np.abs(soundfile.read(file)[0]).max() for file in told.stems.values()) < 1.0


def test_sources_that_cannot_be_used_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    silent = source(tmp_path / "silent.wav", np.zeros((4410, 2)))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound at all")
    long = source(tmp_path / "long.wav", np.full((RATE_HZ, 1), 0.1))
    for path, error in ((silent, UnusableAudio), (broken, UnsupportedFormat), (long, TooLong)):
        with pytest.raises(error):
            separate(path, Outputs(tmp_path / "stems"), limits=Limits(max_duration_s=0.5))
    assert not (tmp_path / "stems").exists()


def test_outputs_that_cannot_be_written_are_refused_before_any_work(tmp_path: Path) -> None:
    vocals = source(tmp_path / "vocals.flac", np.full((4410, 2), 0.1))
    for outputs, field in (
        (Outputs(tmp_path), "vocals"),
        (Outputs(vocals / "stems"), "folder"),
        (Outputs(tmp_path / "stems", depth=Depth.F32), "depth"),
    ):
        with pytest.raises(Invalid) as told:
            separate(vocals, outputs)
        assert told.value.field == field


def test_what_is_raised_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(stage: str, _done: float) -> None:
        if stage == "deliver":
            raise Cancelled("Enough.")

    path = source(tmp_path / "song.wav", 0.1 * np.ones((4410, 2)))
    with pytest.raises(Cancelled):
        separate(path, Outputs(tmp_path / "new" / "stems"), cancel)
    assert [each.name for each in tmp_path.iterdir()] == ["song.wav"]
