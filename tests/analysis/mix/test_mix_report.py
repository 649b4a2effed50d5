"""Every check of the mix report: its fault is made, and told; without it nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from soundrack.analysis.loudness import loudness
from soundrack.analysis.mix import Check, MixReport, Verdict, mix_report
from soundrack.audio.containers import Container
from tests.analysis.songs import Samples, as_sound, song

RATE_HZ = 44_100
DOCS = Path(__file__).parents[3] / "docs" / "mix-report.md"
Kind = Literal["lowpass", "highpass", "bandpass"]
Fault = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@cache
def clean() -> NDArray[np.float64]:
    return song(14.0, RATE_HZ).astype(np.float64)


@cache
def clean_report() -> MixReport:
    return report(clean())


def report(samples: NDArray[np.floating] | Samples, rate_hz: int = RATE_HZ, **kwargs: str) -> MixReport:
    sound = as_sound(samples, rate_hz, **kwargs)  # type: ignore[arg-type]  # encoding alone
    return mix_report(sound, loudness(sound), voice=None)


def check(of: MixReport, name: str) -> Check:
    return next(each for each in of.checks if each.id == name)


def noise(frames: int, level_db: float, seed: int = 3) -> NDArray[np.float64]:
    return np.asarray(10.0 ** (level_db / 20.0) * np.random.default_rng(seed).standard_normal(frames))


def time_s(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arange(len(samples)) / RATE_HZ


def filtered(
    samples: NDArray[np.float64], kind: Kind, hz: float | tuple[float, float], order: int = 4
) -> NDArray[np.float64]:
    out: NDArray[np.float64] = sosfilt(butter(order, hz, kind, fs=RATE_HZ, output="sos"), samples, axis=0)
    return out


def clipped(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.clip(3.0 * samples, -0.8, 0.8))


def peaking_between_samples(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    burst = 0.99 * np.sin(2.0 * np.pi * np.arange(400) / 4.0 + np.pi / 4.0) * np.hanning(400) * 1.38
    out = samples.copy()
    out[RATE_HZ : RATE_HZ + 400] = burst[:, None]
    return out


def squeezed(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.9 * np.tanh(200.0 * np.repeat(samples.mean(axis=1)[:, None], 2, axis=1))


def too_wide_a_range(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    long = np.tile(samples[RATE_HZ : 11 * RATE_HZ], (6, 1))
    half = len(long) // 2
    return np.concatenate((0.1 * long[:half], long[half:]))


def boosted(low_hz: float, high_hz: float, by: float) -> Fault:
    def fault(samples: NDArray[np.float64]) -> NDArray[np.float64]:
        louder = samples + by * filtered(samples, "bandpass", (low_hz, high_hz), 2)
        return np.asarray(0.7 * louder / np.abs(louder).max())

    return fault


def with_an_s(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    out = samples.copy()
    sharp = filtered(noise(len(samples), -8.0), "bandpass", (5500.0, 8500.0))
    for start in range(RATE_HZ, len(out) - RATE_HZ, 2 * RATE_HZ):
        out[start : start + 9000] += sharp[start : start + 9000, None]
    return np.asarray(0.9 * out / np.abs(out).max())


def with_a_pause(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    out = samples.copy()
    out[5 * RATE_HZ : 10 * RATE_HZ] = 0.0
    return out


def with_hum(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    time = time_s(samples)
    hum = sum(0.02 / k * np.sin(2.0 * np.pi * 50.0 * k * time + k) for k in (1, 2, 3, 4))
    return np.asarray(with_a_pause(samples) + np.asarray(hum)[:, None])


def hissing_in_a_pause(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return with_a_pause(samples) + noise(len(samples), -50.0)[:, None]


def clicking(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    out = samples.copy()
    for at in (3.31, 7.77, 11.13):
        out[round(at * RATE_HZ)] += 0.6
    return out


def delayed(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    mono = samples.mean(axis=1)
    return np.stack((mono, np.roll(mono, 25)), axis=1)


def upsampled(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    low = resample_poly(samples, 1, 4)
    return np.asarray(resample_poly(low, 4, 1))[: len(samples)]


def cut_at_16_khz(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    bright = samples + filtered(noise(len(samples), -40.0), "highpass", 3000.0, 2)[:, None]
    spectrum = np.fft.rfft(bright, axis=0)
    spectrum[round(16_000 * len(samples) / RATE_HZ) :] = 0.0
    return np.fft.irfft(spectrum, len(samples), axis=0)


def out_of_phase_bass(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    bass = filtered(samples.mean(axis=1), "lowpass", 200.0, 2)
    return samples - bass[:, None] * [0.0, 2.0]


def with_dropouts(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    out = samples.copy()
    for at in (4.02, 9.02):
        out[round(at * RATE_HZ) : round((at + 0.03) * RATE_HZ)] = 0.0
    return out


def padded(before_s: float, after_s: float) -> Fault:
    def fault(samples: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.pad(samples, ((round(before_s * RATE_HZ), round(after_s * RATE_HZ)), (0, 0)))

    return fault


FAULTS: dict[str, tuple[Fault, Verdict]] = {
    "clipping": (clipped, Verdict.PROBLEM),
    "true_peak": (peaking_between_samples, Verdict.PROBLEM),
    "headroom": (lambda x: 0.01 * x, Verdict.PROBLEM),
    "loudness": (lambda x: 0.05 * x, Verdict.PROBLEM),
    "dynamics": (squeezed, Verdict.PROBLEM),
    "loudness_range": (too_wide_a_range, Verdict.NOTICE),
    "limiting": (squeezed, Verdict.PROBLEM),
    "tonal_balance": (boosted(6000.0, 14_000.0, 12.0), Verdict.PROBLEM),
    "sub_bass_balance": (lambda x: x + 0.9 * np.sin(2.0 * np.pi * 38.0 * time_s(x))[:, None], Verdict.PROBLEM),
    "mud": (boosted(230.0, 450.0, 5.0), Verdict.PROBLEM),
    "harshness": (boosted(2300.0, 4300.0, 7.0), Verdict.PROBLEM),
    "sibilance": (with_an_s, Verdict.NOTICE),
    "rumble": (lambda x: x + 0.2 * np.sin(2.0 * np.pi * 12.0 * time_s(x))[:, None], Verdict.PROBLEM),
    "low_end_mono": (out_of_phase_bass, Verdict.PROBLEM),
    "phase_correlation": (lambda x: x * [1.0, -1.0], Verdict.PROBLEM),
    "stereo_width": (lambda x: np.stack((x[:, 0], noise(len(x), -20.0) - 0.9 * x[:, 0]), axis=1), Verdict.PROBLEM),
    "stereo_balance": (lambda x: x * [1.0, 0.5], Verdict.PROBLEM),
    "mono_compatibility": (lambda x: x * [1.0, -1.0], Verdict.PROBLEM),
    "channel_delay": (delayed, Verdict.PROBLEM),
    "dc_offset": (lambda x: x + 0.03, Verdict.PROBLEM),
    "hum": (with_hum, Verdict.PROBLEM),
    "noise_floor": (hissing_in_a_pause, Verdict.PROBLEM),
    "clicks": (clicking, Verdict.PROBLEM),
    "lossy_source": (cut_at_16_khz, Verdict.PROBLEM),
    "sample_rate": (upsampled, Verdict.NOTICE),
    "silence_start": (padded(4.0, 0.0), Verdict.PROBLEM),
    "silence_end": (padded(0.0, 12.0), Verdict.PROBLEM),
    "gaps": (with_dropouts, Verdict.PROBLEM),
    "cut_off": (lambda x: x[: 10 * RATE_HZ], Verdict.NOTICE),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_of_and_what_to_do(name: str) -> None:
    fault, verdict = FAULTS[name]
    found = check(report(fault(clean())), name)

    assert found.verdict is verdict, found
    assert found.advice
    assert found.advice.endswith(".")
    assert check(clean_report(), name).verdict in (Verdict.OK, Verdict.UNKNOWN), check(clean_report(), name)


def test_fewer_bits_than_the_file_has_are_told_of() -> None:
    rounded = np.round(clean() * 2.0**15) / 2.0**15
    assert check(report(rounded, encoding="PCM_24"), "bit_depth").verdict is Verdict.NOTICE
    assert check(report(rounded, encoding="PCM_16"), "bit_depth").verdict is Verdict.OK
    assert check(report(np.round(clean() * 2.0**23) / 2.0**23, encoding="PCM_24"), "bit_depth").verdict is Verdict.OK


def test_a_song_without_faults_has_nothing_to_do_first() -> None:
    told = {each.id: each.verdict for each in clean_report().checks}

    assert not {name for name, verdict in told.items() if verdict in (Verdict.NOTICE, Verdict.PROBLEM)}
    assert clean_report().priority_move is None


def test_the_worst_problem_is_the_first_move() -> None:
    faulty = report(clipped(clean()) + 0.004)

    assert {each.id for each in faulty.checks if each.verdict is Verdict.NOTICE} >= {"dc_offset"}
    assert faulty.priority_move == check(faulty, "clipping").advice


def test_there_are_at_least_sixteen_checks_of_different_names_and_every_fault_has_its_test() -> None:
    names = [each.id for each in clean_report().checks]

    assert len(names) == len(set(names)) >= 16
    assert set(names) == {*FAULTS, "bit_depth"}


def test_every_check_is_documented() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", DOCS.read_text().split("## The checks")[1], re.MULTILINE))

    assert documented == {each.id for each in clean_report().checks}


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_has_a_report_without_a_problem(rate_hz: int, channels: int) -> None:
    samples = song(2.5, rate_hz)[:, :channels]
    found = report(samples, rate_hz)

    assert not [each for each in found.checks if each.verdict is Verdict.PROBLEM]


@pytest.mark.parametrize("channels", [3, 4, 6, 8])
def test_more_channels_are_judged_by_their_fold_down(channels: int) -> None:
    samples = np.zeros((len(clean()), channels))
    samples[:, :2] = clean()
    of_many, of_two = report(samples), clean_report()

    for name in ("stereo_balance", "phase_correlation", "stereo_width", "low_end_mono", "mud", "tonal_balance"):
        assert check(of_many, name).value == pytest.approx(check(of_two, name).value, abs=0.11), name


def test_a_mono_song_has_no_image_to_judge() -> None:
    found = report(clean()[:, :1])

    for name in ("low_end_mono", "phase_correlation", "stereo_width", "stereo_balance", "mono_compatibility"):
        assert check(found, name).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "samples",
    [np.zeros((RATE_HZ, 2)), np.zeros((100, 1)), np.full((RATE_HZ, 2), 0.25), np.ones((1, 2)), clean()[:2000]],
    ids=["silence", "a moment of silence", "a constant", "one frame", "a moment"],
)
def test_what_is_hardly_a_sound_has_a_report_all_the_same(samples: NDArray[np.float64]) -> None:
    found = report(samples)

    assert len(found.checks) == len(clean_report().checks)
    assert found.as_dict()["lufs_integrated"] is None or samples.any()


def test_gain_within_reason_changes_no_verdict_but_those_of_level() -> None:
    quieter = report(0.8 * clean())
    for before, after in zip(clean_report().checks, quieter.checks, strict=True):
        if before.id not in {"true_peak", "headroom", "loudness"}:
            assert after.verdict is before.verdict, before.id


def test_nothing_is_sibilant_where_nobody_sings() -> None:
    sound = as_sound(with_an_s(clean()))

    assert check(mix_report(sound, loudness(sound), voice=False), "sibilance").verdict is Verdict.UNKNOWN
    assert check(mix_report(sound, loudness(sound), voice=True), "sibilance").verdict is not Verdict.OK


def test_music_without_records_of_one_tone_is_not_held_against_any() -> None:
    sound = as_sound(boosted(6000.0, 14_000.0, 12.0)(clean()))

    assert check(mix_report(sound, loudness(sound), genre=None), "tonal_balance").verdict is Verdict.UNKNOWN


def test_a_lossy_file_is_told_to_be_one() -> None:
    sound = as_sound(clean(), container=Container.MP3)

    assert check(mix_report(sound, loudness(sound)), "lossy_source").verdict is Verdict.NOTICE


def test_that_a_file_is_lossy_is_said_after_every_fault_of_the_mix() -> None:
    sound = as_sound(clean() + 0.004, container=Container.MP3)
    told = mix_report(sound, loudness(sound))

    assert told.priority_move == check(told, "dc_offset").advice
    alone = as_sound(clean(), container=Container.MP3)
    only = mix_report(alone, loudness(alone))
    assert only.priority_move == check(only, "lossy_source").advice


def test_what_is_published_has_a_value_that_json_can_hold() -> None:
    for each in report(np.zeros((RATE_HZ, 2))).as_dict()["checks"]:
        assert each["value"] is None or isinstance(each["value"], (str, float, int))
        assert each["verdict"] in {"ok", "notice", "problem", "unknown"}
