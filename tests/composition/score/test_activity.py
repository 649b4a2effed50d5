from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.plan import Label, Player, Role, Section
from soundrack.composition.score.activity import Stretch, activity
from soundrack.composition.score.chart import Chart, chart
from soundrack.composition.score.choosing import written_for
from soundrack.composition.styles.accompaniment import accompaniment
from soundrack.composition.styles.files import NAMES
from tests.composition import songs

HARMONIC = (Role.CHORDS, Role.PAD, Role.ARPEGGIO, Role.BASS)
BAND = tuple(Player(role, "grand_piano") for role in (Role.DRUMS, Role.PERCUSSION, *HARMONIC, Role.COUNTER, Role.LEAD))


def read(
    style: str, form: tuple[Section, ...], band: tuple[Player, ...] = BAND
) -> tuple[Chart, tuple[tuple[Stretch, ...], ...]]:
    song = songs.plan(style, 1, form=form, band=band)
    made = chart(song, songs.placed(song), songs.harmony(song), ())
    return made, activity(made)


@settings(max_examples=40, deadline=None)
@given(
    style=st.sampled_from(NAMES),
    form=st.lists(
        st.builds(Section, st.sampled_from(Label), st.integers(1, 24), st.floats(0.0, 1.0), st.just("A")),
        min_size=1,
        max_size=6,
    ),
)
def test_everybody_plays_and_no_section_is_without_harmony(style: str, form: list[Section]) -> None:
    made, stretches = read(style, tuple(form))
    for player, mine in zip(BAND, stretches, strict=True):
        assert bool(mine) == (player.role is not Role.LEAD)
        ends = [each.start + each.bars * made.bar for each in mine]
        assert all(end <= each.start + 1e-6 for end, each in zip(ends[:-1], mine[1:], strict=True))
    for number in range(len(form)):
        assert any(
            each.number == number
            for player, mine in zip(BAND, stretches, strict=True)
            if player.role in HARMONIC
            for each in mine
        )


def test_players_enter_and_leave_on_lines_of_four_bars() -> None:
    form = (Section(Label.INTRO, 16, 0.6, "A"), Section(Label.DROP, 16, 0.9, "B"), Section(Label.OUTRO, 16, 0.6, "A"))
    made, stretches = read("house", form)
    places = {each.start / made.bar for mine in stretches for each in mine}
    places |= {each.start / made.bar + each.bars for mine in stretches for each in mine}
    assert all(place % 4 == 0 for place in places)
    assert {4.0, 8.0} & places


def test_who_nearly_has_the_energy_comes_in_halfway_through_a_long_section() -> None:
    needed = accompaniment("pop").percussion.from_energy
    form = (Section(Label.VERSE, 16, needed - 0.05, "A"), Section(Label.CHORUS, 8, 0.95, "B"))
    _, stretches = read("pop", form)
    percussion = stretches[1]
    assert (percussion[0].start, percussion[0].bars) == (32.0, 8)


def test_builds_rise_and_the_last_chorus_is_the_climax() -> None:
    form = (
        Section(Label.CHORUS, 8, 0.8, "A"),
        Section(Label.BUILD, 8, 0.7, "B"),
        Section(Label.CHORUS, 8, 0.8, "A"),
    )
    made, stretches = read("trance", form)
    drums = stretches[0]
    assert made.climax == 2
    assert [each.climax for each in drums] == [False, False, False, True]
    assert drums[1].energy < 0.7 < drums[2].energy
    assert drums[3].energy > drums[0].energy


@pytest.mark.parametrize(("kit", "brushed"), [("brush_kit", True), ("jazz_kit", False)])
def test_what_is_written_for_a_kit_is_kept_to_it(kit: str, brushed: bool) -> None:
    song = songs.plan("jazz", 1)
    found = written_for(accompaniment("jazz").drums.grooves, song, 0.4, Label.VERSE, kit)
    assert all((kit in each.plays) == brushed for each in found)


def test_a_substyle_has_grooves_of_its_own() -> None:
    song = songs.plan("latin", 1, substyle="bossa nova")
    (found,) = written_for(accompaniment("latin").drums.grooves, song, 0.6, Label.VERSE, "pop_kit")
    assert found.name == "bossa nova"
