from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.create import VOICES, Voice, create_report, fit, melody_range
from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.result import Key, Tonality


def line(*notes: int) -> tuple[MelodyNote, ...]:
    return tuple(MelodyNote(0.5 * number, 0.5 * number + 0.5, note, 1.0) for number, note in enumerate(notes))


def heard(key: Key | None, melody: tuple[MelodyNote, ...]) -> Tonality:
    return Tonality(key, 0.9 if key else 0.0, (), (), (), None, None, melody, 0.0)


C_MINOR = Key(0, "minor", 0.9)


def test_a_melody_within_a_voice_stays_in_its_key() -> None:
    report = create_report(heard(C_MINOR, line(*range(60, 73))), None)
    assert report.suggested_vocal_key == "C minor"
    assert report.vocal_key_reason is not None
    assert "between C4 and C5" in report.vocal_key_reason
    assert "female voice (A3 to D5 with ease) in C minor as it is" in report.vocal_key_reason


def test_a_melody_out_of_reach_is_moved_by_the_least_that_helps() -> None:
    female, male = VOICES
    assert (fit(60, 77, female).semitones, fit(60, 77, female).beyond) == (-3, 0)
    assert (fit(60, 77, male).semitones, fit(60, 77, male).beyond) == (0, 0)
    report = create_report(heard(C_MINOR, line(*range(54, 72))), None)
    assert report.suggested_vocal_key is not None
    assert report.vocal_key_reason is not None
    assert "up" in report.vocal_key_reason


@given(st.integers(40, 80), st.integers(0, 30), st.sampled_from(VOICES))
def test_no_other_transposition_fits_better(low: int, span: int, voice: Voice) -> None:
    best = fit(low, low + span, voice)
    beyond = {
        semitones: min(
            max(voice.low - low - moved, 0) + max(low + span + moved - voice.high, 0)
            for moved in range(semitones - 48, semitones + 49, 12)
        )
        for semitones in range(-5, 7)
    }
    assert best.beyond == min(beyond.values())
    assert abs(best.semitones) == min(abs(each) for each, left in beyond.items() if left == best.beyond)


def test_an_octave_makes_no_difference() -> None:
    for each in VOICES:
        assert fit(60, 70, each).semitones == fit(72, 82, each).semitones


@pytest.mark.parametrize(("key", "notes"), [(None, range(60, 80)), (C_MINOR, range(60, 65))])
def test_no_key_or_hardly_a_melody_suggests_nothing(key: Key | None, notes: range) -> None:
    report = create_report(heard(key, line(*notes)), None)
    assert report.suggested_vocal_key is None
    assert report.vocal_key_reason is None


def test_single_notes_far_away_are_no_part_of_the_range() -> None:
    assert melody_range(line(*[64, 65, 67] * 20, 91)) == (64, 67)
    assert melody_range(line(60)) is None
