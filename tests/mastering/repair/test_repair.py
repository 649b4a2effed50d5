"""The public face: what is found in real music, with and without faults, and what treating it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir

from soundrack.audio.files import read
from soundrack.audio.resampling import resampled
from soundrack.errors import Invalid
from soundrack.mastering.plan import LoudnessStep, MasteringPlan
from soundrack.mastering.repair import Findings, find, treat
from soundrack.mastering.repair.generators import Generator
from soundrack.mastering.repair.steps import AirStep, Click, ClicksStep, OffsetStep, SilenceStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples

TRACKS = sorted(tracks_dir().rglob("*.opus"))


@pytest.mark.parametrize("track", TRACKS, ids=lambda path: path.stem)
def test_real_music_without_faults_passes_bit_for_bit(track) -> None:
    """At 32 kHz, for the most sensitive profile. Some tracks have a constant just above -80 dB; it goes first."""
    song = resampled(read(track).samples, 48_000, RATE_HZ)
    song -= song.mean(axis=0)
    found = find(song, RATE_HZ, Generator.SUNO)
    assert found == Findings()
    before = song.tobytes()
    assert treat(song, RATE_HZ, found.steps) is song
    assert song.tobytes() == before


@pytest.mark.parametrize("track", TRACKS[::2], ids=lambda path: path.stem)
def test_real_music_that_a_coder_cut_at_16_khz_has_that_fault_and_no_other(track) -> None:
    song = read(track).samples
    found = find(song, 48_000, Generator.OTHER)
    assert not found.notes
    for step in found.steps:
        assert step.kind in {"offset", "air"}
        if isinstance(step, AirStep):
            assert step.cutoff_hz == pytest.approx(16_000.0, abs=500.0)
    treated = treat(song, 48_000, found.steps)
    assert not find(treated, 48_000, Generator.OTHER).steps


def test_without_a_generator_only_a_constant_is_looked_for(songs: list[Samples]) -> None:
    bad = faults.with_silence(faults.with_mud(songs[0] + np.float32(0.02), RATE_HZ, 12.0), RATE_HZ, 2.0, 2.0)
    assert [step.kind for step in find(bad, RATE_HZ, None).steps] == ["offset"]
    assert find(songs[0], RATE_HZ, None) == Findings()


def test_many_faults_are_found_at_once_in_order_and_treating_them_leaves_none(songs: list[Samples]) -> None:
    bad = faults.with_lines(songs[1], RATE_HZ, [5512.5, 8268.75, 11_025.0], -40.0)
    bad = faults.with_bass_out_of_phase(bad, RATE_HZ, 6.0)
    bad = faults.with_clicks(bad, np.array([200_000, 500_000]), 2.0)
    bad = faults.with_silence(bad, RATE_HZ, 1.0, 2.0) + np.float32(0.01)
    found = find(bad, RATE_HZ, Generator.OTHER)
    assert [step.kind for step in found.steps] == ["offset", "clicks", "lines", "bass", "silence"]
    assert all(any(sign.isdigit() for sign in step.reason) for step in found.steps)
    treated = treat(bad, RATE_HZ, found.steps)
    assert len(treated) == pytest.approx(len(songs[1]) + 0.6 * RATE_HZ, abs=0.2 * RATE_HZ)
    assert treated.flags.c_contiguous
    assert find(np.ascontiguousarray(treated), RATE_HZ, Generator.OTHER) == Findings()


def test_the_same_song_gives_the_same_findings_and_is_not_changed_by_looking(songs: list[Samples]) -> None:
    bad = faults.with_shimmer(songs[2] + np.float32(0.01), RATE_HZ, 120, 10.0)
    before = bad.copy()
    assert find(bad, RATE_HZ, Generator.SUNO) == find(bad, RATE_HZ, Generator.SUNO)
    assert (bad == before).all()


def test_what_is_found_can_be_written_down_and_read_again(songs: list[Samples]) -> None:
    bad = faults.without_air(
        faults.with_lines(songs[3] + np.float32(0.01), RATE_HZ, [7000.0], -40.0), RATE_HZ, 11_000.0
    )
    steps = find(bad, RATE_HZ, Generator.UDIO).steps
    assert {step.kind for step in steps} == {"offset", "lines", "air"}
    plan = MasteringPlan(repair=steps, loudness=LoudnessStep(target_lufs=-14.0, ceiling_db=-1.0))
    assert MasteringPlan.parse(plan.model_dump_json()) == plan


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000, 192_000])
@pytest.mark.parametrize("duration_s", [0.0001, 0.5, 4.0])
def test_noise_of_any_rate_and_length_has_no_faults(channels: int, rate_hz: int, duration_s: float) -> None:
    frames = max(1, round(duration_s * rate_hz))
    noise = np.random.default_rng(1).standard_normal((frames, channels)).astype(np.float32) * np.float32(0.1)
    noise[:, channels - 1] = noise[:, 0]
    noise -= noise.mean(axis=0)
    assert find(noise, rate_hz, Generator.SUNO) == Findings()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.5, 40.0])
def test_silence_and_a_lone_impulse_have_no_faults(channels: int, seconds: float) -> None:
    silent = np.zeros((round(seconds * 44_100), channels), dtype=np.float32)
    assert find(silent, 44_100, Generator.OTHER) == Findings()
    silent[len(silent) // 2] = 1.0
    assert {step.kind for step in find(silent, 44_100, Generator.OTHER).steps} <= {"silence", "clicks"}


@pytest.mark.parametrize("shape", [(0, 2), (100, 3), (100,)])
def test_what_is_no_song_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        find(np.zeros(shape, dtype=np.float32), 44_100, None)


@pytest.mark.parametrize(
    "step",
    [
        OffsetStep(offsets=(0.1,)),
        ClicksStep(clicks=(Click(channel=0, first_frame=100, frames=4),)),
        ClicksStep(clicks=(Click(channel=0, first_frame=10**6, frames=4),)),
        AirStep(cutoff_hz=15_900.0, to_hz=16_000.0, slope_db_per_octave=-12.0),
        SilenceStep(start_s=1.0, end_s=2.0),
    ],
)
def test_a_step_of_another_song_is_refused(step) -> None:
    with pytest.raises(Invalid) as refusal:
        treat(np.zeros((RATE_HZ // 2, 2), dtype=np.float32), RATE_HZ, (step,))
    assert refusal.value.field == "repair"


@given(left=st.floats(-0.5, 0.5, width=32), right=st.floats(-0.5, 0.5, width=32), channels=st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_any_constant_above_minus_80_db_is_found_and_taken_out(left: float, right: float, channels: int) -> None:
    noise = np.random.default_rng(2).standard_normal((4000, channels)) * 0.1
    noise -= noise.mean(axis=0)
    # nearer to the threshold, 32 bits of noise decide
    assume(abs(np.abs([left, right][:channels]).max() - 1e-4) > 1e-9)
    shifted = (noise + np.array([left, right])[:channels]).astype(np.float32)
    steps = find(shifted, 8000, None).steps
    assert bool(steps) == bool(np.abs([left, right][:channels]).max() >= 1e-4)
    np.testing.assert_allclose(treat(shifted, 8000, steps), noise, atol=1.1e-4)
