"""A master says of its song what the source says, and sounds as it would without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.audio.containers import Container
from soundrack.audio.encoding import Format, write
from soundrack.audio.files import read
from soundrack.audio.tags import Cover, Tags, read_tags
from soundrack.mastering import Order, master

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
TAGS = Tags(title="Sea", artist="坂本", track="3/12", comment="two\nlines", cover=Cover(PNG))


def write_source(path: Path, format: Format, tags: Tags) -> None:
    noise = 0.1 * np.random.default_rng(5).standard_normal((44_100, 2))
    write(path, noise.astype(np.float32), 44_100, format, tags=tags)


def said_of_tags(done: tuple[str, ...]) -> list[str]:
    return [step for step in done if step.startswith("Tags:")]


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("source_format", Format)
def test_the_tags_of_the_source_are_in_the_master(source_format: Format, format: Format, tmp_path: Path) -> None:
    write_source(tmp_path / "source", source_format, TAGS)
    report = master(tmp_path / "source", tmp_path / "master", Order(format=format))
    assert read_tags(tmp_path / "master", Container(format)) == TAGS
    assert said_of_tags(report.done) == ["Tags: title, artist, track, comment and cover carried over."]


@pytest.mark.parametrize("format", Format)
def test_tags_change_neither_the_sound_of_a_master_nor_what_it_measures(format: Format, tmp_path: Path) -> None:
    reports = []
    for name, tags in (("plain", Tags()), ("tagged", TAGS)):
        write_source(tmp_path / name, Format.WAV, tags)
        reports.append(master(tmp_path / name, tmp_path / f"{name} master", Order(format=format)))
    plain, tagged = (read(tmp_path / f"{name} master") for name in ("plain", "tagged"))
    np.testing.assert_array_equal(plain.samples, tagged.samples)
    assert reports[0].after.as_dict() == reports[1].after.as_dict()
    assert list(reports[0].done) == [step for step in reports[1].done if not step.startswith("Tags:")]
    assert said_of_tags(reports[0].done) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain", "plain master", "tagged", "tagged master"]


def test_a_song_is_mastered_though_its_tags_are_damaged_and_the_report_says_so(tmp_path: Path) -> None:
    write_source(tmp_path / "source", Format.WAV, Tags(title="Sea"))
    whole = (tmp_path / "source").read_bytes()
    damaged = whole.replace(b"TIT2\0\0\0\x04", b"TIT2\0\xff\xff\xff")
    assert damaged != whole
    (tmp_path / "source").write_bytes(damaged)
    report = master(tmp_path / "source", tmp_path / "master", Order(format=Format.FLAC))
    assert said_of_tags(report.done) == ["Tags: title carried over; damaged parts of an ID3 tag left out."]
    with soundfile.SoundFile(tmp_path / "master") as sound:
        assert sound.title == "Sea"  # the INFO list had it too
