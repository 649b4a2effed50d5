"""The decoded file is what counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyebur128
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from soundrack.audio.encoding import Format
from soundrack.audio.files import read
from soundrack.audio.measurement import measure
from soundrack.audio.true_peak import true_peak_db
from soundrack.errors import Internal
from soundrack.mastering.plan import LimiterStep, LoudnessStep, MasteringPlan, SaturationStep
from soundrack.mastering.proof import delivery
from soundrack.mastering.proof.delivery import deliver_as
from soundrack.mastering.proof.overshoot import Foreseen, dips, foreseen
from soundrack.progress import silent

TRACKS = sorted(tracks_dir().rglob("*.opus"))


def plan(target_lufs: float, ceiling_db: float = -1.0, *, clipped: bool = False) -> MasteringPlan:
    return MasteringPlan(
        loudness=LoudnessStep(target_lufs=target_lufs, ceiling_db=ceiling_db),
        saturation=SaturationStep(most_db=4.0, left_db=2.0) if clipped else None,
    )


def lufs(path: Path) -> float:
    """Integrated loudness by libebur128, a meter that is not ours."""
    samples, rate_hz = soundfile.read(path, always_2d=True, dtype="float32")
    meter = pyebur128.R128State(samples.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(samples.reshape(-1), len(samples))
    return float(pyebur128.get_loudness_global(meter))


@pytest.mark.parametrize("track", TRACKS[::9], ids=lambda path: path.stem)
@pytest.mark.parametrize("format", [Format.WAV, Format.FLAC, Format.MP3])
@pytest.mark.parametrize("target_lufs", [-14.0, -10.0])
def test_the_decoded_file_is_on_target_below_its_ceiling_and_uses_it(
    track: Path, format: Format, target_lufs: float, tmp_path: Path
) -> None:
    sound = read(track)
    done = deliver_as(
        sound.samples, sound.rate_hz, tmp_path / "master", plan(target_lufs, clipped=True), format, silent
    )
    decoded = read(tmp_path / "master")
    peak_db = true_peak_db(decoded.samples, oversampling=16)
    assert len(decoded.samples) == len(sound.samples)
    assert peak_db <= -1.01 + 1e-9  # a hair for interpolators that are right too, and are not ours
    assert done.master.measurement == measure(decoded.samples, decoded.rate_hz, oversampling=16)
    assert done.level.reached == (abs(lufs(tmp_path / "master") - target_lufs) <= 0.022)
    assert (done.level.reason is None) is done.level.reached
    if done.level.limiting.most_db > 0.5:
        assert peak_db >= -1.0 - (0.4 if format is Format.MP3 else 0.15)


@given(
    seed=st.integers(0, 999),
    rate_hz=st.sampled_from([8000, 44_100, 96_000]),
    channels=st.integers(1, 2),
    target_lufs=st.floats(-25.0, -6.0),
    ceiling_db=st.floats(-12.0, 0.0),
    clipped=st.booleans(),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sound_is_delivered_above_its_ceiling(
    seed: int, rate_hz: int, channels: int, target_lufs: float, ceiling_db: float, clipped: bool, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    frames = rate_hz // 2
    samples = (0.3 * rng.standard_normal((frames, channels)) * rng.random((frames, 1)) ** 3).astype(np.float32)
    done = deliver_as(
        samples, rate_hz, tmp_path / "m", plan(target_lufs, ceiling_db, clipped=clipped), Format.WAV, silent
    )
    decoded = read(tmp_path / "m").samples
    assert true_peak_db(decoded, oversampling=16) <= ceiling_db
    assert done.rounds <= 3
    assert np.abs(decoded.mean(axis=0)).max() < 0.05


def test_the_same_song_and_plan_give_the_same_bytes(tmp_path: Path) -> None:
    sound = read(TRACKS[2])
    for name in ("one", "two"):
        deliver_as(sound.samples.copy(), sound.rate_hz, tmp_path / name, plan(-9.0, clipped=True), Format.WAV, silent)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_without_a_clipper_the_song_is_not_changed(tmp_path: Path) -> None:
    samples = read(TRACKS[3]).samples
    before = samples.tobytes()
    deliver_as(samples, 48_000, tmp_path / "master", plan(-12.0), Format.WAV, silent)
    assert samples.tobytes() == before


def test_what_cannot_be_brought_below_the_ceiling_is_not_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = delivery._decoded

    def louder(*arguments: object) -> NDArray[np.float32]:
        samples = decoded(*arguments)  # type: ignore[arg-type]
        samples[1000] = 2.0
        return samples

    monkeypatch.setattr(delivery, "_decoded", louder)
    sound = read(TRACKS[0])
    with pytest.raises(Internal, match="not delivered"):
        deliver_as(sound.samples, sound.rate_hz, tmp_path / "master", plan(-14.0), Format.WAV, silent)


def test_dips_are_where_a_file_exceeds_its_ceiling_and_nowhere_else() -> None:
    decoded = np.zeros((6 * 44_100, 1), dtype=np.float32)
    decoded[44_100:44_110] = 0.9
    curve = dips(decoded, 6 * 44_100 // 8 + 1, 44_100, 0.8, 0.05, LimiterStep())
    place = 44_100 // 8
    assert curve[place] * 0.9 < 0.8
    assert (curve[: place - 50] == 1.0).all()
    assert (curve[-1000:] == 1.0).all()


def test_a_lossy_file_is_tried_out_on_excerpts_and_encoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Foreseen] = []

    def listening(*arguments: Any) -> Foreseen:
        said.append(foreseen(*arguments))
        return said[-1]

    monkeypatch.setattr("soundrack.mastering.proof.delivery.foreseen", listening)
    sound = read(TRACKS[0])
    done = deliver_as(sound.samples, sound.rate_hz, tmp_path / "master", plan(-10.0), Format.MP3, silent)
    assert len(said) == 1
    assert 0.0 <= said[0].excess_db < 1.5
    assert abs(said[0].lost_lu) < 0.2
    assert done.rounds <= 2


@pytest.mark.parametrize("target_lufs", [-20.0, -10.0])
def test_loudness_that_an_encoder_takes_is_made_up(tmp_path: Path, target_lufs: float) -> None:
    """Noise up to half the rate, of which the encoder drops the top: a third of a LU, and no peak near the ceiling."""
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (4 * 44_100, 2)).astype(np.float32)
    done = deliver_as(noise, 44_100, tmp_path / "master", plan(target_lufs), Format.MP3, silent)
    assert done.level.reached
    assert done.master.measurement.integrated_lufs == pytest.approx(target_lufs, abs=0.02)
