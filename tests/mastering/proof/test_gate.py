from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.audio.loudness import HopPower, hop_power, hop_power_by_channel
from soundrack.audio.measurement import measure
from soundrack.audio.spectrum import band_centres_hz, band_levels_db
from soundrack.mastering.proof.evidence import Ends, Evidence, Reduction, Shape, ends, shape
from soundrack.mastering.proof.gate import Gate, Point, Verdict, judged

RATE_HZ = 44_100
Samples = NDArray[np.float32]


def song(seconds: float = 8.0, *, wide: float = 0.4, white: float = 0.02) -> Samples:
    """Return beats of brown noise and some hiss at about -14 LUFS and -2.7 dBTP, as tilted and as wide as music."""
    frames = round(seconds * RATE_HZ)
    noise = np.random.default_rng(5).standard_normal((frames, 3))
    noise[:, 2] = noise[:, 1]
    noise = np.stack([np.convolve(column, 0.97 ** np.arange(400), "same") for column in noise.T], axis=1)
    beat = 0.25 + np.exp(-8.0 * (np.arange(frames) % (RATE_HZ // 2)) / RATE_HZ)
    mid, side = noise[:, 0] * beat, wide * noise[:, 1] * beat
    sound = np.stack((mid + side, mid - side), axis=1)
    sound += white * np.random.default_rng(6).standard_normal((frames, 2))
    sound -= sound.mean(axis=0)
    return np.asarray(0.72 * sound / np.abs(sound).max(), dtype=np.float32)


def form(samples: Samples) -> Shape:
    return shape(hop_power_by_channel(samples, RATE_HZ), band_centres_hz(RATE_HZ), band_levels_db(samples, RATE_HZ))


def seen(source: Samples, master: Samples, **values: Any) -> Evidence:
    after = measure(master, RATE_HZ, oversampling=16)
    found = Evidence(
        before=measure(source, RATE_HZ, oversampling=16),
        after=after,
        shape_before=form(source),
        shape_after=form(master),
        ends=ends(hop_power(master, RATE_HZ)),
        reduction=Reduction(busy_db=2.0, most_db=5.0, over_3_db=0.05, clipped_db=1.0),
        target_lufs=after.integrated_lufs if math.isfinite(after.integrated_lufs) else -14.0,
        ceiling_db=-1.0,
        frames=len(master),
        frames_due=len(source),
    )
    return replace(found, **values)


def point(gate: Gate, name: str) -> Point:
    return next(each for each in gate.points if each.name == name)


@pytest.fixture(scope="module")
def source() -> Samples:
    return song()


@pytest.fixture(scope="module")
def good(source: Samples) -> Evidence:
    return seen(source, source)


def test_a_good_master_passes_every_point(good: Evidence) -> None:
    gate = judged(good)
    assert [each.in_words for each in gate.points if each.verdict is not Verdict.PASS] == []
    assert gate.verdict is Verdict.PASS
    assert len(gate.points) >= 10
    assert len({each.name for each in gate.points}) == len(gate.points)


def after(**values: Any) -> dict[str, dict[str, Any]]:
    return {"after": values}


@pytest.mark.parametrize(
    ("name", "changes", "verdict"),
    [
        ("loudness", {"target_lufs": 0.03}, Verdict.WARN),
        ("loudness", {"target_lufs": -0.2}, Verdict.FAIL),
        ("loudness", after(integrated_lufs=-math.inf), Verdict.FAIL),
        ("true_peak", after(true_peak_db=-1.0), Verdict.PASS),
        ("true_peak", after(true_peak_db=-0.999), Verdict.FAIL),
        ("true_peak", after(true_peak_db=-1.2, oversampling=4), Verdict.WARN),
        ("true_peak", after(true_peak_db=-0.9, oversampling=4), Verdict.FAIL),
        ("true_peak", {"ceiling_db": 0.0} | after(true_peak_db=-0.5), Verdict.WARN),
        ("clipped_samples", after(clipped_samples=1), Verdict.FAIL),
        ("offset", after(dc_offsets=(0.0, -2e-4)), Verdict.WARN),
        ("offset", after(dc_offsets=(0.002, 0.0)), Verdict.FAIL),
        ("plr", after(plr_db=7.5), Verdict.WARN),
        ("plr", after(plr_db=5.9), Verdict.FAIL),
        ("plr", {"before": {"plr_db": 5.0}} | after(plr_db=5.0), Verdict.WARN),
        ("psr", after(psr_db=7.5), Verdict.WARN),
        ("psr", after(psr_db=4.5), Verdict.FAIL),
        ("psr", {"before": {"psr_db": 4.0}} | after(psr_db=4.0), Verdict.WARN),
        ("psr", after(psr_db=-math.inf, max_short_term_lufs=-math.inf), Verdict.PASS),
        ("loudness_range", {"before": {"loudness_range_lu": 6.0}} | after(loudness_range_lu=3.5), Verdict.WARN),
        ("loudness_range", {"before": {"loudness_range_lu": 6.0}} | after(loudness_range_lu=1.5), Verdict.FAIL),
        ("loudness_range", {"before": {"loudness_range_lu": 16.0}} | after(loudness_range_lu=12.5), Verdict.PASS),
        ("limiter_busy", {"reduction": Reduction(busy_db=4.5)}, Verdict.WARN),
        ("limiter_busy", {"reduction": Reduction(busy_db=6.1)}, Verdict.FAIL),
        ("limiter_most", {"reduction": Reduction(most_db=12.0)}, Verdict.WARN),
        ("limiter_most", {"reduction": Reduction(most_db=15.1)}, Verdict.FAIL),
        ("limiter_time", {"reduction": Reduction(over_3_db=0.3)}, Verdict.WARN),
        ("limiter_time", {"reduction": Reduction(over_3_db=0.6)}, Verdict.FAIL),
        ("clipper", {"reduction": Reduction(clipped_db=5.0)}, Verdict.WARN),
        ("clipper", {"reduction": Reduction(clipped_db=7.0)}, Verdict.FAIL),
        ("mono", after(mono_loss_lu=4.0), Verdict.WARN),
        ("mono", after(mono_loss_lu=math.inf), Verdict.FAIL),
        ("mono", {"before": {"mono_loss_lu": 7.0}} | after(mono_loss_lu=7.2), Verdict.WARN),
        ("mono", after(mono_loss_lu=None), Verdict.PASS),
        ("correlation", after(correlation=-0.1), Verdict.WARN),
        ("correlation", after(correlation=-0.5), Verdict.FAIL),
        ("correlation", {"before": {"correlation": -0.5}} | after(correlation=-0.5), Verdict.WARN),
        ("correlation", after(correlation=None), Verdict.PASS),
        ("width", {"before": {"side_db": -30.0, "mid_db": -20.0}} | after(side_db=-26.0, mid_db=-20.0), Verdict.WARN),
        ("width", {"before": {"side_db": -30.0, "mid_db": -20.0}} | after(side_db=-20.0, mid_db=-20.0), Verdict.FAIL),
        (
            "width",
            {"before": {"side_db": -math.inf, "mid_db": -20.0}} | after(side_db=-140.0, mid_db=-14.0),
            Verdict.PASS,
        ),
        ("width", after(mid_db=None, side_db=None), Verdict.PASS),
        ("balance", {"shape_after": Shape(-3.0, -2.0)}, Verdict.WARN),
        ("balance", {"shape_after": Shape(-3.0, math.inf)}, Verdict.FAIL),
        ("balance", {"shape_before": Shape(-3.0, 4.0), "shape_after": Shape(-3.0, 4.0)}, Verdict.WARN),
        ("balance", {"shape_after": Shape(-3.0, None)}, Verdict.PASS),
        ("burst", after(max_short_term_lufs=-5.0, integrated_lufs=-14.0), Verdict.WARN),
        ("burst", after(max_short_term_lufs=-1.0, integrated_lufs=-14.0), Verdict.FAIL),
        ("tilt", {"shape_after": Shape(0.5, 0.0)}, Verdict.WARN),
        ("tilt", {"shape_after": Shape(3.0, 0.0)}, Verdict.FAIL),
        ("tilt", {"shape_after": Shape(-8.5, 0.0)}, Verdict.FAIL),
        ("tilt", {"shape_before": Shape(-8.5, 0.0), "shape_after": Shape(-8.5, 0.0)}, Verdict.WARN),
        ("silent_start", {"ends": Ends(3.0, 0.0)}, Verdict.WARN),
        ("silent_start", {"ends": Ends(11.0, 0.0)}, Verdict.FAIL),
        ("silent_end", {"ends": Ends(0.0, 6.0)}, Verdict.WARN),
        ("silent_end", {"ends": Ends(0.0, 10.5)}, Verdict.FAIL),
        ("length", {"frames": 8 * RATE_HZ - 1}, Verdict.FAIL),
    ],
)
def test_each_point_warns_and_fails_alone(name: str, changes: dict[str, Any], verdict: Verdict, good: Evidence) -> None:
    evidence = good
    for field, value in changes.items():
        if isinstance(value, dict):
            evidence = replace(evidence, **{field: replace(getattr(evidence, field), **value)})
        elif field == "target_lufs":
            evidence = replace(evidence, target_lufs=good.target_lufs + value)
        else:
            evidence = replace(evidence, **{field: value})
    gate = judged(evidence)
    assert point(gate, name).verdict is verdict, point(gate, name)
    assert gate.verdict >= verdict


@pytest.mark.parametrize(("plr_db", "verdict"), [(4.6, Verdict.PASS), (4.4, Verdict.WARN), (3.4, Verdict.FAIL)])
def test_a_loud_target_alone_is_not_dense(plr_db: float, verdict: Verdict, good: Evidence) -> None:
    after = replace(good.after, integrated_lufs=-6.0, plr_db=plr_db)
    gate = judged(replace(good, after=after, target_lufs=-6.0, ceiling_db=-1.0))
    assert point(gate, "plr").verdict is verdict


def inverted(samples: Samples) -> Samples:
    return np.ascontiguousarray(samples * np.array([1.0, -1.0], dtype=np.float32))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("clipped_samples", lambda samples: np.clip(3.0 * samples, -1.0, 1.0)),
        ("true_peak", lambda samples: np.clip(3.0 * samples, -1.0, 1.0)),
        ("psr", lambda samples: 0.5 * np.sign(samples)),
        ("plr", lambda samples: 0.5 * np.sign(samples)),
        ("offset", lambda samples: samples + np.float32(0.01)),
        ("mono", inverted),
        ("correlation", inverted),
        ("width", inverted),
        ("balance", lambda samples: samples * np.array([1.0, 0.5], dtype=np.float32)),
        ("tilt", lambda samples: np.diff(samples, 2, axis=0, prepend=0.0 * samples[:2])),
        ("silent_start", lambda samples: np.concatenate((np.zeros((11 * RATE_HZ, 2), np.float32), samples))),
        ("silent_end", lambda samples: np.concatenate((samples, np.zeros((11 * RATE_HZ, 2), np.float32)))),
        ("length", lambda samples: samples[:-1]),
        ("burst", lambda samples: np.concatenate((np.tile(0.143 * samples, (20, 1)), samples[: 4 * RATE_HZ]))),
    ],
)
def test_a_spoilt_sound_fails_where_it_is_spoilt(name: str, spoil: Any, source: Samples) -> None:
    master = np.ascontiguousarray(spoil(source), dtype=np.float32)
    gate = judged(seen(source, master, target_lufs=-14.0))
    assert point(gate, name).verdict is Verdict.FAIL, point(gate, name)
    assert gate.verdict is Verdict.FAIL


def test_what_the_source_brought_is_warned_of_and_said(source: Samples) -> None:
    spoilt = inverted(source)
    gate = judged(seen(spoilt, spoilt))
    for name in ("mono", "correlation"):
        assert point(gate, name).verdict is Verdict.WARN
        assert "source was so already" in point(gate, name).in_words


def test_mono_silence_and_a_moment_can_be_judged() -> None:
    for samples in (song()[:, :1], np.zeros((RATE_HZ, 2), np.float32), song(0.5)):
        told = judged(seen(samples.copy(), samples.copy())).as_dict()
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        assert told["verdict"] in {"pass", "warn", "fail"}


def test_silence_is_found_to_a_hundredth_of_a_second() -> None:
    samples = np.concatenate((np.zeros((4410, 2), np.float32), song(2.0), np.zeros((22_050, 2), np.float32)))
    found = ends(hop_power(samples, RATE_HZ))
    assert found.start_s == pytest.approx(0.10, abs=0.011)
    assert found.end_s == pytest.approx(0.50, abs=0.05)  # the weighting filter rings on
    assert ends(np.zeros(250)) == Ends(2.5, 2.5)


@given(slope=st.floats(-6.0, 3.0), gain_db=st.floats(-60.0, 0.0), ratio_db=st.floats(-20.0, 20.0))
def test_tilt_and_balance_are_those_of_the_sound_at_any_level(slope: float, gain_db: float, ratio_db: float) -> None:
    centres = band_centres_hz(RATE_HZ)
    levels = gain_db + slope * np.log2(centres / 1000.0)
    power = np.tile([10.0 ** (ratio_db / 10.0), 1.0], (100, 1))
    found = shape(HopPower(power, np.zeros(100)), centres, levels)
    assert found.tilt_db == pytest.approx(slope, abs=1e-9)
    assert found.balance_db == pytest.approx(ratio_db, abs=1e-9)


def test_pink_noise_does_not_tilt_and_white_noise_does() -> None:
    white = np.random.default_rng(1).standard_normal((10 * RATE_HZ, 1)).astype(np.float32) * 0.1
    assert form(white).tilt_db == pytest.approx(3.0, abs=0.15)
    spectrum = np.fft.rfft(white[:, 0])
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0)), len(white))
    assert form(np.ascontiguousarray(pink[:, None], dtype=np.float32)).tilt_db == pytest.approx(0.0, abs=0.3)
