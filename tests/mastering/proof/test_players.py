from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.mastering.platforms import Platform, playback
from soundrack.mastering.proof.players import Played, played

TABLE = playback()


def on(platform: Platform, integrated_lufs: float, true_peak_db: float) -> Played:
    return {each.platform: each for each in played(integrated_lufs, true_peak_db, TABLE)}[platform]


@given(integrated_lufs=st.floats(-60.0, 0.0), true_peak_db=st.floats(-30.0, 6.0))
def test_no_player_turns_peaks_up_beyond_its_headroom_or_past_its_level(
    integrated_lufs: float, true_peak_db: float
) -> None:
    for each in played(integrated_lufs, true_peak_db, TABLE):
        row = TABLE[each.platform]
        assert each.loudness_lufs == integrated_lufs + each.gain_db
        assert each.true_peak_db == true_peak_db + each.gain_db
        assert each.loudness_lufs <= row.level_lufs + 1e-9
        if each.gain_db > 0.0:
            assert row.turns_up
            assert each.true_peak_db <= row.headroom_db + 1e-9
        if integrated_lufs >= row.level_lufs:
            assert each.loudness_lufs == pytest.approx(row.level_lufs)


def test_spotifys_own_example_is_lifted_to_minus_16_only() -> None:
    spotify = on(Platform.SPOTIFY, -20.0, -5.0)
    assert (spotify.gain_db, spotify.loudness_lufs, spotify.short_of_headroom) == (4.0, -16.0, True)
    assert "up by 4.0 dB" in spotify.in_words
    assert "6.0 dB" in spotify.in_words


@pytest.mark.parametrize(
    ("platform", "integrated_lufs", "true_peak_db", "gain_db", "short", "words"),
    [
        (Platform.SPOTIFY, -9.0, -1.0, -5.0, False, "down by 5.0 dB, to -14.0 LUFS"),
        (Platform.SPOTIFY, -14.0, -1.0, 0.0, False, "plays it as it is"),
        (Platform.SPOTIFY, -14.02, -1.0, 0.0, False, "plays it as it is, at -14.0 LUFS."),
        (Platform.SPOTIFY, -20.0, -15.0, 6.0, False, "up by 6.0 dB, to -14.0 LUFS."),
        (Platform.SPOTIFY, -18.0, 0.5, 0.0, True, "no room to turn it up"),
        (Platform.APPLE_MUSIC, -14.0, -1.0, -2.0, False, "down by 2.0 dB, to -16.0 LUFS"),
        (Platform.YOUTUBE, -20.0, -12.0, 0.0, False, "does not turn quieter songs up"),
        (Platform.MELON, -10.0, -1.0, -4.0, False, "our assumption"),
    ],
)
def test_what_a_player_does_is_told(
    platform: Platform, integrated_lufs: float, true_peak_db: float, gain_db: float, short: bool, words: str
) -> None:
    each = on(platform, integrated_lufs, true_peak_db)
    assert each.gain_db == pytest.approx(gain_db)
    assert each.short_of_headroom is short
    assert words in each.in_words


def test_silence_is_played_as_it_is_and_told_in_json() -> None:
    for each in played(-math.inf, -math.inf, TABLE):
        assert each.gain_db == 0.0
        assert json.loads(json.dumps(each.as_dict(), allow_nan=False))["loudness_lufs"] is None
