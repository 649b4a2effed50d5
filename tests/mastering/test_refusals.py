"""What cannot be mastered is refused with a reason, and nothing is left of the attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.errors import Invalid, SoundrackError, TooLarge, UnsupportedFormat, UnusableAudio
from soundrack.mastering import Enclosures, Format, Generator, Limits, MasteringPlan, Order, master
from tests.mastering.meters import music, wav


@pytest.fixture
def all_enclosures(tmp_path: Path) -> Enclosures:
    return Enclosures(
        previews=tmp_path / "listen" / "here", null=tmp_path / "null.flac", picture=tmp_path / "picture.png"
    )


def _bad_sounds() -> Iterator[tuple[str, NDArray[np.float32], str]]:
    yield "silence", np.zeros((44_100, 2), dtype=np.float32), "silent"
    yield "constant", np.full((44_100, 2), 0.5, dtype=np.float32), "silent"
    yield "whisper", music(1.0, level=1e-5), "silent"
    yield "200 ms", music(0.2), "200 ms"
    yield "300 ms", music(0.3), "300 ms"
    yield "surround", music(1.0, channels=6), "6 channels"
    for value, words in ((np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")):
        holed = music(1.0)
        holed[4410, 0] = value
        yield words, holed, rf"\({words}\) at 0.100 s"


BAD_SOUNDS = {name: (samples, words) for name, samples, words in _bad_sounds()}


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", BAD_SOUNDS)
def test_a_bad_source_is_refused_and_leaves_nothing(
    name: str, source: Path, destination: Path, tmp_path: Path, all_enclosures: Enclosures
) -> None:
    samples, words = BAD_SOUNDS[name]
    wav(source, samples)
    destination.write_bytes(b"what was there before")
    with pytest.raises(UnusableAudio, match=words) as refusal:
        master(source, destination, Order(), enclosures=all_enclosures)
    assert str(refusal.value).startswith("This file")
    assert left(tmp_path) == {"source"}


@pytest.mark.parametrize("name", BAD_SOUNDS)
def test_a_bad_reference_is_refused_as_such_and_leaves_nothing(
    name: str, source: Path, destination: Path, tmp_path: Path, all_enclosures: Enclosures
) -> None:
    samples, words = BAD_SOUNDS[name]
    wav(source, music(1.0))
    reference = wav(tmp_path / "reference", samples)
    with pytest.raises(UnusableAudio, match=words) as refusal:
        master(source, destination, Order(), reference=reference, enclosures=all_enclosures)
    assert str(refusal.value).startswith("The reference cannot be used. This file")
    assert refusal.value.field == "reference"
    assert left(tmp_path) == {"source", "reference"}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", UnusableAudio),
        (b"#!/bin/sh\necho hello\n" * 100, UnsupportedFormat),
        (b"RIFF\0\0\0\0WAVE", SoundrackError),
    ],
)
@pytest.mark.parametrize("role", ["source", "reference"])
def test_what_is_not_audio_is_refused_in_either_role(
    role: str, content: bytes, refusal: type[SoundrackError], source: Path, destination: Path, tmp_path: Path
) -> None:
    good, bad = wav(source, music(1.0)), tmp_path / "bad"
    bad.write_bytes(content)
    given = (bad, None) if role == "source" else (good, bad)
    with pytest.raises(refusal) as caught:
        master(given[0], destination, Order(), reference=given[1])
    assert ("The reference" in str(caught.value)) is (role == "reference")
    assert not destination.exists()


def test_a_reference_beyond_the_limits_is_refused_as_such(source: Path, destination: Path, tmp_path: Path) -> None:
    wav(source, music(1.0))
    reference = wav(tmp_path / "reference", music(3.0))
    with pytest.raises(TooLarge, match="The reference cannot be used"):
        master(source, destination, Order(), reference=reference, limits=Limits(max_duration_s=2.0))
    assert not destination.exists()


def test_a_click_that_repair_takes_out_of_silence_leaves_nothing_to_master(source: Path, destination: Path) -> None:
    samples = np.zeros((3 * 44_100, 2), dtype=np.float32)
    samples[60_000] = 1.0
    wav(source, samples)
    with pytest.raises(UnusableAudio, match="repair leaves of this file is silent"):
        master(source, destination, Order(generator=Generator.SUNO))
    assert not destination.exists()


def test_a_cut_that_leaves_too_little_is_refused(source: Path, destination: Path) -> None:
    wav(source, music(3.0))
    plan = MasteringPlan.parse(
        '{"repair": [{"kind": "silence", "start_s": 1.0, "end_s": 1.2}],'
        ' "loudness": {"target_lufs": -14.0, "ceiling_db": -1.0}}'
    )
    with pytest.raises(UnusableAudio, match="repair leaves of this file is 200 ms"):
        master(source, destination, Order(), plan=plan)
    assert not destination.exists()


Wishes = Callable[[Path], tuple[str, Enclosures]]


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (lambda _: ("no/master", Enclosures()), "destination"),
        (lambda _: (".", Enclosures()), "destination"),
        (lambda _: ("source", Enclosures()), "destination"),
        (lambda _: ("reference", Enclosures()), "destination"),
        (lambda _: ("link", Enclosures()), "destination"),
        (lambda here: ("master", Enclosures(picture=here / "no" / "a.png")), "picture"),
        (lambda here: ("master", Enclosures(picture=here / "a.jpg")), "picture"),
        (lambda here: ("a.png", Enclosures(picture=here / "a.png")), "picture"),
        (lambda here: ("master", Enclosures(null=here / "a.mp3")), "null"),
        (lambda here: ("master", Enclosures(null=here / "link.wav")), "null"),
        (lambda here: ("master", Enclosures(null=here / "folder.wav")), "null"),
        (lambda here: ("master", Enclosures(previews=here / "source")), "previews"),
        (lambda here: ("master", Enclosures(previews=here / "source" / "below")), "previews"),
        (lambda here: ("master", Enclosures(previews=here / "album")), "previews"),
        (lambda here: ("master", Enclosures(previews=here, null=here / "master.flac")), "previews"),
        (lambda here: ("master.flac", Enclosures(previews=here)), "previews"),
    ],
)
def test_files_that_cannot_be_written_or_would_replace_another_are_refused_before_any_work(
    wishes: Wishes, field: str, source: Path, tmp_path: Path
) -> None:
    wav(source, music(1.0))
    reference = wav(tmp_path / "reference", music(1.0))
    for name in ("link", "link.wav"):
        (tmp_path / name).symlink_to(source)
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "source.flac").hardlink_to(source)  # a song that has the name of a preview
    before, content = left(tmp_path), source.read_bytes()
    name, enclosures = wishes(tmp_path)
    stages: list[str] = []
    with pytest.raises(Invalid) as refusal:
        master(
            source,
            tmp_path / name,
            Order(),
            reference=reference,
            enclosures=enclosures,
            progress=lambda stage, _: stages.append(stage),
        )
    assert refusal.value.field == field
    assert stages == []
    assert left(tmp_path) == before
    assert source.read_bytes() == content


STAGES = ("read", "measure", "repair", "plan", "shape", "level", "write", "verify", "enclose", "done")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("format", [Format.WAV, Format.MP3])
def test_a_stop_at_any_stage_leaves_nothing(
    format: Format, stage: str, source: Path, destination: Path, tmp_path: Path, all_enclosures: Enclosures
) -> None:
    wav(source, music(1.0))

    def stop(at: str, done: float) -> None:
        if at == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        master(source, destination, Order(format=format), enclosures=all_enclosures, progress=stop)
    assert left(tmp_path) == {"source"}


def test_an_enclosure_that_fails_leaves_no_master(
    source: Path, destination: Path, tmp_path: Path, all_enclosures: Enclosures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    wav(source, music(1.0))
    monkeypatch.setattr("soundrack.mastering.proof.enclosures.write_null", full)
    with pytest.raises(OSError, match="No space"):
        master(source, destination, Order(), enclosures=all_enclosures)
    assert left(tmp_path) == {"source"}


def test_progress_never_falls_and_passes_through_every_stage(
    source: Path, destination: Path, all_enclosures: Enclosures
) -> None:
    wav(source, music(1.0))
    told: list[tuple[str, float]] = []
    master(source, destination, Order(), enclosures=all_enclosures, progress=lambda *step: told.append(step))
    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert {stage for stage, _ in told} == set(STAGES)


@pytest.mark.parametrize(("name", "stages"), [("200 ms", ["read"]), ("silence", ["read", "measure"])])
def test_a_stage_is_told_as_it_begins(name: str, stages: list[str], source: Path, destination: Path) -> None:
    """That a song is too short is seen as soon as it is read; that it is silent only by measuring it."""
    wav(source, BAD_SOUNDS[name][0])
    told: list[str] = []
    with pytest.raises(UnusableAudio):
        master(source, destination, Order(), progress=lambda stage, _: told.append(stage))
    assert told == stages
