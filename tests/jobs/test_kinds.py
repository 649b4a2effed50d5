"""What engines are asked for, and what they give back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from soundrack.audio.files import Limits
from soundrack.errors import TooLong
from soundrack.jobs import kinds
from soundrack.jobs.kinds import Product, Work
from soundrack.jobs.task import Kind
from soundrack.progress import silent
from soundrack.settings import Settings
from tests.mastering.meters import lufs, music, wav

ASKED = {"platforms": ["apple_music", "melon"], "genre": "kpop", "ai_service": "suno", "premium": False, "most_s": 600}


def made(tmp_path: Path, song: Path, reference: Path | None = None, **parameters: Any) -> Product:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    inputs = {"song": song} | ({} if reference is None else {"reference": reference})
    return kinds.RUNS[Kind.RELEASE](Work("job", inputs, outputs, ASKED | parameters, 1024 * 2**20), silent)


def analysed(tmp_path: Path, song: Path, **parameters: Any) -> Product:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    asked = {"filename": "나의 노래.wav", "most_s": 1800, "stems": False} | parameters
    return kinds.RUNS[Kind.ANALYZE](Work("job", {"song": song}, outputs, asked, 1024 * 2**20), silent)


def test_an_analysis_gives_its_report_with_pictures_and_midi(tmp_path: Path):
    product = analysed(tmp_path, wav(tmp_path / "song", music(8.0)))

    assert {name: (made.filename, made.content_type) for name, made in product.outputs.items()} == {
        "report": ("report.json", "application/json"),
        "midi": ("song.mid", "audio/midi"),
        "waveform": ("waveform.png", "image/png"),
        "spectrogram": ("spectrogram.png", "image/png"),
    }
    report = json.loads((tmp_path / "outputs" / "report.json").read_text(encoding="utf-8"))
    assert (report["id"], report["file_meta"]["filename"]) == ("job", "나의 노래.wav")
    assert product.result["bpm"] == report["tempo"]["bpm"]
    assert product.work_s == pytest.approx(8.0)


def test_a_song_that_plays_longer_than_it_may_is_not_analysed(tmp_path: Path):
    with pytest.raises(TooLong):
        analysed(tmp_path, wav(tmp_path / "song", music(4.0)), most_s=2)


def test_half_an_hour_of_stereo_is_analysed_in_the_usual_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given: list[Limits] = []

    def hear(*_: object, limits: Limits, **__: object) -> None:
        given.append(limits)
        raise TooLong("Enough is known.")

    monkeypatch.setattr("soundrack.analysis.analyze", hear)
    memory_bytes = Settings.model_fields["job_memory_mb"].default * 2**20
    asked = {"filename": "a.wav", "most_s": 1800, "stems": False}
    with pytest.raises(TooLong):
        kinds.RUNS[Kind.ANALYZE](Work("job", {"song": tmp_path / "song"}, tmp_path, asked, memory_bytes), silent)

    assert given[0].max_samples >= 1800 * 48_000 * 2


def test_a_release_gives_a_24_bit_wav_for_each_platform_and_tells_how_loud_each_is(tmp_path: Path):
    product = made(tmp_path, wav(tmp_path / "song", music(3.0, rate_hz=48_000), 48_000))

    assert {name: file.filename for name, file in product.outputs.items()} == {
        "apple_music": "job-apple_music.wav",
        "melon": "job-melon.wav",
    }
    for name, file in product.outputs.items():
        path = tmp_path / "outputs" / file.filename
        info = soundfile.info(path)
        assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_24", 48_000)
        told = product.result["platforms"][name]
        assert told["integrated_lufs"] == pytest.approx(lufs(path), abs=0.01)
        assert told["true_peak_db"] <= -1.0
    assert product.result["rate_hz"] == 48_000
    assert product.work_s == pytest.approx(3.0)


def test_genre_and_maker_of_the_song_show_in_the_report_of_each_platform(tmp_path: Path):
    report = made(tmp_path, wav(tmp_path / "song", music(2.0))).report

    assert set(report["platforms"]) == {"apple_music", "melon"}
    for told in report["platforms"].values():
        assert (told["order"]["genre"], told["order"]["generator"]) == ("kpop", "suno")


@pytest.mark.parametrize(("rate_hz", "expected_hz"), [(48_000, 44_100), (32_000, 44_100), (44_100, 44_100)])
def test_an_mp3_becomes_a_wav_of_44100_hz(rate_hz: int, expected_hz: int, tmp_path: Path):
    song = tmp_path / "song"
    soundfile.write(song, music(2.0, rate_hz=rate_hz), rate_hz, format="MP3")

    product = made(tmp_path, song, premium=True)

    assert product.result["rate_hz"] == expected_hz
    assert soundfile.info(tmp_path / "outputs" / "job-melon.wav").samplerate == expected_hz


@pytest.mark.parametrize("which", ["song", "reference"])
def test_what_plays_longer_than_it_may_is_refused_as_too_long(which: str, tmp_path: Path):
    song, long = wav(tmp_path / "song", music(1.0)), wav(tmp_path / "long", music(4.0))

    inputs = (long, None) if which == "song" else (song, long)

    with pytest.raises(TooLong):
        made(tmp_path, *inputs, most_s=2)
