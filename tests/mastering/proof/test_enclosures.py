"""What comes with a master, as a listener would judge it: on the files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from immich_memories_music import tracks_dir
from PIL import Image

from soundrack.mastering import Enclosures, Format, MasteringPlan, Order, Preset, Report, master
from soundrack.mastering.proof.picture import HEIGHT, WIDTH
from tests.mastering.meters import decoded, lufs, music, wav

TRACK = sorted(tracks_dir().rglob("*.opus"))[5]


def enclosed(source: Path, folder: Path, order: Order, plan: MasteringPlan | None = None) -> tuple[Enclosures, Report]:
    wanted = Enclosures(previews=folder / "listen", null=folder / "null.wav", picture=folder / "picture.png")
    return wanted, master(source, folder / "master", order, plan=plan, enclosures=wanted)


@pytest.mark.parametrize(
    "order",
    [Order(), Order(Preset.LOUD, format=Format.MP3), Order(rate_hz=96_000)],
    ids=["usual", "loud MP3", "another rate"],
)
def test_previews_of_real_music_are_half_a_minute_equally_loud_and_the_same_moments(
    order: Order, tmp_path: Path
) -> None:
    wanted, report = enclosed(TRACK, tmp_path, order)
    assert wanted.preview_paths is not None
    assert report.enclosed.previews is not None
    source_preview, master_preview = wanted.preview_paths
    assert lufs(source_preview) == pytest.approx(lufs(master_preview), abs=0.1)
    assert lufs(source_preview) == pytest.approx(report.enclosed.previews.loudness_lufs, abs=0.1)
    (before, rate_hz), (after, after_hz) = decoded(source_preview), decoded(master_preview)
    assert before.shape == after.shape
    assert max(np.abs(before).max(), np.abs(after).max()) <= 10.0 ** (-1.0 / 20.0)
    assert rate_hz == after_hz == report.after.rate_hz
    assert len(before) == 30 * rate_hz
    start = round(report.enclosed.previews.start_s * rate_hz)
    assert lag(decoded(tmp_path / "master")[0][start : start + len(after)], after) == 0
    assert abs(lag(before, after)) <= rate_hz // 1000


def lag(one: np.typing.NDArray[np.float32], other: np.typing.NDArray[np.float32]) -> int:
    """Return by how many frames the treble's envelope is late in the second: crossovers delay the bass by more."""
    size = 2 * len(one)
    envelopes = (np.abs(np.diff(sound, 2, axis=0)).sum(axis=1, dtype=np.float64) for sound in (one, other))
    spectra = [np.fft.rfft(envelope - envelope.mean(), size) for envelope in envelopes]
    crossed = np.fft.irfft(np.conj(spectra[0]) * spectra[1], size)
    found = int(np.argmax(crossed))
    return found - size if found > size // 2 else found


def test_the_null_of_a_master_that_is_only_louder_is_dither(source: Path, tmp_path: Path) -> None:
    wav(source, music(4.0))
    _, report = enclosed(source, tmp_path, Order(intensity=0.0, target_lufs=-18.0, ceiling_db=0.0))
    assert report.enclosed.null is not None
    assert report.enclosed.null.level_lu < -100.0
    assert report.enclosed.null.lag_frames == 0
    assert np.abs(decoded(tmp_path / "null.wav")[0]).max() < 8.0 * 2.0**-23


def test_null_and_previews_are_aligned_where_silence_was_cut(source: Path, tmp_path: Path) -> None:
    lead = np.zeros((44_100, 2), dtype=np.float32)
    wav(source, np.concatenate((lead, music(3.0))))
    plan = MasteringPlan.parse(
        '{"repair": [{"kind": "silence", "start_s": 0.9, "end_s": 4.0}],'
        ' "loudness": {"target_lufs": -20.0, "ceiling_db": 0.0}}'
    )
    wanted, report = enclosed(source, tmp_path, Order(), plan)
    assert len(decoded(tmp_path / "master")[0]) == round(3.1 * 44_100)
    assert report.enclosed.null is not None
    assert report.enclosed.null.lag_frames == 0
    assert report.enclosed.null.level_lu < -90.0
    assert wanted.preview_paths is not None
    before, after = (decoded(path)[0] for path in wanted.preview_paths)
    assert np.abs(before - after).max() < 1e-4  # equally loud and at the same moments, so the same


def test_the_null_of_a_real_master_holds_less_than_it_and_more_than_nothing(tmp_path: Path) -> None:
    samples, rate_hz = decoded(TRACK)
    source = wav(tmp_path / "source", samples[20 * rate_hz : 28 * rate_hz], rate_hz)
    _, report = enclosed(source, tmp_path, Order(Preset.WARM))
    assert report.enclosed.null is not None
    assert -60.0 < report.enclosed.null.level_lu < -1.0
    expected = report.enclosed.null.loudness_lufs + report.enclosed.null.written_gain_db
    assert lufs(tmp_path / "null.wav") == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("duration_s", "channels"), [(0.5, 1), (0.5, 2), (4.0, 2)])
def test_even_half_a_second_has_all_enclosures(duration_s: float, channels: int, source: Path, tmp_path: Path) -> None:
    wav(source, music(duration_s, channels=channels))
    wanted, _ = enclosed(source, tmp_path, Order())
    assert all(path.stat().st_size > 0 for path in wanted.paths)
    with Image.open(tmp_path / "picture.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50


def test_enclosures_change_nothing_of_the_master(source: Path, tmp_path: Path) -> None:
    wav(source, music(2.0))
    enclosed(source, tmp_path, Order())
    master(source, tmp_path / "alone", Order())
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "master").read_bytes()


def test_what_is_not_wanted_is_not_written_nor_told(source: Path, tmp_path: Path) -> None:
    wav(source, music(1.0))
    report = master(source, tmp_path / "master", Order())
    assert {path.name for path in tmp_path.iterdir()} == {"source", "master"}
    assert report.enclosed.as_dict() == {"previews": None, "null": None}


def test_who_draws_nothing_does_not_load_what_draws() -> None:
    script = "import sys, soundrack.mastering; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
