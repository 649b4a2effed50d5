"""The whole way of a remix, on short recordings that are made here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from soundrack.composition import Outputs
from soundrack.composition.planning import from_dict
from soundrack.composition.prompt import read
from soundrack.composition.remix import Remixed, RemixOrder, remix
from soundrack.composition.remix.kept import Kind
from soundrack.composition.remix.planning import relative, transposed
from soundrack.composition.theory import Key
from soundrack.errors import Cancelled, Invalid, TooLong, UnsupportedFormat, UnusableAudio

_RATE = 44_100
_BEAT_S = 0.5
_CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))


def _played(bars: int) -> NDArray[np.float32]:
    """Return a drum, a bass and chords at 120 beats a minute in A minor, and a tune aside."""
    frames = round(4 * bars * _BEAT_S * _RATE)
    song = np.zeros((frames + _RATE, 2))
    rng = np.random.default_rng(1)
    for beat in range(4 * bars):
        at = np.arange(round(0.3 * _RATE)) / _RATE
        first = round(beat * _BEAT_S * _RATE)
        kick = 0.6 * np.sin(2 * np.pi * (50.0 * at - 8.0 * np.exp(-at / 0.02))) * np.exp(-at / 0.08)
        snare = 0.25 * rng.standard_normal(len(at)) * np.exp(-at / 0.05) * (beat % 2)
        song[first : first + len(at)] += (kick * (beat % 2 == 0) + snare)[:, None]
        chord = _CHORDS[beat // 4 % 4]
        at = np.arange(round(_BEAT_S * _RATE)) / _RATE
        for place, note in enumerate((chord[0] - 24, *chord, chord[(beat * 2) % 3] + 24)):
            tone = sum(np.sin(2 * np.pi * k * 440.0 * 2 ** ((note - 69) / 12) * at) / k**1.5 for k in (1, 2, 3))
            song[first : first + len(at)] += (0.06 * tone * np.exp(-at / 0.4))[:, None] * (1.0, 0.4 + 0.15 * place)
    return song[:frames].astype(np.float32)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "song.wav"
    soundfile.write(path, _played(8), _RATE)
    return path


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Remixed, list[tuple[str, float]]]:
    folder = tmp_path_factory.mktemp("remixed")
    told: list[tuple[str, float]] = []
    outputs = Outputs(
        folder / "a.flac", stems=folder / "stems", midi=folder / "a.mid", plan=folder / "a.json", score=folder / "a.txt"
    )
    order = RemixOrder(source, "techno, 130 bpm", seed=2)
    return folder, remix(order, outputs, progress=lambda *each: told.append(each)), told


def test_a_remix_has_the_sources_key_and_form_the_asked_tempo_and_loudness(made: Any) -> None:
    folder, song, _ = made
    samples, rate_hz = soundfile.read(folder / "a.flac")
    assert (rate_hz, samples.shape[1]) == (_RATE, 2)
    assert song.song.measurement.integrated_lufs == pytest.approx(-14.0, abs=0.5)
    assert np.abs(samples).max() < 1.0
    assert song.song.plan.tempo_bpm == 130.0
    assert song.origin.tempo_bpm == pytest.approx(120.0, rel=0.01)
    assert song.rate == pytest.approx(130.0 / 120.0, rel=0.01)
    assert song.song.plan.key in {song.origin.key, Key.parse("A minor")}
    assert song.song.plan.bars == 8
    assert song.kept is Kind.HOOK
    assert not song.origin.voice


def test_every_beat_of_the_source_is_on_one_of_the_bands(made: Any) -> None:
    _, song, _ = made
    heard = np.concatenate([np.interp(np.arange(1, 31) * _BEAT_S, each.source_s, each.remix_s) for each in song.joins])
    beats = heard / (60.0 / 130.0)
    assert np.abs(beats - np.round(beats)).max() * 60.0 / 130.0 < 0.03


def test_stems_add_up_to_the_remix_and_what_is_kept_is_one_of_them(made: Any) -> None:
    folder, song, _ = made
    whole = soundfile.read(folder / "a.flac")[0]
    total = np.sum([soundfile.read(path)[0] for path in song.song.stems.values()], axis=0)
    assert np.sqrt(np.mean((whole - total) ** 2)) < 1e-3 * np.sqrt(np.mean(whole**2))
    kept = soundfile.read(song.song.stems["voice"])[0]
    assert np.sqrt(np.mean(kept**2)) > 0.005


def test_papers_say_what_was_made_and_progress_never_falls(made: Any) -> None:
    folder, song, told = made
    assert (folder / "a.mid").read_bytes()[:4] == b"MThd"
    assert from_dict(json.loads((folder / "a.json").read_text(encoding="utf-8"))) == song.song.plan
    document = json.loads(json.dumps(song.as_dict(), allow_nan=False))
    assert document["kept"] == "hook"
    assert document["source"]["metre"] == "4/4"
    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert told[-1] == ("done", 1.0)
    assert {"listen", "separate", "play", "master"} <= {stage for stage, _ in told}


def test_new_words_are_sung_over_the_sources_chords(source: Path, tmp_path: Path) -> None:
    words = "[Verse]\nHold the light for me"
    order = RemixOrder(source, "folk, male vocal", words, duration_s=9.0, seed=1)
    song = remix(order, Outputs(tmp_path / "a.flac"))
    assert song.song.plan.bars == 4
    score = song.song.score
    assert [each.text.lower().strip() for each in score.song] == ["hold", "the", "light", "for", "me"]
    assert song.song.plan.voice == "male"
    roots = {each.chord.root for each in score.harmony}
    assert roots & {9, 5, 0, 7}
    assert song.rate == 1.0


def test_noise_without_a_beat_in_one_channel_is_remixed_told_so_and_repeats_to_the_byte(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    envelope = np.interp(np.arange(8000 * 5), np.arange(0, 8000 * 5, 900), rng.uniform(0.0, 1.0, 45))
    noise = tmp_path / "noise.wav"
    soundfile.write(noise, 0.2 * envelope * rng.standard_normal(8000 * 5), 8000)
    order = RemixOrder(noise, "ambient", instrumental=True, seed=5)
    song = remix(order, Outputs(tmp_path / "a.flac"))
    remix(order, Outputs(tmp_path / "b.flac"))
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()
    assert song.origin.tempo_bpm is None
    assert any("No beat" in note for note in song.song.notes)
    assert song.song.measurement.integrated_lufs == pytest.approx(-14.0, abs=0.5)


@pytest.mark.parametrize(
    ("frames", "level", "error"),
    [(441, 0.5, UnusableAudio), (5 * _RATE, 0.0, UnusableAudio), (3 * _RATE, 0.5, UnusableAudio)],
)
def test_what_is_too_short_or_silent_is_refused(
    frames: int, level: float, error: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, np.full((frames, 2), level) * np.sin(np.arange(frames) / 20.0)[:, None], _RATE)
    with pytest.raises(error):
        remix(RemixOrder(path, "techno"), Outputs(tmp_path / "a.flac"))
    assert not (tmp_path / "a.flac").exists()


def test_what_is_too_long_or_no_sound_is_refused_by_name(tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.zeros(8000 * 1800, dtype=np.int16), 8000)
    with pytest.raises(TooLong, match="600 s") as told:
        remix(RemixOrder(long, "techno"), Outputs(tmp_path / "a.flac"))
    assert told.value.field == "source"
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\x00\x00\x00\x00WAVEjunk" * 4)
    with pytest.raises((UnsupportedFormat, UnusableAudio)):
        remix(RemixOrder(broken, "techno"), Outputs(tmp_path / "a.flac"))


def test_what_is_raised_meanwhile_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    def cancel(stage: str, _done: float) -> None:
        if stage == "separate":
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        remix(RemixOrder(source, "techno"), Outputs(tmp_path / "a.flac", stems=tmp_path / "stems"), cancel)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"prompt": "x" * 2001}, "prompt"),
        ({"lyrics": "x" * 10_001}, "lyrics"),
        ({"lyrics": "la", "instrumental": True}, "lyrics"),
        ({"duration_s": 0.01}, "duration_s"),
        ({"seed": -1}, "seed"),
        ({"variation": -1}, "variation"),
    ],
)
def test_an_order_that_cannot_be_carried_out_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        replace(RemixOrder(Path("a.wav")), **wrong)
    assert told.value.field == field


@pytest.mark.parametrize(
    ("asked", "heard", "voice", "key", "semitones"),
    [
        ("house", "A minor", True, "A minor", 0),
        ("house in B minor", "A minor", True, "B minor", 2),
        ("house in C major", "A minor", True, "C major", 0),
        ("house in D minor", "G major", True, "D minor", -2),
        ("house in Eb minor", "A minor", True, "A minor", 0),
        ("house in Eb minor", "A minor", False, "Eb minor", -6),
    ],
)
def test_a_key_that_is_asked_for_is_reached_the_short_way_and_not_where_a_voice_would_suffer(
    asked: str, heard: str, voice: bool, key: str, semitones: int
) -> None:
    found, steps, refused = transposed(read(asked), Key.parse(heard), voice)
    assert found == Key.parse(key)
    assert steps == semitones
    assert (refused is not None) == (asked.startswith("house in Eb") and voice)


def test_relatives_have_the_same_notes() -> None:
    assert relative(Key.parse("C major")) == Key.parse("A minor")
    assert relative(relative(Key.parse("F# minor"))) == Key.parse("F# minor")
