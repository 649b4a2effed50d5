"""An analysis as a whole: one report in the published shape, the same every time, with its enclosures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
import soundfile
from immich_memories_music import tracks_dir
from PIL import Image

from soundrack import analysis
from soundrack.analysis import Enclosures
from soundrack.audio.files import Limits
from soundrack.errors import Invalid, TooLong, UnsupportedFormat
from tests.analysis.songs import song

RATE_HZ = 44_100
STAGES = ["decode", "features", "tempo", "key", "chords", "structure", "genre", "mood", "loudness", "mix", "stems"]
"""As the stream of SignalKey names them, after ``upload``; then come ``release`` and the end."""
MUSIC = Path(tracks_dir())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "night-bus.wav"
    soundfile.write(path, song(30.0), RATE_HZ)
    return path


def told(path: Path, **options: Any) -> dict[str, Any]:
    return analysis.analyze(path, **options).as_dict(report_id="job_1", filename="Night Bus.wav")


def valid(report: dict[str, Any]) -> bool:
    written = json.loads(json.dumps(report, allow_nan=False))
    return bool(jsonschema_rs.validator_for(analysis.schema()).is_valid(written))


def test_a_report_has_the_published_shape(file: Path):
    report = told(file)

    assert list(jsonschema_rs.validator_for(analysis.schema()).iter_errors(report)) == []
    assert (report["version"], report["id"]) == (analysis.VERSION, "job_1")
    assert report["file_meta"] == {
        "filename": "Night Bus.wav",
        "duration_sec": 30.0,
        "container": "wav",
        "encoding": "PCM_16",
        "rate_hz": RATE_HZ,
        "channels": 2,
    }


def test_what_the_document_prints_of_a_result_is_all_there(file: Path):
    """The excerpt under "Result schema", its paths and the types of its examples."""
    report = told(file)

    for path, kind in {
        "id": str,
        "file_meta.filename": str,
        "file_meta.duration_sec": float,
        "tempo.bpm": float,
        "tempo.confidence": float,
        "tempo.time_signature": str,
        "key.name": str,
        "key.camelot": str,
        "key.open_key": str,
        "key.confidence": float,
        "genre.top5": list,
        "mood.valence": int,
        "mood.energy": int,
        "mood.danceability": int,
        "mood.tags": list,
        "loudness.integrated_lufs": float,
        "loudness.true_peak_db": float,
        "structure.sections": list,
        "mix_report.lufs_integrated": float,
        "mix_report.checks": list,
        "create_report.chords": list,
        "stems_report.stems": list,
        "release_kit.clips": list,
        "release_kit.captions": dict,
        "release_kit.hashtags": list,
    }.items():
        value: Any = report
        for name in path.split("."):
            value = value[name]
        assert isinstance(value, kind), (path, value)
    assert "primary" in report["genre"]
    assert "priority_move" in report["mix_report"]
    assert "suggested_vocal_key" in report["create_report"]
    assert [stem["id"] for stem in report["stems_report"]["stems"]] == ["vocals", "drums", "bass", "other"]


def test_what_was_played_is_found(file: Path):
    report = told(file)

    assert report["tempo"]["bpm"] == pytest.approx(120.0, rel=0.01)
    assert report["tempo"]["time_signature"] == "4/4"
    assert report["key"]["name"] in {"A minor", "C major"}  # the chords are those of both
    assert {"Am", "F", "C", "G"} <= {chord["label"] for chord in report["create_report"]["chords"]}


def test_a_schema_refuses_what_is_not_in_it(file: Path):
    report = told(file)

    assert valid(report)
    assert not valid(report | {"more": 1})
    assert not valid({name: value for name, value in report.items() if name != "tempo"})
    assert not valid(report | {"key": report["key"] | {"open_key": "13m"}})
    assert not valid(report | {"mood": report["mood"] | {"energy": 101}})


def test_the_same_song_gives_the_same_report_and_the_same_files(file: Path, tmp_path: Path):
    def once(folder: Path) -> tuple[dict[str, Any], list[bytes]]:
        folder.mkdir()
        wanted = Enclosures(*(folder / name for name in ("w.png", "s.png", "p.png", "a.mid")))
        return told(file, enclosures=wanted), [path.read_bytes() for path in wanted.paths]

    assert once(tmp_path / "one") == once(tmp_path / "two")


def test_stages_are_told_in_order_and_the_whole_never_falls(file: Path):
    marks: list[tuple[str, float]] = []

    told(file, progress=lambda stage, fraction: marks.append((stage, fraction)))

    assert [stage for stage, _ in marks] == [*STAGES, "release", "done"]
    fractions = [fraction for _, fraction in marks]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_enclosures_are_written_and_named(file: Path, tmp_path: Path):
    wanted = Enclosures(
        waveform=tmp_path / "waveform.png",
        spectrogram=tmp_path / "spectrogram.png",
        plot=tmp_path / "page.png",
        midi=tmp_path / "song.mid",
    )

    report = told(file, enclosures=wanted)

    assert report["release_kit"]["pictures"] == {"waveform": "waveform.png", "spectrogram": "spectrogram.png"}
    for picture in (wanted.waveform, wanted.spectrogram, wanted.plot):
        assert picture is not None
        with Image.open(picture) as opened:
            assert opened.format == "PNG"
            assert len(np.unique(np.asarray(opened.convert("L")))) > 20
    assert (tmp_path / "song.mid").read_bytes().startswith(b"MThd")


@pytest.mark.parametrize(
    ("field", "name"), [("waveform", "a.jpg"), ("midi", "a.wav"), ("plot", "none/a.png"), ("midi", "night-bus.mid")]
)
def test_an_enclosure_that_cannot_be_written_is_refused_before_any_work(
    field: str, name: str, file: Path, tmp_path: Path
):
    source = file
    if name == "night-bus.mid":
        source = tmp_path / name
        source.write_bytes(file.read_bytes())
    marks: list[str] = []

    with pytest.raises(Invalid) as refused:
        analysis.analyze(
            source, enclosures=Enclosures(**{field: tmp_path / name}), progress=lambda stage, _: marks.append(stage)
        )

    assert refused.value.field == field
    assert marks == []


def test_work_that_is_ended_leaves_no_file(file: Path, tmp_path: Path):
    class Enough(Exception):
        pass

    def end(_stage: str, fraction: float) -> None:
        if fraction == 1.0:
            raise Enough

    with pytest.raises(Enough):
        analysis.analyze(file, enclosures=Enclosures(midi=tmp_path / "a.mid", plot=tmp_path / "a.png"), progress=end)

    assert list(tmp_path.iterdir()) == []


def test_what_plays_longer_than_it_may_or_is_no_audio_is_refused(file: Path, tmp_path: Path):
    with pytest.raises(TooLong):
        analysis.analyze(file, limits=Limits(max_duration_s=10.0))
    nothing = tmp_path / "a.wav"
    nothing.write_bytes(b"These are the lyrics and not the song.\n" * 9)
    with pytest.raises(UnsupportedFormat):
        analysis.analyze(nothing)


def test_gain_changes_levels_and_nothing_else(tmp_path: Path):
    loud, quiet = tmp_path / "loud.wav", tmp_path / "quiet.wav"
    samples = song(24.0)
    soundfile.write(loud, samples, RATE_HZ, subtype="FLOAT")
    soundfile.write(quiet, 0.25 * samples, RATE_HZ, subtype="FLOAT")

    one, other = told(loud), told(quiet)

    for part in ("tempo", "key", "create_report"):
        assert one[part] == other[part]
    difference = one["loudness"]["integrated_lufs"] - other["loudness"]["integrated_lufs"]
    assert difference == pytest.approx(20.0 * np.log10(4.0), abs=0.02)


@pytest.mark.parametrize("clip", sorted(path.name for path in MUSIC.glob("*/*.opus"))[::9])
def test_real_music_has_a_report_of_the_published_shape(clip: str):
    (path,) = MUSIC.glob(f"*/{clip}")

    report = told(path)

    assert valid(report)
    assert report["tempo"]["bpm"] is not None
    assert report["key"]["name"] is not None
