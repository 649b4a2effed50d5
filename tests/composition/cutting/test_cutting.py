"""Cuts of files: as long as wanted, with joins that are told, or refused by name."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.audio.encoding import Depth
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.composition.cutting import Cut, CutOrder, End, Outputs, Start, cut
from soundrack.composition.cutting.cutting import smoothest
from soundrack.composition.cutting.hearing import Song, heard
from soundrack.composition.recordings import recording
from soundrack.errors import Cancelled, Invalid, TooLong, UnsupportedFormat, UnusableAudio
from tests.composition.cutting.songs import BEAT_S, played

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    soundfile.write(path, played("ABAB"), RATE_HZ)
    return path


@pytest.fixture(scope="module")
def made(source: Path) -> tuple[Path, Cut, list[tuple[str, float]]]:
    told: list[tuple[str, float]] = []
    path = source.with_name("cut.flac")
    cut_ = cut(
        source,
        CutOrder(48.0, Start.BEGINNING),
        Outputs(path),
        lambda stage, done: told.append((stage, done)),
    )
    return path, cut_, told


@pytest.fixture(scope="module")
def song(source: Path) -> Song:
    return heard(recording(source), lambda _stage, _done: None)


def test_a_cut_is_as_long_as_wanted_and_told_as_it_is(made: tuple[Path, Cut, list[tuple[str, float]]]) -> None:
    path, told, _ = made
    assert abs(told.duration_s - 48.0) <= 1.44
    assert soundfile.info(path).frames == round(told.duration_s * RATE_HZ)
    assert (soundfile.info(path).samplerate, soundfile.info(path).subtype) == (RATE_HZ, "PCM_24")
    assert sum(each.end_s - each.start_s for each in told.pieces) == pytest.approx(told.duration_s, abs=0.02)
    assert told.pieces[0].start_s == 0.0
    assert (told.ending, told.on) == ("own", "bars")
    assert json.loads(json.dumps(told.as_dict(), allow_nan=False))["joins"]


def test_joins_lead_from_bar_to_bar_and_are_no_more_conspicuous_than_beats(
    made: tuple[Path, Cut, list[tuple[str, float]]],
) -> None:
    joins = made[1].joins
    assert joins
    for join in joins:
        skipped = (join.to_s - join.from_s) / (4.0 * BEAT_S)
        assert skipped == pytest.approx(round(skipped), abs=0.01)
        assert join.flux_percentile <= 95.0
        assert join.drop_percentile <= 95.0
        assert 5.0 <= join.fade_ms <= 31.0
        assert join.from_bar is not None
        assert join.to_bar is not None
        assert join.to_bar > join.from_bar


def test_the_part_with_most_energy_is_inside(made: tuple[Path, Cut, list[tuple[str, float]]], song: Song) -> None:
    highlight = made[1].highlight
    assert highlight is not None
    assert highlight["inside"] >= 0.5
    assert song.features.energy[: song.on.bars // 4].mean() < song.features.energy[8:16].mean()
    middle = 0.5 * (highlight["start_s"] + highlight["end_s"])
    assert 16.0 < middle % 32.0 < 32.0


def test_what_is_played_is_the_source(made: tuple[Path, Cut, list[tuple[str, float]]], source: Path) -> None:
    path, told, _ = made
    whole, sound = soundfile.read(source)[0], soundfile.read(path)[0]
    last = told.pieces[-1]
    tail = round(0.5 * (last.end_s - last.start_s) * RATE_HZ)
    assert np.abs(sound[-tail:] - whole[-tail:]).max() < 1e-3


def test_progress_never_falls(made: tuple[Path, Cut, list[tuple[str, float]]]) -> None:
    fractions = [done for _, done in made[2]]
    assert fractions == sorted(fractions)
    assert made[2][-1] == ("done", 1.0)


def test_heard_again_a_song_is_cut_the_same(made: tuple[Path, Cut, list[tuple[str, float]]], song: Song) -> None:
    sound, told = smoothest(song, CutOrder(48.0, Start.BEGINNING))
    assert told == made[1]
    written = soundfile.read(made[0], dtype="float32")[0]
    assert np.abs(sound - written).max() < 2.0**-22
    assert np.array_equal(smoothest(song, CutOrder(48.0, Start.BEGINNING))[0], sound)


def test_a_fade_ends_exactly_in_time(song: Song) -> None:
    sound, told = smoothest(song, CutOrder(21.3, end=End.FADE))
    assert len(sound) == round(21.3 * RATE_HZ)
    assert told.ending == "fade"
    assert np.abs(sound[-2205:]).max() < 0.01


def test_from_anywhere_a_cut_begins_with_a_section(song: Song) -> None:
    _, told = smoothest(song, CutOrder(15.0))
    starts = song.on.bounds_s[list(song.starts)]
    assert np.abs(starts - told.pieces[0].start_s).min() < 0.1
    assert abs(told.duration_s - 15.0) <= 1.0
    assert all(one.end_s <= other.start_s for one, other in pairwise(told.pieces))


def test_speech_is_cut_where_it_is_quiet(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    words = [np.concatenate([rng.standard_normal(rng.integers(6000, 15_000)), np.zeros(rng.integers(2000, 8000))])
             for _ in range(40)]  # fmt: skip
    soundfile.write(tmp_path / "speech.wav", 0.1 * np.concatenate(words), 22_050)
    told = cut(tmp_path / "speech.wav", CutOrder(10.0), Outputs(tmp_path / "cut.flac", depth=Depth.S16))
    assert abs(told.duration_s - 10.0) <= 0.6
    assert soundfile.info(tmp_path / "cut.flac").channels == 1
    assert soundfile.info(tmp_path / "cut.flac").subtype == "PCM_16"
    if told.on == "quiet":
        assert any("quiet" in note for note in told.notes)
        assert all(join.fade_ms > 100.0 for join in told.joins)


def test_a_target_that_is_no_cut_is_refused_by_name(source: Path, tmp_path: Path) -> None:
    for target_s in (65.0, 600.0):
        with pytest.raises(Invalid, match=r"65\.00 s") as told:
            cut(source, CutOrder(target_s), Outputs(tmp_path / "cut.flac"))
        assert told.value.field == "target_s"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("samples", "limits", "error"),
    [
        (np.zeros((10 * RATE_HZ, 2)), DEFAULT_LIMITS, UnusableAudio),
        (np.full((441, 1), 0.1), DEFAULT_LIMITS, Invalid),
        (np.full((3 * RATE_HZ, 1), 0.1), Limits(max_duration_s=2.0), TooLong),
        (None, DEFAULT_LIMITS, UnsupportedFormat),
    ],
)
def test_sources_that_cannot_be_cut_are_refused_and_leave_nothing(
    samples: np.ndarray | None, limits: Limits, error: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "source.wav"
    if samples is None:
        path.write_bytes(b"nothing that could be heard")
    else:
        soundfile.write(path, samples, RATE_HZ)
    with pytest.raises(error):
        cut(path, CutOrder(5.0), Outputs(tmp_path / "cut.flac"), limits=limits)
    assert [each.name for each in tmp_path.iterdir()] == ["source.wav"]


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (96_000, 2), (48_000, 6)])
def test_rates_and_channels_of_all_kinds_are_cut(rate_hz: int, channels: int, tmp_path: Path) -> None:
    t = np.arange(7 * rate_hz) / rate_hz
    tone = 0.2 * np.sin(2.0 * np.pi * 300.0 * t) * (t % 0.5 < 0.4)
    soundfile.write(tmp_path / "source.wav", np.repeat(tone[:, None], channels, axis=1), rate_hz)
    told = cut(tmp_path / "source.wav", CutOrder(5.0), Outputs(tmp_path / "cut.flac"))
    assert abs(told.duration_s - 5.0) <= 1.1
    assert soundfile.info(tmp_path / "cut.flac").channels == min(channels, 2)


def test_what_is_raised_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(stage: str, _done: float) -> None:
        if stage == "done":
            raise Cancelled("Enough.")

    noise = 0.1 * np.random.default_rng(1).standard_normal((7 * 8000, 1))
    soundfile.write(tmp_path / "source.wav", noise, 8000)
    with pytest.raises(Cancelled):
        cut(tmp_path / "source.wav", CutOrder(5.0), Outputs(tmp_path / "cut.flac"), cancel)
    assert [each.name for each in tmp_path.iterdir()] == ["source.wav"]
