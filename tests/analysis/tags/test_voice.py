"""A voice is told where the tags are clear, denied where they say nothing, and left open between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.tags import Voice, instruments, voice
from soundrack.analysis.tags.instruments import confidence
from soundrack.analysis.tags.labels import MTT
from soundrack.analysis.tags.voice import voiced_patches
from tests.analysis.tags.hearing import heard, nothing

INSTRUMENTS = ("guitar", "piano", "drums", "synthesizer", "strings", "flute", "harp", "harpsichord", "sitar")


def test_a_clear_voice_is_told_with_its_kind():
    found = voice(heard({}, {"singing": 0.4, "woman": 0.45, "man": 0.1}))

    assert found.present
    assert found.kind == "female"
    assert found.confidence == pytest.approx(0.78)


def test_a_kind_that_is_not_clearly_likelier_is_left_open():
    found = voice(heard({}, {"vocal": 0.3, "woman": 0.25, "man": 0.2}))

    assert (found.present, found.kind) == (True, None)
    assert found.confidence == pytest.approx(0.57)


def test_a_choir_is_told_from_singers():
    assert voice(heard({}, {"choir": 0.6, "female": 0.1})).kind == "choir"


def test_between_instruments_and_voices_nothing_is_told():
    assert voice(heard({}, {"vocal": 0.2})) == Voice(None, None, 0.0)


def test_where_no_tag_speaks_for_a_voice_there_is_probably_none():
    assert voice(heard({}, {"guitar": 0.7})) == Voice(False, None, 0.7)


def test_a_voice_in_half_of_the_patches_is_heard():
    tags = heard({}, {"vocal": 0.4})
    tags.mtt_patches[:2, MTT.index("vocal")] = 0.01

    assert voice(tags).present
    assert voiced_patches(tags) == 0.5


def test_in_silence_nothing_is_told():
    assert voice(nothing()) == Voice(None, None, 0.0)
    assert instruments(nothing()) == {}


def test_instruments_are_told_with_the_likeliest_first():
    found = instruments(heard({}, {"guitar": 0.75, "violin": 0.25, "flute": 0.05}))

    assert list(found) == ["guitar", "strings"]
    assert found["guitar"] > 0.5 > found["strings"] >= 0.3


@given(st.sampled_from(INSTRUMENTS), st.floats(0, 1), st.floats(0, 1))
def test_a_likelier_tag_never_makes_an_instrument_less_sure(name: str, one: float, other: float):
    low, high = sorted((one, other))

    assert 0.0 <= confidence(name, low) <= confidence(name, high) <= 1.0


def test_what_nobody_tags_is_not_there():
    assert instruments(heard({}, {})) == {}
