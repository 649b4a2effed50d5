"""What prompts for samples and sound effects say of noises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.prompt import read
from soundrack.composition.prompt.sounds import simple, simple_korean


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("a heavy wooden door slamming shut with huge reverb", ("door", "slam", "shut")),
        ("footsteps on gravel", ("footstep", "stone", "gravel")),
        ("thunderstorm over the ocean", ("thunderstorm", "ocean")),
        ("glass breaking, dogs barking", ("glass", "break", "dog", "bark")),
        ("laser gun shots", ("laser", "gun", "shot")),
        ("church bells ringing", ("church", "bell", "ring")),
        ("deep house at 120 bpm", ()),
        ("explosion, no glass", ("explosion",)),
        ("문이 삐걱거리는 소리", ("door", "creak")),
        ("쓱싹거리는 소리", ("쓱싹거리",)),
    ],
)
def test_nouns_and_verbs_in_their_simple_form(text: str, sounds: tuple[str, ...]):
    assert read(text).sounds == sounds


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("doors", "door"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("slamming", "slam"),
        ("typing", "type"),
        ("smoking", "smoke"),
        ("closing", "close"),
        ("breaking", "break"),
        ("crackling", "crackle"),
        ("whispered", "whisper"),
        ("exploding", "explode"),
        ("charging", "charge"),
        ("opening", "open"),
        ("knives", "knife"),
        ("flies", "fly"),
        ("king", "king"),
        ("splashes", "splash"),
        ("rolling", "roll"),
        ("buzzing", "buzz"),
    ],
)
def test_simple_forms(word: str, form: str):
    assert simple(word) == form


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_a_simple_form_is_never_empty_and_hardly_longer(word: str):
    assert 0 < len(simple(word)) <= max(len(word), 4)


def test_korean_words_lose_their_particle():
    assert [simple_korean(word) for word in ("문이", "바람에서", "문")] == ["문", "바람", "문"]
