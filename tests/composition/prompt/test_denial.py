"""What is denied is never wished, as far as a denial reaches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.plan import Label, Role, Timbre
from soundrack.composition.prompt import Tempo, read
from soundrack.composition.prompt.vocabulary import terms

NAMED = [term for term in terms() if term.subject == "instruments" and term.en]
KOREAN = [(term, form) for term in terms() if term.subject == "instruments" for form in term.ko if len(form) > 1]
FORMS = st.lists(st.sampled_from([form for term in terms() for form in term.en]), max_size=5)


def wanted(text: str) -> list[str]:
    return [choice.term for choice in read(text).instruments]


@pytest.mark.parametrize(
    "text",
    [
        "no drums",
        "without drums",
        "without any drums",
        "w/o drums",
        "drumless",
        "drum-free",
        "drum free",
        "minus the drums",
        "piano, not drums",
        "no heavy rock drums or drums",
        "드럼 없이",
        "드럼 없는",
        "드럼은 빼고",
        "드럼을 제외한",
        "드럼 말고",
        "노드럼",
        "드럼이 없는 곡",
        "no 드럼",
    ],
)
def test_ways_to_deny_drums(text: str):
    wishes = read(text)

    assert Role.DRUMS in wishes.unwanted_roles
    assert all(choice.role is not Role.DRUMS for choice in wishes.instruments)


@pytest.mark.parametrize(
    ("text", "unwanted", "left"),
    [
        ("no drums, piano", {Role.DRUMS}, ["piano"]),
        ("no drums and piano", {Role.DRUMS}, ["piano"]),
        ("no drums but piano", {Role.DRUMS}, ["piano"]),
        ("no drums or bass, piano", {Role.DRUMS, Role.BASS}, ["piano"]),
        ("no drums/bass, piano", {Role.DRUMS, Role.BASS}, ["piano"]),
        ("without drums and bass", {Role.DRUMS, Role.BASS}, []),
        ("without drums and a dreamy piano", {Role.DRUMS}, ["piano"]),
        ("no drums. piano", {Role.DRUMS}, ["piano"]),
        ("neither drums nor bass", {Role.DRUMS, Role.BASS}, []),
        ("피아노와 드럼은 빼고 기타", {Role.DRUMS}, ["guitar"]),
        ("드럼 없이, 피아노", {Role.DRUMS}, ["piano"]),
        ("드럼과 베이스 없이 피아노만", {Role.DRUMS, Role.BASS}, ["piano"]),
    ],
)
def test_how_far_a_denial_reaches(text: str, unwanted: set[Role], left: list[str]):
    assert set(read(text).unwanted_roles) == unwanted
    assert wanted(text) == left


def test_a_denied_thing_ends_the_denial_of_other_kinds():
    wishes = read("no vocals deep house 120 bpm")

    assert (wishes.sung, wishes.styles[0].substyle, wishes.tempo) == (False, "deep house", Tempo(120.0, 120.0, True))


def test_not_denies_qualities_and_then_ends():
    wishes = read("not too fast jazz")

    assert wishes.styles[0].style == "jazz"
    assert wishes.tempo == Tempo(40.0, 128.0, exact=False)
    assert read("not slow").tempo == Tempo(84.0, 220.0, exact=False)


def test_an_explicit_value_is_denied_only_by_the_word_right_before_it():
    assert read("not in C minor").key is None
    assert read("not 120 bpm").tempo is None
    assert read("no drums 120 bpm").tempo is not None
    assert read("no drums in C minor").key is not None


def test_what_is_denied_of_every_kind_is_told():
    wishes = read("no jazz, no sad, no intro, no vinyl, no rain, no female vocals, no hi-hats, no choir")

    assert wishes.unwanted_styles == ("jazz",)
    assert wishes.unwanted_moods == ("sad",)
    assert wishes.unwanted_labels == (Label.INTRO,)
    assert wishes.unwanted_production == ("vinyl",)
    assert wishes.unwanted_scenes == ("rain",)
    assert wishes.unwanted_voices == (Timbre.FEMALE,)
    assert wishes.unwanted_pieces == ("hi_hat",)
    assert wishes.unwanted_roles == (Role.CHOIR,)
    assert (wishes.styles, wishes.moods, wishes.instruments) == ((), (), ())


def test_denying_an_instrument_leaves_others_of_its_role():
    wishes = read("bass, no 808")

    assert wishes.unwanted_instruments == ("808_bass",)
    assert wishes.unwanted_roles == ()
    assert wanted("bass, no 808") == ["bass"]


def test_a_style_that_is_denied_is_not_wished_even_where_it_is_said():
    assert [style.style for style in read("house, techno, no house").styles] == ["techno"]
    assert [style.substyle for style in read("deep house, no deep house, techno").styles] == [None]


@given(st.sampled_from(NAMED), st.data(), FORMS, FORMS)
def test_a_denied_instrument_is_never_wished(term, data, before: list[str], after: list[str]):
    form = data.draw(st.sampled_from(term.en))
    wishes = read(", ".join([*before, form, f"no {form}", *after]))

    names = {name for choice in wishes.instruments for name in choice.instruments}
    assert names.isdisjoint(wishes.unwanted_instruments)
    assert {choice.role for choice in wishes.instruments}.isdisjoint(wishes.unwanted_roles)
    assert set(term.instruments) <= set(wishes.unwanted_instruments)


@pytest.mark.parametrize("ending", [" 없이", "은 빼고", "는 빼고", " 제외하고", " 없는"])
def test_korean_denials_reach_every_instrument(ending: str):
    wrong = [form for term, form in KOREAN if not any(each.denied for each in read(f"{form}{ending}").understood)]

    assert wrong == []


@given(
    st.lists(
        st.sampled_from(
            ["no", "not", "without", "or", "and", ",", "drums", "piano", "sad", "없이", "드럼", "빼고", "와"]
        )
    )
)
def test_whatever_stands_around_nothing_is_both_wished_and_denied(words: list[str]):
    wishes = read(" ".join(words))

    assert {name for choice in wishes.instruments for name in choice.instruments}.isdisjoint(
        wishes.unwanted_instruments
    )
    assert {choice.role for choice in wishes.instruments}.isdisjoint(wishes.unwanted_roles)
    assert set(wishes.moods).isdisjoint(wishes.unwanted_moods)
    assert set(wishes.labels).isdisjoint(wishes.unwanted_labels)
