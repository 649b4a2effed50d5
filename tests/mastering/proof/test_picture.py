from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from immich_memories_music import tracks_dir
from numpy.typing import NDArray
from PIL import Image

from soundrack.audio.files import read
from soundrack.audio.loudness import GATE_STEP_HOPS, HOPS_PER_S, hop_power, short_term_lufs
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.panel import Canvas, Panel, frequency_marks, time_marks
from soundrack.audio.spectrum import band_centres_hz, band_levels_db
from soundrack.mastering.proof.picture import HEIGHT, WIDTH, Picture, Side, draw_master, meters

ORANGE, BLUE = (213, 94, 0), (0, 114, 178)
SPECTRUM, CHANGE, LOUDNESS, REDUCTION = ((slice(top, bottom), slice(62, right)) for top, bottom, right in (
    (118, 365, 828), (416, 509, 828), (568, 765, 1254), (826, 963, 1254)
))  # fmt: skip
"""Where the panels are, without their frames."""


def side(samples: NDArray[np.float32], rate_hz: int) -> tuple[Side, Measurement]:
    measured = measure(samples, rate_hz)
    short_term = short_term_lufs(hop_power(samples, rate_hz))[::GATE_STEP_HOPS]
    spectrum = band_centres_hz(rate_hz), band_levels_db(samples, rate_hz)
    return Side(*spectrum, short_term, measured.integrated_lufs, measured.duration_s), measured


@pytest.fixture(scope="module")
def picture() -> Picture:
    track = read(sorted(tracks_dir().rglob("*.opus"))[3])
    before, measured_before = side(track.samples * np.float32(0.2), track.rate_hz)
    after, measured_after = side(np.tanh(2.0 * track.samples), track.rate_hz)
    return Picture(
        title="A song",
        subtitle="balanced, -14 LUFS, -1 dBTP",
        facts=meters(measured_before, measured_after),
        before=before,
        after=after,
        step_s=GATE_STEP_HOPS / HOPS_PER_S,
        target_lufs=-14.0,
        limiter_db=np.abs(np.sin(np.arange(200_000) / 3000.0)).astype(np.float32) * 4.0,
        bands_db=np.full(5000, 1.0),
    )


def drawn(picture: Picture, folder: Path) -> NDArray[np.int_]:
    draw_master(folder / "picture.png", picture)
    with Image.open(folder / "picture.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (WIDTH, HEIGHT))
        return np.asarray(image).astype(int)


def coloured(pixels: NDArray[np.int_], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(pixels - colour).sum(axis=2) < 40
    return near


def heights(pixels: NDArray[np.int_], colour: tuple[int, int, int]) -> NDArray[np.float64]:
    """Return the mean row of a colour in each column, NaN where there is none."""
    there = coloured(pixels, colour)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray((there * np.arange(len(there))[:, None]).sum(axis=0) / count)


def test_the_same_picture_gives_the_same_bytes(picture: Picture, tmp_path: Path) -> None:
    written = []
    for name in ("one.png", "two.png"):
        draw_master(tmp_path / name, picture)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_before_and_after_are_both_drawn_on_white(picture: Picture, tmp_path: Path) -> None:
    after = replace(picture.after, levels_db=picture.after.levels_db + 3.0)
    pixels = drawn(replace(picture, after=after), tmp_path)
    assert (pixels[:10] == 255).all()
    for panel in (SPECTRUM, LOUDNESS):
        for colour in (ORANGE, BLUE):
            assert coloured(pixels[panel], colour).sum() > 300


def test_a_louder_master_lies_above_its_source_by_as_much(picture: Picture, tmp_path: Path) -> None:
    before = replace(picture.before, short_term_lufs=np.full(200, -20.0))
    after = replace(picture.after, short_term_lufs=np.full(200, -14.0))
    pixels = drawn(replace(picture, before=before, after=after, target_lufs=-8.5), tmp_path)[LOUDNESS]
    apart = np.nanmean(heights(pixels, ORANGE)) - np.nanmean(heights(pixels, BLUE))
    assert apart == pytest.approx(200.0 * 6.0 / 18.0, abs=1.5)  # a panel of 200 pixels from -24 to -6 LUFS


def test_a_gain_alone_is_no_change_of_tone(picture: Picture, tmp_path: Path) -> None:
    louder = replace(
        picture.before, levels_db=picture.before.levels_db + 7.0, integrated_lufs=picture.before.integrated_lufs + 7.0
    )
    pixels = drawn(replace(picture, after=louder), tmp_path)
    saturation = np.ptp(pixels[CHANGE], axis=2)
    assert saturation.max() < 30  # no filled area: ink and grid alone
    assert not coloured(pixels[SPECTRUM], ORANGE).any()  # the source's thinner line lies under the master's


def test_a_boost_is_drawn_above_the_middle_and_a_cut_below(picture: Picture, tmp_path: Path) -> None:
    centres = picture.before.centres_hz
    tilted = picture.before.levels_db + np.where(centres < 500.0, 2.0, -2.0)
    pixels = drawn(replace(picture, after=replace(picture.before, levels_db=tilted)), tmp_path)[CHANGE]
    middle, filled = pixels.shape[0] // 2, np.ptp(pixels, axis=2) > 25
    low, high = slice(100, 300), slice(450, 650)
    assert filled[:middle, low].sum() > 10 * filled[middle + 2 :, low].sum()
    assert filled[middle + 2 :, high].sum() > 10 * filled[:middle, high].sum()


def test_a_lone_peak_in_a_million_points_is_seen_in_the_reduction(picture: Picture, tmp_path: Path) -> None:
    limiter_db = np.zeros(1_000_000, dtype=np.float32)
    limiter_db[500_000] = 12.0
    pixels = drawn(replace(picture, limiter_db=limiter_db, bands_db=None), tmp_path)[REDUCTION]
    found = np.flatnonzero((np.ptp(pixels, axis=2) > 15).sum(axis=0) > 60)
    assert len(found)
    assert found.mean() == pytest.approx(pixels.shape[1] / 2, abs=4)


def test_a_source_that_began_later_is_moved_to_where_the_master_plays_it(picture: Picture, tmp_path: Path) -> None:
    step = np.concatenate((np.full(100, -20.0), np.full(200, -14.0)))
    shown = replace(picture, before=replace(picture.before, short_term_lufs=step, duration_s=33.0))
    at = []
    for from_s in (0.0, 5.0):
        pixels = drawn(replace(shown, before_from_s=from_s), tmp_path)[LOUDNESS]
        rows = heights(pixels, ORANGE)
        at.append(float(np.flatnonzero(rows < np.nanmean(rows))[0]))
    assert at[0] - at[1] == pytest.approx(5.0 / picture.after.duration_s * 1196.0, abs=8)


def test_silence_and_a_moment_can_be_drawn(picture: Picture, tmp_path: Path) -> None:
    for samples in (np.zeros((48_000 * 4, 2), np.float32), np.zeros((1, 1), np.float32)):
        one, measured = side(samples, 48_000)
        empty = np.zeros(0)
        still = replace(picture, before=one, after=one, facts=meters(measured, measured), limiter_db=empty)
        drawn(replace(still, bands_db=empty), tmp_path)


def test_rates_that_differ_are_compared_where_both_have_bands(picture: Picture, tmp_path: Path) -> None:
    low, _ = side(np.random.default_rng(1).standard_normal((80_000, 1)).astype(np.float32) * 0.1, 16_000)
    assert coloured(drawn(replace(picture, before=low), tmp_path)[SPECTRUM], ORANGE).any()
    assert coloured(drawn(replace(picture, after=low), tmp_path)[SPECTRUM], BLUE).any()


def test_meters_are_told_with_their_units_and_a_dash_for_none(picture: Picture) -> None:
    rows = {name: values for name, *values in picture.facts}
    assert len(rows) == 10
    assert rows["Clipped samples"] == ["0", "0"]
    mono = measure(np.zeros((48_000, 1), np.float32), 48_000)
    silent = {name: values for name, *values in meters(mono, mono)}
    assert silent["Correlation"] == silent["Integrated loudness, LUFS"] == ["–", "–"]


def test_what_the_font_lacks_is_written_with_what_stands_for_it() -> None:
    def pixels(words: str) -> bytes:
        canvas = Canvas(200, 40)
        canvas.text((5, 5), words, 14)
        return canvas._picture.tobytes()

    assert pixels("−3 × é") == pixels("-3 x e") == pixels("−3 × e\u0301")
    assert pixels("한국") == pixels("??")
    assert pixels("3") != pixels("?")


def test_a_falling_axis_and_values_beyond_the_edge_have_their_places() -> None:
    panel = Panel(Canvas(100, 100), (0.0, 0.0, 100.0, 100.0), (0.0, 10.0), (12.0, 0.0))
    assert panel.place(5.0, 3.0) == (50.0, 25.0)
    assert panel.place(0.0, -math.inf) == (0.0, 0.0)
    assert panel.place(0.0, math.inf) == (0.0, 100.0)


def test_marks_are_round_and_few() -> None:
    for duration_s in (0.3, 3.0, 30.0, 240.0, 1800.0, 20_000.0):
        assert 1 <= len(time_marks(duration_s)) <= 10
    assert [label for _, label in time_marks(240.0)][:3] == ["0:00", "0:30", "1:00"]
    assert [label for _, label in frequency_marks((50, 1000))] == ["50", "1 k"]
