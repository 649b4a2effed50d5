"""Tempo, beats, bars and feel of music whose score is known, and none of what has none."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import soundrack.analysis
from soundrack.analysis.features.bands import bands
from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.rhythm import Rhythm, certainty, rhythm
from tests.analysis.rhythm.drums import band, clicks

SECONDS = 24.0


def heard(sound: NDArray[np.float32]) -> Rhythm:
    return rhythm(bands(sound))


def share_near(times_s: NDArray[np.float64], truth_s: NDArray[np.float64]) -> float:
    """The share of the true times, from the fifth second on, that a found one is within 50 ms of."""
    return float(np.mean([np.abs(times_s - at).min() < 0.05 for at in truth_s if at > 5.0]))


@pytest.fixture(scope="module")
def rock() -> Rhythm:
    return heard(band(120.0, SECONDS))


def test_a_rock_band_has_the_tempo_that_it_plays_at(rock: Rhythm):
    assert rock.bpm == pytest.approx(120.0, rel=0.003)
    assert rock.confidence > 0.6


def test_beats_are_where_they_are_played(rock: Rhythm):
    assert share_near(rock.beats_s, np.arange(0.5, SECONDS - 2.0, 0.5)) == 1.0
    assert np.diff(rock.beats_s) == pytest.approx(0.5, abs=0.05)


def test_bars_begin_where_the_kick_and_a_new_chord_are(rock: Rhythm):
    assert rock.metre == "4/4"
    assert share_near(rock.downbeats_s, np.arange(0.5, SECONDS - 2.0, 2.0)) == 1.0
    assert np.diff(rock.downbeats_s) == pytest.approx(2.0, abs=0.06)


def test_positions_count_the_beats_of_each_bar(rock: Rhythm):
    first = int(np.flatnonzero(rock.positions == 1)[0])

    np.testing.assert_array_equal(rock.positions[first:], 1 + np.arange(len(rock.positions) - first) % 4)


def test_a_machine_is_steady_and_its_tempo_curve_one_point(rock: Rhythm):
    assert rock.stability == pytest.approx(1.0, abs=0.05)
    assert len(rock.tempo_curve) == 1
    assert rock.tempo_curve[0].bpm == pytest.approx(120.0, rel=0.02)


def test_even_eighths_are_not_swung(rock: Rhythm):
    assert rock.swing == pytest.approx(0.5, abs=0.03)


def test_triplet_eighths_are_swung():
    hat = tuple(beat + part for beat in range(4) for part in (0.0, 2.0 / 3.0))

    assert heard(band(110.0, SECONDS, hat=hat)).swing == pytest.approx(2.0 / 3.0, abs=0.04)


def test_a_waltz_has_bars_of_three():
    found = heard(band(140.0, SECONDS, kick=(0.0,), snare=(1.0, 2.0), hat=(0.0, 1.0, 2.0), beats_per_bar=3))

    assert found.bpm == pytest.approx(140.0, rel=0.01)
    assert found.metre == "3/4"
    assert share_near(found.downbeats_s, np.arange(0.5, SECONDS - 2.0, 180.0 / 140.0)) > 0.9


def test_a_bar_of_five_is_five_quarters():
    found = heard(
        band(132.0, 2.0 * SECONDS, kick=(0.0, 1.5, 3.0), snare=(2.0, 4.0), hat=tuple(range(5)), beats_per_bar=5)
    )

    assert found.bpm == pytest.approx(132.0, rel=0.01)
    assert found.metre == "5/4"
    assert share_near(found.downbeats_s, np.arange(0.5, 2.0 * SECONDS - 3.0, 300.0 / 132.0)) > 0.9


def test_two_beats_of_three_parts_are_six_eighths():
    hat = tuple(part / 3.0 for part in range(6))

    found = heard(band(72.0, SECONDS, kick=(0.0,), snare=(1.0,), hat=hat, beats_per_bar=2))

    assert found.bpm == pytest.approx(72.0, rel=0.01)
    assert found.metre == "6/8"
    assert share_near(found.downbeats_s, np.arange(0.5, SECONDS - 2.0, 120.0 / 72.0)) > 0.9


def test_a_sudden_change_of_tempo_is_in_the_curve():
    found = heard(np.concatenate((band(100.0, 20.0), band(125.0, 20.0))))

    tempi = [point.bpm for point in found.tempo_curve]
    assert tempi[0] == pytest.approx(100.0, rel=0.02)
    assert tempi[-1] == pytest.approx(125.0, rel=0.02)
    assert found.tempo_curve[-1].at_s == pytest.approx(20.0, abs=3.0)
    assert found.stability is not None
    assert found.stability < 0.75


@given(bpm=st.floats(85.0, 145.0))
@settings(max_examples=5, deadline=None)
def test_the_tempo_is_found_whatever_it_is(bpm: float):
    assert heard(band(bpm, SECONDS)).bpm == pytest.approx(bpm, rel=0.01)


def test_half_the_speed_is_half_the_tempo():
    quick, slow = (heard(band(bpm, 2.0 * SECONDS)).bpm for bpm in (144.0, 72.0))

    assert quick is not None
    assert slow == pytest.approx(quick / 2.0, rel=0.01)


@given(gain_db=st.floats(-12.0, 12.0))
@settings(max_examples=4, deadline=None)
def test_gain_changes_no_beat(rock: Rhythm, gain_db: float):
    found = heard(band(120.0, SECONDS) * np.float32(10.0 ** (gain_db / 20.0)))

    assert found.metre == rock.metre
    assert found.bpm == pytest.approx(rock.bpm, rel=0.003)
    assert share_near(found.beats_s, rock.beats_s[rock.beats_s < SECONDS - 2.0]) == 1.0
    assert share_near(found.downbeats_s, rock.downbeats_s[rock.downbeats_s < SECONDS - 2.0]) == 1.0


@given(later_s=st.floats(0.02, 2.0))
@settings(max_examples=4, deadline=None)
def test_silence_before_moves_the_beats(rock: Rhythm, later_s: float):
    before = np.zeros(round(later_s * RATE_HZ), np.float32)

    found = heard(np.concatenate((before, band(120.0, SECONDS))))

    assert share_near(found.beats_s, rock.beats_s[rock.beats_s < SECONDS - 2.0] + later_s) == 1.0
    assert share_near(found.downbeats_s, rock.downbeats_s[rock.downbeats_s < SECONDS - 2.0] + later_s) == 1.0


def _beatless(kind: str) -> NDArray[np.float32]:
    rng = np.random.default_rng(5)
    t = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    match kind:
        case "silence":
            return np.zeros(len(t), np.float32)
        case "noise":
            return (0.1 * rng.standard_normal(len(t))).astype(np.float32)
        case "one long note":
            return (0.3 * np.sin(2 * np.pi * 220.0 * t)).astype(np.float32)
        case "rain":
            sound = np.zeros(len(t))
            for first in (np.cumsum(rng.exponential(0.15, 150)) * RATE_HZ).astype(int):
                drop = rng.uniform(0.1, 0.5) * rng.standard_normal(400) * np.exp(-np.arange(400) / 60.0)
                sound[first : first + 400] += drop[: len(sound[first : first + 400])]
            return sound.astype(np.float32)
        case _:
            return band(120.0, 3.0)


@pytest.mark.parametrize("kind", ["silence", "noise", "one long note", "rain", "three seconds of music"])
def test_what_has_no_beat_has_no_tempo(kind: str):
    found = heard(_beatless(kind))

    assert found.bpm is None
    assert found.metre is None
    assert not len(found.beats_s)
    assert not len(found.downbeats_s)
    assert found.confidence < 0.5


def test_a_tempo_that_is_hardly_likely_is_not_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(certainty, "certainty", lambda _: 0.1)

    found = heard(band(120.0, SECONDS))

    assert (found.bpm, found.metre, found.confidence, found.tempo_curve) == (None, None, 0.0, ())
    assert not len(found.beats_s)


def test_nothing_at_all_has_no_tempo():
    assert heard(np.zeros(0, np.float32)).bpm is None


def test_a_metronome_has_a_tempo_and_no_metre():
    found = heard(clicks(96.0, SECONDS))

    assert found.bpm == pytest.approx(96.0, rel=0.01)
    assert found.metre is None
    assert not len(found.downbeats_s)
    assert not found.positions.any()


@pytest.mark.parametrize("sound", [band(120.0, SECONDS), clicks(96.0, SECONDS), np.zeros(RATE_HZ, np.float32)])
def test_the_result_has_the_form_of_the_schema(sound: NDArray[np.float32]):
    told = heard(sound).as_dict()

    wanted = _schema()
    assert set(told) == set(wanted["required"])
    assert told["feel"] in wanted["properties"]["feel"]["enum"]
    assert told["time_signature"] in (None, "4/4")
    assert json.loads(json.dumps(told)) == told
    assert sum(other["confidence"] for other in told["alternatives"]) <= 1.0 - told["confidence"] + 0.03


def _schema() -> dict[str, Any]:
    schema = json.loads(files(soundrack.analysis).joinpath("schema.json").read_text())
    return dict(schema["properties"]["tempo"])
