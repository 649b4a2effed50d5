"""Plans through the engine: as drawn up, as edited, and of every order there is."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soundrack.errors import Invalid
from soundrack.mastering import Format, Generator, Genre, MasteringPlan, Order, Platform, Preset, Tier, master, plan_for
from soundrack.mastering.planning import draw_up
from soundrack.mastering.planning.profile import profile
from soundrack.mastering.song import listened
from tests.mastering.meters import decoded, lufs, music, third_octaves_db, true_peak_db, wav


def edited(plan: MasteringPlan, **changes: Any) -> MasteringPlan:
    """Return a plan edited as a person would: in its JSON."""
    return MasteringPlan.parse(json.dumps(json.loads(plan.model_dump_json()) | changes))


@pytest.mark.parametrize(
    "order",
    [
        Order(),
        Order(Preset.LOUD, Genre.EDM, tier=Tier.PREMIUM),
        Order(generator=Generator.SUNO, format=Format.MP3),
        Order(rate_hz=96_000, format=Format.FLAC),
    ],
    ids=["usual", "premium", "repair and MP3", "another rate"],
)
def test_a_plan_that_comes_back_from_json_gives_the_same_bytes_as_none(order: Order, tmp_path: Path) -> None:
    source = wav(tmp_path / "source", music(2.0))
    plan = MasteringPlan.parse(plan_for(source, order).model_dump_json())
    for name, given in (("one", None), ("two", None), ("planned", plan)):
        master(source, tmp_path / name, order, plan=given)
    one, two, planned = ((tmp_path / name).read_bytes() for name in ("one", "two", "planned"))
    assert one == two
    assert one == planned


def test_a_plan_for_a_reference_is_done_without_it(tmp_path: Path) -> None:
    source = wav(tmp_path / "source", music(2.0))
    reference = wav(tmp_path / "reference", music(2.0, rate_hz=48_000), 48_000)
    plan = plan_for(source, Order(), reference=reference)
    master(source, tmp_path / "one", Order(), reference=reference)
    master(source, tmp_path / "two", Order(), plan=plan)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_edited_plan_is_done_as_edited(source: Path, destination: Path) -> None:
    samples = music(6.0)
    wav(source, samples)
    bump = [[50.0, 0.0], [85.0, 6.0], [118.0, 6.0], [200.0, 0.0]]
    plan = edited(
        plan_for(source, Order(Preset.WARM)),
        tone={"mid": bump},
        width=None,
        dynamics=None,
        saturation=None,
        loudness={"target_lufs": -18.0, "ceiling_db": -3.0},
    )
    report = master(source, destination, Order(), plan=plan)
    result, rate_hz = decoded(destination)
    assert lufs(destination) == pytest.approx(-18.0, abs=0.02)
    assert true_peak_db(destination) <= -3.0
    assert (report.compression, report.plan) == (None, plan)
    bands = slice(None), rate_hz, 90.0, 8000.0
    raised = third_octaves_db(result[:, 0], *bands[1:]) - third_octaves_db(samples[:, 0], *bands[1:])
    assert raised[0] - np.median(raised) == pytest.approx(6.0, abs=0.4)
    assert np.ptp(raised[4:]) < 0.5  # from 250 Hz on there is nothing but gain


def test_a_plan_with_nothing_in_it_changes_nothing_but_level(source: Path, destination: Path) -> None:
    samples = music(3.0) + np.float32(0.05)  # an offset that the plan does not take out stays
    wav(source, samples)
    plan = MasteringPlan.parse('{"loudness": {"target_lufs": -20.0, "ceiling_db": -1.0}}')
    master(source, destination, Order(Preset.LOUD, Genre.EDM), plan=plan)
    result = decoded(destination)[0].astype(np.float64)
    exact = samples.astype(np.float64)
    left = result - exact * float((exact * result).sum() / (exact**2).sum())
    assert np.abs(left).max() < 4.0 * 2.0**-23
    assert lufs(destination) == pytest.approx(-20.0, abs=0.02)


LOUDNESS = {"target_lufs": -14.0, "ceiling_db": -1.0}
BANDS = [{"threshold_db": 0.0, "ratio": 2.0, "attack_ms": 10.0, "release_ms": 100.0}] * 3


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ({"repair": [{"kind": "offset", "offsets": [0.1, 0.1]}]}, "repair"),
        ({"repair": [{"kind": "clicks", "clicks": [{"channel": 1, "first_frame": 4000, "frames": 3}]}]}, "repair"),
        ({"repair": [{"kind": "clicks", "clicks": [{"channel": 0, "first_frame": 8000, "frames": 3}]}]}, "repair"),
        ({"repair": [{"kind": "silence", "start_s": 60.0, "end_s": 70.0}]}, "repair"),
        ({"repair": [{"kind": "lines", "lines": [{"frequency_hz": 4100.0, "depth_db": 20.0}]}]}, "repair"),
        (
            {"repair": [{"kind": "air", "cutoff_hz": 4000.0, "to_hz": 9000.0, "slope_db_per_octave": -6.0}]},
            "repair",
        ),
        ({"repair": [{"kind": "shimmer"}]}, "repair"),
        ({"dynamics": {"crossovers_hz": [160.0, 5000.0], "bands": BANDS}}, "dynamics.crossovers_hz"),
    ],
    ids=[
        "two offsets",
        "second channel",
        "click at the end",
        "cut beyond the end",
        "line",
        "air",
        "shimmer",
        "crossover",
    ],
)
def test_what_a_mono_song_at_8_khz_does_not_have_is_refused_naming_the_field(
    steps: dict[str, Any], field: str, source: Path, destination: Path
) -> None:
    wav(source, music(1.0, rate_hz=8000, channels=1), 8000)
    plan = MasteringPlan.parse(json.dumps({"loudness": LOUDNESS} | steps))
    with pytest.raises(Invalid) as refusal:
        master(source, destination, Order(), plan=plan)
    assert refusal.value.field == field
    assert not destination.exists()


def test_premium_has_five_bands_and_says_what_each_did(source: Path, destination: Path) -> None:
    wav(source, music(3.0))
    report = master(source, destination, Order(tier=Tier.PREMIUM))
    assert report.compression is not None
    assert len(report.compression.bands) == 5
    assert lufs(destination) == pytest.approx(-14.0, abs=0.02)
    assert true_peak_db(destination) <= -1.0


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_order_there_is_makes_a_plan_that_comes_back_from_json(rate_hz: int, channels: int) -> None:
    samples = music(1.0, rate_hz=rate_hz, channels=channels)
    song = profile(samples, rate_hz, listened(samples, rate_hz).measurement)
    choices = itertools.product(Preset, Genre, (None, *Platform), Tier, (None, *Generator), (0.0, 50.0, 100.0))
    for preset, genre, platform, tier, generator, intensity in choices:
        order = Order(preset, genre, platform, tier, intensity, generator=generator)
        plan = draw_up(song, order)
        assert plan.reasons
        assert plan.dynamics is None or plan.dynamics.crossovers_hz[-1] < rate_hz / 2
        if generator is None:  # which planning does not look at
            assert MasteringPlan.parse(plan.model_dump_json(exclude_none=True)) == plan


@pytest.mark.parametrize(
    "order",
    [
        Order(Preset.LOUD, Genre.HIPHOP, Platform.MELON, Tier.STANDARD, 100.0, generator=Generator.UDIO),
        Order(Preset.BRIGHT, Genre.KPOP, Platform.SPOTIFY, Tier.PREMIUM, 30.0, generator=Generator.ELEVENLABS),
        Order(Preset.WARM, Genre.BALLAD, Platform.APPLE_MUSIC, Tier.PREMIUM, 70.0, format=Format.MP3),
        Order(Preset.BALANCED, Genre.EDM, None, Tier.STANDARD, 100.0, target_lufs=-9.0, format=Format.FLAC),
    ],
    ids=lambda order: f"{order.preset} {order.genre} {order.tier}",
)
@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (48_000, 2)])
def test_orders_of_every_kind_keep_their_ceiling_and_reach_their_target_or_say_why(
    order: Order, rate_hz: int, channels: int, source: Path, destination: Path
) -> None:
    wav(source, music(3.0, rate_hz=rate_hz, channels=channels), rate_hz)
    report = master(source, destination, order)
    loudness = report.plan.loudness
    assert true_peak_db(destination) <= loudness.ceiling_db
    if report.reached:
        assert lufs(destination) == pytest.approx(loudness.target_lufs, abs=0.03)
    else:
        assert report.reason is not None
        assert f"{loudness.target_lufs:g} LUFS was not reached" in report.reason
