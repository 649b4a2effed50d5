"""Plans: what is drawn up for what measures how."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.audio.measurement import measure
from soundrack.audio.spectrum import MidSideLevels, band_centres_hz
from soundrack.errors import Invalid
from soundrack.mastering.genres import Genre, target_db
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.plan import MasteringPlan, Phase
from soundrack.mastering.planning import draw_up
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.planning.tone import correction_db, match_db
from soundrack.mastering.platforms import Platform, playback
from soundrack.mastering.presets import Preset

CENTRES_HZ = band_centres_hz(44_100)
levels = st.lists(st.floats(-90.0, 0.0), min_size=len(CENTRES_HZ), max_size=len(CENTRES_HZ)).map(np.array)


def a_profile(
    levels_db: NDArray[np.float64] | None = None,
    *,
    side_db: float | None = -8.0,
    integrated_lufs: float = -18.0,
    true_peak_db: float = -2.0,
    centres_hz: NDArray[np.float64] = CENTRES_HZ,
) -> Profile:
    """A profile with these values; everything else is that of some noise."""
    some = measure(np.random.default_rng(0).standard_normal((44_100, 2)).astype(np.float32) * 0.1, 44_100)
    measurement = replace(
        some, integrated_lufs=integrated_lufs, true_peak_db=true_peak_db, plr_db=true_peak_db - integrated_lufs
    )
    mid = target_db(Genre.OTHER, centres_hz) - 30.0 if levels_db is None else levels_db
    return Profile(measurement, MidSideLevels(centres_hz, mid, None if side_db is None else mid + side_db))


@given(levels, st.floats(0.0, 2.0))
def test_no_correction_goes_beyond_its_bounds(levels_db: NDArray[np.float64], strength: float) -> None:
    gains = correction_db(levels_db, target_db(Genre.POP, CENTRES_HZ), CENTRES_HZ, strength)
    assert np.abs(gains).max() <= min(2.5 * strength, 4.0) + 1e-9
    extremes = gains[(CENTRES_HZ < 40.0) | (CENTRES_HZ > 14_000.0)]
    assert extremes.max() <= 0.0


def test_a_song_on_its_target_curve_is_left_alone() -> None:
    wanted = target_db(Genre.EDM, CENTRES_HZ)
    assert np.abs(correction_db(wanted - 40.0, wanted, CENTRES_HZ)).max() < 1e-9


def test_a_dull_song_is_brightened_and_a_bright_one_dulled() -> None:
    wanted = target_db(Genre.OTHER, CENTRES_HZ)
    high = CENTRES_HZ > 3000.0
    dull = correction_db(wanted - 6.0 * high, wanted, CENTRES_HZ)
    bright = correction_db(wanted + 6.0 * high, wanted, CENTRES_HZ)
    at_8k = int(np.argmin(np.abs(CENTRES_HZ - 8000.0)))
    assert dull[at_8k] > 1.5
    assert bright[at_8k] < -1.5


def test_what_is_empty_is_not_boosted() -> None:
    wanted = target_db(Genre.OTHER, CENTRES_HZ)
    above = CENTRES_HZ > 7000.0
    assert correction_db(wanted - 60.0 * above, wanted, CENTRES_HZ)[above].max() <= 0.0


@given(levels, levels)
def test_no_match_goes_beyond_its_bounds(levels_db: NDArray[np.float64], reference_db: NDArray[np.float64]) -> None:
    gains = match_db(levels_db, reference_db, CENTRES_HZ, CENTRES_HZ)
    assert np.abs(gains).max() <= 6.0
    assert np.abs(gains[(CENTRES_HZ < 40.0) | (CENTRES_HZ > 14_000.0)]).max() <= 3.0


def test_a_match_follows_a_reference_of_any_rate_and_level() -> None:
    song, high = target_db(Genre.OTHER, CENTRES_HZ), band_centres_hz(16_000)
    tilted = np.interp(np.log(high), np.log(CENTRES_HZ), song) + 1.0 * np.log2(high / 1000.0) - 25.0
    gains = match_db(song, tilted, CENTRES_HZ, high)
    middle = (CENTRES_HZ > 100.0) & (CENTRES_HZ < 5000.0)
    slope = np.polyfit(np.log2(CENTRES_HZ[middle]), gains[middle], 1)[0]
    assert slope == pytest.approx(1.0, abs=0.05)
    assert np.ptp(gains[CENTRES_HZ > 9000.0]) < 3.1  # beyond the reference's band nothing new is asked for


def test_intensity_zero_levels_and_limits_and_nothing_else() -> None:
    plan = draw_up(a_profile(), Order(Preset.BRIGHT, intensity=0.0, genre=Genre.KPOP))
    assert (plan.tone, plan.width, plan.dynamics, plan.saturation) == (None, None, None, None)


def test_more_intensity_means_more_of_everything() -> None:
    song = a_profile(target_db(Genre.OTHER, CENTRES_HZ) - 6.0 * (CENTRES_HZ > 3000.0))
    tones, ratios = [], []
    for intensity in (25.0, 50.0, 100.0):
        plan = draw_up(song, Order(Preset.WARM, intensity=intensity))
        assert plan.tone is not None
        assert plan.dynamics is not None
        tones.append(max(abs(db) for hz, db in plan.tone.mid if hz > 25.0))
        ratios.append(plan.dynamics.bands[0].ratio)
    assert tones == sorted(set(tones))
    assert ratios == sorted(set(ratios))


@pytest.mark.parametrize("genre", Genre)
def test_every_genre_has_a_tone_of_its_own(genre: Genre) -> None:
    others = [draw_up(a_profile(), Order(genre=other)).tone for other in Genre if other is not genre]
    assert draw_up(a_profile(), Order(genre=genre)).tone not in others


@pytest.mark.parametrize("platform", Platform)
def test_a_platform_gives_target_and_ceiling_unless_they_are_asked_for(platform: Platform) -> None:
    row = playback()[platform]
    usual = draw_up(a_profile(), Order(platform=platform)).loudness
    asked = draw_up(a_profile(), Order(platform=platform, target_lufs=-20.0, ceiling_db=-3.0)).loudness
    assert (usual.target_lufs, usual.ceiling_db) == (row.target_lufs, row.ceiling_db)
    assert (asked.target_lufs, asked.ceiling_db) == (-20.0, -3.0)


@pytest.mark.parametrize(("theirs", "followed"), [(-12.0, -12.0), (-30.0, -16.0), (-4.0, -7.0)])
def test_a_references_loudness_is_followed_within_bounds(theirs: float, followed: float) -> None:
    plan = draw_up(a_profile(), Order(), reference=a_profile(integrated_lufs=theirs))
    assert plan.loudness.target_lufs == followed


def test_a_dense_song_is_not_compressed_and_a_denser_reference_asks_for_more() -> None:
    dense = a_profile(integrated_lufs=-8.0, true_peak_db=-1.5)
    assert draw_up(dense, Order(Preset.LOUD)).dynamics is None
    song, denser = a_profile(), a_profile(integrated_lufs=-9.0, true_peak_db=-1.0)
    alone, towards = draw_up(song, Order()).dynamics, draw_up(song, Order(), reference=denser).dynamics
    assert alone is not None
    assert towards is not None
    assert towards.bands[0].ratio > alone.bands[0].ratio


def test_mono_has_no_width_and_a_mono_reference_does_not_narrow() -> None:
    assert draw_up(a_profile(side_db=None), Order(genre=Genre.EDM)).width is None
    assert draw_up(a_profile(), Order(), reference=a_profile(side_db=None)).width is None


def test_a_narrow_song_is_widened_a_wide_one_narrowed() -> None:
    narrow, wide = (draw_up(a_profile(side_db=side), Order()).width for side in (-20.0, 0.0))
    assert narrow is not None
    assert wide is not None
    assert narrow.side[-1][1] > 0.0 > wide.side[-1][1]


def test_a_wider_reference_widens() -> None:
    width = draw_up(a_profile(side_db=-12.0), Order(), reference=a_profile(side_db=-7.0)).width
    assert width is not None
    assert width.side[0][1] == pytest.approx(0.7 * 5.0, abs=0.01)


def test_large_moves_have_minimum_phase_and_small_ones_linear() -> None:
    tilt = np.log2(CENTRES_HZ / 1000.0)
    for per_octave, phase in ((0.3, Phase.LINEAR), (3.0, Phase.MINIMUM)):
        plan = draw_up(
            a_profile(),
            Order(reference_amount=1.0),
            reference=a_profile(a_profile().balance.mid_db + per_octave * tilt),
        )
        assert plan.tone is not None
        assert plan.tone.phase is phase


def test_only_high_peaks_are_clipped() -> None:
    assert draw_up(a_profile(), Order(target_lufs=-18.0)).saturation is None
    saturation = draw_up(a_profile(), Order(target_lufs=-9.0)).saturation
    assert saturation is not None
    assert 1.0 <= saturation.most_db <= 4.0


def test_premium_has_finer_bands_and_a_finer_detector() -> None:
    plan = draw_up(a_profile(), Order(tier=Tier.PREMIUM))
    assert plan.dynamics is not None
    assert len(plan.dynamics.bands) == 5
    assert plan.limiter.oversampling == 16


def test_every_step_says_why() -> None:
    plan = draw_up(a_profile(side_db=-20.0), Order(Preset.LOUD, genre=Genre.EDM))
    for step in (plan.tone, plan.width, plan.dynamics, plan.saturation, plan.limiter, plan.loudness):
        assert step is not None
        assert step.reason.endswith(".")


def test_a_plan_comes_back_from_its_json() -> None:
    plan = draw_up(a_profile(side_db=-20.0), Order(Preset.LOUD, genre=Genre.EDM, tier=Tier.PREMIUM))
    assert MasteringPlan.parse(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", "plan"),
        ("{}", "loudness"),
        ('{"loudness": {"target_lufs": 3, "ceiling_db": -1}}', "loudness.target_lufs"),
        ('{"loudness": {"target_lufs": -14, "ceiling_db": -1}, "tune": null}', "tune"),
        ('{"loudness": {"target_lufs": -14, "ceiling_db": -1}, "tone": {"mid": []}}', "tone.mid"),
        ('{"loudness": {"target_lufs": -14, "ceiling_db": -1}, "tone": {"mid": [[1000, NaN]]}}', "tone.mid.0.1"),
        ('{"loudness": {"target_lufs": -14, "ceiling_db": -1}, "tone": {"mid": [[500, 1], [200, 0]]}}', "tone.mid"),
        (
            '{"loudness": {"target_lufs": -14, "ceiling_db": -1},'
            ' "dynamics": {"crossovers_hz": [100, 900], "bands": []}}',
            "dynamics",
        ),
    ],
)
def test_a_bad_plan_is_refused_naming_the_field(text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        MasteringPlan.parse(text)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("intensity", 101.0),
        ("intensity", math.nan),
        ("target_lufs", -4.0),
        ("ceiling_db", 0.5),
        ("reference_amount", -0.1),
        ("rate_hz", 12_345),
    ],
)
def test_an_order_outside_its_ranges_is_refused_naming_the_field(field: str, value: float) -> None:
    with pytest.raises(Invalid) as refused:
        Order(**{field: value})  # type: ignore[arg-type]
    assert refused.value.field == field
