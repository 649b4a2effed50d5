"""The report says what is on the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from soundrack.errors import Invalid
from soundrack.mastering import Format, Generator, MasteringPlan, Order, Platform, Preset, Tier, master
from tests.mastering.meters import decoded, lufs, music, true_peak_db, wav


@pytest.mark.parametrize(
    "order",
    [
        Order(Preset.WARM),
        Order(platform=Platform.SPOTIFY, tier=Tier.PREMIUM, generator=Generator.SUNO, format=Format.MP3),
        Order(intensity=0.0, rate_hz=48_000),
    ],
    ids=["warm", "everything", "nothing"],
)
def test_a_report_is_json_with_what_was_ordered_planned_and_measured(
    order: Order, source: Path, destination: Path
) -> None:
    wav(source, music(2.0))
    report = master(source, destination, order)
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert told["order"]["preset"] == order.preset.value
    assert told["order"]["format"] == order.format.value
    assert told["order"]["platform"] == (None if order.platform is None else order.platform.value)
    assert MasteringPlan.parse(json.dumps(told["plan"])) == report.plan
    assert told["gate"]["verdict"] in ("pass", "warn", "fail")
    assert len(told["gate"]["points"]) >= 10
    assert {player["platform"] for player in told["players"]} == set(Platform)
    assert told["reached"] is (told["reason"] is None)
    assert all(isinstance(line, str) and line for line in told["done"])


@pytest.mark.parametrize("format", [Format.WAV, Format.FLAC, Format.MP3])
def test_what_is_told_of_the_master_is_what_other_meters_read_on_the_file(
    format: Format, source: Path, destination: Path
) -> None:
    wav(source, music(4.0))
    report = master(source, destination, Order(Preset.LOUD, format=format))
    samples, rate_hz = decoded(destination)
    assert report.after.integrated_lufs == pytest.approx(lufs(destination), abs=0.01)
    assert report.after.true_peak_db == pytest.approx(true_peak_db(destination), abs=0.03)
    assert report.before.integrated_lufs == pytest.approx(lufs(source), abs=0.01)
    assert report.before.true_peak_db == pytest.approx(true_peak_db(source), abs=0.03)
    assert (report.after.rate_hz, report.after.channels) == (rate_hz, samples.shape[1])
    assert report.after.duration_s == pytest.approx(len(samples) / rate_hz)


def test_a_rate_that_changed_and_the_steps_taken_are_told_in_words(source: Path, destination: Path) -> None:
    wav(source, music(2.0))
    report = master(source, destination, Order(rate_hz=48_000))
    assert report.done[0] == "Sample rate: 44100 to 48000 Hz."
    words = " ".join(report.done)
    assert all(word in words for word in ("Tone:", "Held", "Level:"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target_lufs": -4.9}, "target_lufs"),
        ({"target_lufs": float("nan")}, "target_lufs"),
        ({"ceiling_db": 0.1}, "ceiling_db"),
        ({"ceiling_db": -12.1}, "ceiling_db"),
        ({"intensity": -1.0}, "intensity"),
        ({"intensity": 101.0}, "intensity"),
        ({"reference_amount": 1.1}, "reference_amount"),
        ({"rate_hz": 44_101}, "rate_hz"),
        ({"rate_hz": 96_000, "format": Format.MP3}, "rate_hz"),
        ({"rate_hz": 192_000, "format": Format.M4A}, "rate_hz"),
    ],
)
def test_an_order_outside_its_ranges_is_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Order(**values)  # type: ignore[arg-type]
    assert refusal.value.field == field
