"""Masters for several platforms: the bytes of a master for each alone, of one decoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from immich_memories_music import tracks_dir

from soundrack.audio import files
from soundrack.errors import Invalid, SoundrackError, UnsupportedFormat, UnusableAudio
from soundrack.mastering import Generator, Genre, Order, Platform, Release, Tier, master, release
from soundrack.mastering import song as song_module
from soundrack.mastering.platforms import playback
from tests.mastering.meters import decoded, lufs, music, true_peak_db, wav

TRACK = sorted(tracks_dir().rglob("*.opus"))[3]
ALL = tuple(Platform)


@pytest.fixture(scope="module")
def excerpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of real music, loud enough that a soft clipper has work at -14."""
    samples, rate_hz = decoded(TRACK)
    middle = len(samples) // 2
    part = samples[middle : middle + 8 * rate_hz]
    return wav(tmp_path_factory.mktemp("excerpt") / "excerpt.wav", 0.9 * part / np.abs(part).max(), rate_hz)


def released(source: Path, folder: Path, order: Order, *platforms: Platform, **options: Any) -> Release:
    folder.mkdir()
    return release(source, {platform: folder / platform for platform in platforms}, order, **options)


@pytest.mark.parametrize(
    "order",
    [
        Order(),
        Order(genre=Genre.EDM, tier=Tier.PREMIUM),
        Order(genre=Genre.BALLAD, generator=Generator.SUNO),
        Order(target_lufs=-9.0),
    ],
    ids=["plain", "premium", "repaired", "loud"],
)
def test_each_master_has_the_bytes_of_a_master_for_its_platform_alone(
    order: Order, excerpt: Path, tmp_path: Path
) -> None:
    done = released(excerpt, tmp_path / "together", order, *ALL)
    for platform in ALL:
        alone = master(excerpt, tmp_path / "alone", Order(**{**vars(order), "platform": platform}))
        assert (tmp_path / "together" / platform).read_bytes() == (tmp_path / "alone").read_bytes()
        assert done.reports[platform].as_dict() == alone.as_dict()


def test_each_master_follows_the_reference_and_is_as_loud_as_its_platform(excerpt: Path, tmp_path: Path) -> None:
    record = wav(tmp_path / "record", music(5.0))
    done = released(excerpt, tmp_path / "together", Order(), *ALL, reference=record)
    for platform in ALL:
        master(excerpt, tmp_path / "alone", Order(platform=platform), reference=record)
        assert (tmp_path / "together" / platform).read_bytes() == (tmp_path / "alone").read_bytes()
    assert list(done.reports) == list(ALL)


def test_every_master_reaches_its_platforms_loudness_below_its_ceiling(excerpt: Path, tmp_path: Path) -> None:
    done = released(excerpt, tmp_path / "out", Order(), *ALL)
    for platform, row in playback().items():
        assert done.reports[platform].reached
        assert lufs(tmp_path / "out" / platform) == pytest.approx(row.target_lufs, abs=0.02)
        assert true_peak_db(tmp_path / "out" / platform) <= row.ceiling_db


def test_platforms_with_one_target_share_a_rendering_and_others_do_not(excerpt: Path, tmp_path: Path) -> None:
    done = released(excerpt, tmp_path / "out", Order(), *ALL)
    aims = {platform: (row.target_lufs, row.ceiling_db) for platform, row in playback().items()}
    for alike in done.renderings:
        assert len({aims[platform] for platform in alike}) == 1
    assert len(done.renderings) == len(set(aims.values())) == 2
    assert sorted(platform for alike in done.renderings for platform in alike) == sorted(ALL)


@pytest.mark.parametrize("platforms", [ALL[:1], ALL[:2], ALL], ids=len)
def test_the_song_is_decoded_once_however_many_platforms_there_are(
    platforms: tuple[Platform, ...], excerpt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def read(path: Path, *arguments: Any, **options: Any) -> files.Sound:
        heard.append(path)
        return files.read(path, *arguments, **options)

    monkeypatch.setattr(song_module, "read", read)
    released(excerpt, tmp_path / "out", Order(), *platforms)
    assert heard == [excerpt]


def test_the_order_of_the_platforms_is_kept_and_changes_no_byte(excerpt: Path, tmp_path: Path) -> None:
    there = released(excerpt, tmp_path / "there", Order(), *ALL)
    back = released(excerpt, tmp_path / "back", Order(), *reversed(ALL))
    assert list(there.reports) == list(reversed(back.reports)) == list(ALL)
    for platform in ALL:
        assert (tmp_path / "there" / platform).read_bytes() == (tmp_path / "back" / platform).read_bytes()


def test_progress_only_grows_and_ends_at_one(excerpt: Path, tmp_path: Path) -> None:
    told: list[float] = []
    released(excerpt, tmp_path / "out", Order(), *ALL, progress=lambda _stage, done: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_release_for_no_platform_is_refused(excerpt: Path) -> None:
    with pytest.raises(Invalid, match="at least one platform") as refusal:
        release(excerpt, {}, Order())
    assert refusal.value.field == "platforms"


@pytest.mark.parametrize(
    ("content", "error"), [(b"no sound at all", UnsupportedFormat), (None, UnusableAudio)], ids=["noise", "silence"]
)
def test_what_cannot_be_mastered_leaves_no_file(
    content: bytes | None, error: type[SoundrackError], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    if content is None:
        wav(source, np.zeros((44_100, 2), dtype=np.float32))
    else:
        source.write_bytes(content)
    with pytest.raises(error):
        released(source, tmp_path / "out", Order(), *ALL)
    assert not list((tmp_path / "out").iterdir())


def test_a_release_that_is_ended_in_the_middle_leaves_no_file(excerpt: Path, tmp_path: Path) -> None:
    def give_up(_stage: str, done: float) -> None:
        if done > 0.8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        released(excerpt, tmp_path / "out", Order(), *ALL, progress=give_up)
    assert not list((tmp_path / "out").iterdir())


def test_a_master_never_replaces_its_source_or_another_master(excerpt: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        release(excerpt, {Platform.SPOTIFY: excerpt}, Order())
    with pytest.raises(Invalid):
        release(excerpt, {Platform.SPOTIFY: tmp_path / "x", Platform.YOUTUBE: tmp_path / "x"}, Order())
