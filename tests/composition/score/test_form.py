from __future__ import annotations

from dataclasses import replace

import pytest

from soundrack.composition.plan import Label, Section
from soundrack.composition.score.chart import chart
from soundrack.composition.score.form import keys, placed, tempi
from soundrack.composition.styles import style, styles
from tests.composition.songs import plan

POP = (
    Section(Label.VERSE, 8, 0.5, "A"),
    Section(Label.CHORUS, 8, 0.9, "B"),
    Section(Label.VERSE, 8, 0.5, "A"),
    Section(Label.CHORUS, 8, 0.9, "B"),
    Section(Label.BRIDGE, 8, 0.5, "C"),
    Section(Label.CHORUS, 8, 1.0, "B"),
    Section(Label.OUTRO, 4, 0.4, "A"),
)


def test_sections_follow_each_other_without_gaps() -> None:
    song = plan("pop", metre="6/8")
    at, bar = 0.0, 1
    for each in placed(song):
        assert (each.start, each.start_bar) == (at, bar)
        at, bar = at + each.section.bars * 3.0, bar + each.section.bars


def test_a_lift_raises_the_last_chorus_and_what_follows_and_leaves_the_key_the_longest() -> None:
    songs = [plan("pop", seed, form=POP) for seed in range(120)]
    lifted = [song for song in songs if len(set(keys(song))) > 1]
    assert 3 <= len(lifted) <= 40
    for song in lifted:
        found = keys(song)
        assert found[:5] == (song.key,) * 5
        assert found[5] == found[6]
        assert (found[5].tonic - song.key.tonic) % 12 in {1, 2}
        assert found[5].mode is song.key.mode


def test_accompanists_follow_a_lift() -> None:
    lifted = next(song for song in (plan("pop", seed, form=POP) for seed in range(120)) if len(set(keys(song))) > 1)
    read = chart(lifted, placed(lifted), (), ())
    before, after = placed(lifted)[0], placed(lifted)[5]

    assert read.scale(before.start)[0] == lifted.key.tonic
    assert read.scale(after.start - 0.5)[0] == lifted.key.tonic
    assert read.scale(after.start)[0] == keys(lifted)[5].tonic


@pytest.mark.parametrize("name", [name for name, each in styles().items() if each.plan.lift == 0.0])
def test_styles_without_a_lift_stay_in_their_key(name: str) -> None:
    assert all(set(keys(plan(name, seed, form=POP))) == {plan(name, seed).key} for seed in range(10))


def test_what_is_danced_to_is_steady_and_jazz_slows_down_at_the_end() -> None:
    assert tempi(plan("techno")) == ((0.0, plan("techno").tempo_bpm),)
    song = plan("jazz")
    steps = tempi(song)
    assert steps[0] == (0.0, song.tempo_bpm)
    assert steps[1][0] == (song.bars - 2) * 4.0
    falling = [bpm for _, bpm in steps]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == pytest.approx(song.tempo_bpm * (1.0 - style("jazz").plan.ritardando))


def test_a_song_of_one_bar_has_one_tempo() -> None:
    song = replace(plan("jazz"), form=(Section(Label.VERSE, 1, 0.5, "A"),))
    assert len(tempi(song)) == 1
