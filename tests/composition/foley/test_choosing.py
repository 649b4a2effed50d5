"""Which recipes words name."""

from __future__ import annotations

import pytest

from soundrack.composition.foley.catalogue import SUBJECTS
from soundrack.composition.foley.character import Movement, Room
from soundrack.composition.foley.choosing import MOST_LAYERS, choose
from soundrack.composition.foley.vocabulary import words


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_recipe_has_words_in_both_languages_that_lead_to_it(subject: str) -> None:
    for name in SUBJECTS[subject]:
        named = words().recipes[name]
        assert named.ko, name
        assert any(choose(form).layers[0].recipe == name for form in named.en), named.en
        assert any(choose(form).layers[0].recipe == name for form in named.ko), named.ko
        for sign in named.signs:
            assert choose(sign).layers[0].recipe == name


@pytest.mark.parametrize(
    ("prompt", "recipes"),
    [
        ("rain on a window with distant thunder", ["rain_window", "thunder"]),
        ("Footsteps in the deep snow", ["footsteps_snow"]),
        ("footsteps on gravel and an owl", ["footsteps_gravel", "owl"]),
        ("an old wooden door creaking open", ["door_creak"]),
        ("typing on an old typewriter", ["typewriter"]),
        ("멀리서 들리는 천둥과 빗소리", ["thunder", "rain"]),
        ("쾅 하고 문 닫히는 소리", ["door_slam"]),
        ("고양이 울음소리", ["cat"]),
        ("비 오는 날 카페", ["rain", "cafe"]),
        ("machine gun fire then an explosion", ["machine_gun", "explosion"]),
        ("no birds, just wind", ["wind"]),
        ("🐶", ["dog"]),
    ],
)
def test_prompts_name_their_sounds(prompt: str, recipes: list[str]) -> None:
    assert [layer.recipe for layer in choose(prompt).layers] == recipes


def test_a_quality_belongs_to_the_next_source_of_its_clause() -> None:
    rain, thunder = choose("heavy rain, then distant thunder").layers
    assert (rain.character.size, rain.character.distance) == (0.85, 0.0)
    assert (thunder.character.size, thunder.character.distance) == (0.5, 0.7)


def test_a_quality_after_its_source_belongs_to_it() -> None:
    assert choose("a bell in a hallway").layers[0].character.room is Room.HALL
    assert choose("a helicopter approaching").layers[0].character.movement is Movement.APPROACHING


@pytest.mark.parametrize(
    ("prompt", "count"),
    [("three knocks", 3), ("강아지가 세 번 짖는 소리", 3), ("two gunshots", 2), ("a gunshot", None)],
)
def test_numbers_count_events(prompt: str, count: int | None) -> None:
    assert choose(prompt).layers[0].character.count == count


def test_a_misspelled_word_finds_the_nearest_and_says_so() -> None:
    chosen = choose("thundr")
    assert chosen.layers[0].recipe == "thunder"
    assert "spelled like" in chosen.why


def test_a_prompt_without_a_sound_is_told_by_its_mood_and_the_words_are_listed() -> None:
    chosen = choose("qwxz energetic")
    assert "Nothing in the prompt names a sound" in chosen.why
    assert "qwxz" in chosen.ignored


def test_calm_and_aggressive_moods_stand_for_different_sounds() -> None:
    assert choose("peaceful melancholic").layers != choose("aggressive furious metal energy rage").layers


def test_no_more_than_four_sounds_are_layered_and_the_rest_is_told() -> None:
    chosen = choose("rain, dog, cat, owl, frog and a wolf")
    assert len(chosen.layers) == MOST_LAYERS
    assert [each for each in chosen.ignored if "too many" in each] == [
        "frog: too many layers",
        "wolf: too many layers",
    ]


@pytest.mark.parametrize(
    ("prompt", "stages"),
    [
        ("a door creaking, then a slam", [0, 1]),
        ("rain and thunder", [0, 0]),
        ("a gunshot followed by a scream, finally applause", [0, 1, 2]),
        ("문 여는 소리 그다음 발자국 소리", [0, 1]),
        ("then rain", [0]),
    ],
)
def test_words_say_what_comes_after_what(prompt: str, stages: list[int]) -> None:
    assert [layer.stage for layer in choose(prompt).layers] == stages
