from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.mastering.repair import clicks
from soundrack.mastering.repair.autoregression import AROUND, error_filter, interpolated
from soundrack.mastering.repair.steps import Click, ClicksStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples

PLACES = np.array([100_003, 222_222, 333_337, 450_001, 612_345, 777_777])


def hits(step: ClicksStep | None, channel: int) -> list[bool]:
    ranges = (
        [(c.first_frame - 1, c.first_frame + c.frames) for c in step.clicks if c.channel == channel] if step else []
    )
    return [any(first <= place <= last for first, last in ranges) for place in PLACES.tolist()]


@pytest.mark.parametrize("width", [1, 5])
@pytest.mark.parametrize(("strength", "least"), [(0.5, 0.3), (1.0, 0.6), (3.0, 0.8)])
def test_clicks_are_found_and_nothing_else_is(strength: float, least: float, width: int, songs: list[Samples]) -> None:
    """Strength: the click's against the music's level around it. What hides in a dense treble is not heard either."""
    found = []
    for number, song in enumerate(songs):
        step = clicks.find(faults.with_clicks(song, PLACES, strength, width, seed=number), RATE_HZ)
        found += hits(step, 0) + hits(step, 1)
        for click in step.clicks if step else ():
            assert np.abs(PLACES - click.first_frame).min() < 20
    assert np.mean(found) >= least


def test_a_repaired_click_is_as_before_by_15_db(songs: list[Samples]) -> None:
    for song in songs:
        clicked = faults.with_clicks(song, PLACES, 3.0, 4)
        step = clicks.find(clicked, RATE_HZ)
        assert step is not None
        treated = clicked.copy()
        clicks.treat(treated, step)
        damaged = np.zeros(song.shape, dtype=np.bool_)
        for click in step.clicks:
            damaged[click.first_frame : click.first_frame + click.frames, click.channel] = True
        assert (treated[~damaged] == clicked[~damaged]).all()
        before, after = (np.square((each - song)[damaged]).sum() for each in (clicked, treated))
        assert 10.0 * np.log10(after / before) < -15.0


def drums(rate_hz: int) -> Samples:
    """Strokes that begin within one sample: noise that decays in 5 to 80 ms, and a kick that begins at its top."""
    time_s = np.arange(round(0.4 * rate_hz)) / rate_hz
    rng = np.random.default_rng(0)
    strokes = [rng.standard_normal(len(time_s)) * np.exp(-time_s / decay_s) for decay_s in (0.005, 0.02, 0.08)]
    strokes.append(np.cos(2.0 * np.pi * 60.0 * time_s) * np.exp(-time_s / 0.1) + 0.1 * strokes[0])
    beat = np.concatenate(strokes * 8)
    bed = 0.002 * rng.standard_normal(len(beat))
    return np.asarray(0.3 * beat + bed, dtype=np.float32)[:, None]


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000])
def test_drums_are_no_clicks(rate_hz: int) -> None:
    assert clicks.find(drums(rate_hz), rate_hz) is None


@pytest.mark.parametrize("frequency_hz", [40.0, 110.0, 1000.0])
def test_the_edges_of_a_square_wave_are_no_clicks(frequency_hz: float) -> None:
    phase = np.arange(5 * 44_100) * frequency_hz / 44_100
    square = np.where(phase % 1.0 < 0.5, 0.3, -0.3).astype(np.float32)[:, None]
    assert clicks.find(square, 44_100) is None


def test_a_jump_in_a_smooth_sound_is_found_and_bridged() -> None:
    time_s = np.arange(5 * 44_100) / 44_100
    smooth = 0.3 * np.sin(2.0 * np.pi * 220.0 * time_s)
    jump = np.where(np.arange(len(time_s)) < 100_000, smooth, smooth + 0.1).astype(np.float32)[:, None]
    step = clicks.find(jump, 44_100)
    assert step is not None
    assert abs(step.clicks[0].first_frame - 100_000) < 20
    treated = jump.copy()
    clicks.treat(treated, step)
    bend = np.abs(np.diff(treated[:, 0], 2)).max()
    assert bend < 0.3 * np.abs(np.diff(jump[:, 0], 2)).max()


@given(frequency=st.floats(0.005, 0.4), frames=st.integers(1, 40), seed=st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_a_gap_in_what_can_be_predicted_is_filled_exactly(frequency: float, frames: int, seed: int) -> None:
    """Two tones in noise 60 dB below them: the error stays in the order of the noise."""
    rng = np.random.default_rng(seed)
    n = np.arange(2 * AROUND + frames)
    sound = np.sin(2.0 * np.pi * frequency * n + rng.uniform(0, 6)) + 0.5 * np.sin(2.0 * np.pi * 0.11 * n)
    sound += 1e-3 * rng.standard_normal(len(n))
    holed = sound.copy()
    holed[AROUND : AROUND + frames] = rng.uniform(-9.0, 9.0, frames)
    filled = interpolated(holed, AROUND, frames, error_filter(holed, AROUND, frames))
    assert np.abs(filled - sound[AROUND : AROUND + frames]).max() < 0.2


def test_only_the_named_frames_of_the_named_channel_change(songs: list[Samples]) -> None:
    treated = songs[0].copy()
    clicks.treat(treated, ClicksStep(clicks=(Click(channel=1, first_frame=5000, frames=10),)))
    changed = np.argwhere(treated != songs[0])
    assert (changed[:, 1] == 1).all()
    assert changed[:, 0].min() >= 5000
    assert changed[:, 0].max() < 5010
