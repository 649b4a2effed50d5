"""Each style needs its genre, its tempo and its drums; the drums' pattern is read off the beats."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.genre.pattern import Pattern, pattern
from soundrack.analysis.genre.styles import Rhythmical, style

FOUR_ON_THE_FLOOR = Pattern(kick=1.0, kick_between=0.0, backbeat=0.0, half_time=0.0)
BROKEN = Pattern(kick=0.4, kick_between=0.4, backbeat=0.9, half_time=0.0)
HALF_TIME = Pattern(kick=0.3, kick_between=0.2, backbeat=-0.5, half_time=0.95)


def told(bpm: float, drums: Pattern, genre: str = "Electronic", sureness: float = 1.0) -> str | None:
    evidence = dict.fromkeys(("Electronic", "Hip Hop"), 0.0) | {genre: 1.0}
    found = style(Rhythmical(evidence, bpm, sureness, drums))
    return None if found is None else found.label


@pytest.mark.parametrize(
    ("bpm", "drums", "label"),
    [
        (124.0, FOUR_ON_THE_FLOOR, "House"),
        (138.0, FOUR_ON_THE_FLOOR, "Techno"),
        (174.0, BROKEN, "Drum and Bass"),
        (140.0, HALF_TIME, "Dubstep"),
        (90.0, BROKEN, "Downtempo"),
        (100.0, FOUR_ON_THE_FLOOR, None),
        (174.0, FOUR_ON_THE_FLOOR, None),
        (124.0, BROKEN, None),
        (124.0, HALF_TIME, None),
    ],
)
def test_tempo_and_drums_make_the_style(bpm: float, drums: Pattern, label: str | None):
    assert told(bpm, drums) == label


def test_the_same_backbeat_is_another_style_in_another_genre():
    assert told(90.0, BROKEN, "Hip Hop") == "Hip Hop"


def test_a_tempo_that_is_not_sure_bears_out_no_style():
    assert told(124.0, FOUR_ON_THE_FLOOR, sureness=0.2) is None


def drummed(kicks: list[int], snares: list[int], frames_a_beat: int = 25, bars: int = 8) -> Bands:
    """Bands in which strokes begin on quarter beats of a bar, counted from 0 to 15."""
    centres_hz = np.geomspace(47.0, 11_000.0, 136)
    magnitude = np.zeros((bars * 4 * frames_a_beat, 136), dtype=np.float32)
    for strokes, low_hz, high_hz in ((kicks, 30.0, 130.0), (snares, 1500.0, 7000.0)):
        inside = (centres_hz >= low_hz) & (centres_hz < high_hz)
        for bar in range(bars):
            for stroke in strokes:
                at = round((bar * 4 + stroke / 4) * frames_a_beat)
                magnitude[at : at + 4, inside] = np.array([30.0, 10.0, 3.0, 1.0])[:, None]
    return Bands(magnitude, centres_hz)


def read(song: Bands, metre: int = 4) -> Pattern:
    beats = np.arange(len(song.magnitude) // 25)
    found = pattern(song, np.asarray(beats * 25 / FPS, dtype=np.float64), beats % metre + 1)
    assert found is not None
    return found


def test_low_strokes_are_counted_on_and_between_beats():
    found = read(drummed(kicks=[0, 2, 4, 8, 12], snares=[4, 12]))

    assert found.kick == pytest.approx(1.0, abs=0.05)
    assert found.kick_between == pytest.approx(0.25, abs=0.05)


def test_a_backbeat_is_told_from_half_time():
    back = read(drummed(kicks=[0, 8], snares=[4, 12]))
    half = read(drummed(kicks=[0], snares=[8]))

    assert back.backbeat > 0.9
    assert back.half_time < 0.0
    assert half.half_time > 0.9
    assert half.backbeat < 0.0


def test_in_three_there_is_neither():
    found = read(drummed(kicks=[0], snares=[4]), metre=3)

    assert found.backbeat == found.half_time == 0.0


def test_few_beats_are_no_pattern():
    song = drummed(kicks=[0], snares=[4], bars=3)

    assert pattern(song, np.arange(0.0, 6.0, 0.5, dtype=np.float64), np.arange(12) % 4 + 1) is None
