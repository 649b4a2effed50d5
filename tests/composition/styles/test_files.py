from __future__ import annotations

import pytest

from soundrack.composition.plan import Label, Role
from soundrack.composition.planning.bands import USUAL_ROLE
from soundrack.composition.score.numerals import numeral
from soundrack.composition.styles import Style, style, styles, table
from soundrack.composition.styles.melody import Idea
from soundrack.composition.theory import Mode
from soundrack.errors import NotFound

ALL = pytest.mark.parametrize("each", styles().values(), ids=lambda each: each.name)


def test_there_are_eighteen_styles() -> None:
    assert len(styles()) == 18
    assert [style(name).name for name in styles()] == list(styles())


def test_a_style_that_there_is_not_is_not_found() -> None:
    with pytest.raises(NotFound):
        style("polka")
    with pytest.raises(NotFound):
        table("polka", "plan")


@ALL
def test_every_numeral_of_a_style_is_one_and_every_mode_has_a_progression_with_its_tonic(each: Style) -> None:
    for mode in Mode:
        progressions = [found for group in each.harmony.progressions[mode].values() for found in group]
        read = [[numeral(text, mode) for text in found.numerals] for found in progressions]
        assert any(chord.root == 0 for chords in read for chord in chords)


@ALL
def test_every_instrument_of_a_band_is_of_the_catalogue(each: Style) -> None:
    bands = [*each.plan.bands, *(band for kind in each.plan.substyles for band in kind.bands)]
    named = {player.instrument for band in bands for player in band.players}
    assert named <= set(USUAL_ROLE)


@ALL
def test_every_band_of_a_style_has_a_tune_and_harmony(each: Style) -> None:
    for band in each.plan.bands:
        roles = {player.role for player in band.players}
        assert Role.LEAD in roles
        assert roles & {Role.CHORDS, Role.PAD, Role.ARPEGGIO, Role.BASS}


@ALL
def test_forms_begin_quietly_and_what_comes_again_lies_within_them(each: Style) -> None:
    for form in each.plan.forms:
        first, last = form.again
        assert 0 <= first < last <= len(form.sections)
        loudest = max(section.energy for section in form.sections)
        assert form.sections[0].energy < loudest
        assert all(section.group for section in form.sections)


def _ideas_in_four(each: Style) -> list[Idea]:
    return [idea for idea in each.melody.ideas if idea.metre.name == "4/4"]


@ALL
def test_the_fullest_sections_have_a_tune_in_every_metre(each: Style) -> None:
    labels = {section.label for form in each.plan.forms for section in form.sections}
    assert any(label in idea.labels for idea in _ideas_in_four(each) for label in labels & {Label.CHORUS, Label.DROP})


@ALL
def test_the_usual_tempo_lies_within_the_range_and_substyles_have_names_of_their_own(each: Style) -> None:
    slowest, usual, quickest = each.plan.tempo_bpm
    assert slowest <= usual <= quickest
    names = [kind.name for kind in each.plan.substyles]
    assert len(names) == len(set(names))
    for kind in each.plan.substyles:
        assert each.plan.substyle(kind.name) is kind
    assert each.plan.substyle("none of them") is None


def test_no_two_styles_have_the_same_tempo_forms_and_bands() -> None:
    known = [(each.plan.tempo_bpm, each.plan.forms, each.plan.bands) for each in styles().values()]
    assert len({repr(each) for each in known}) == len(known)
