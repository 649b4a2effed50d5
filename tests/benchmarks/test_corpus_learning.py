"""Songs to learn from have nothing of what is measured on."""

from __future__ import annotations

from benchmarks.corpus import learning
from benchmarks.corpus.drums import GROOVES
from benchmarks.corpus.plan import plans


def test_seeds_and_names_are_not_those_of_the_corpus():
    measured, learned = plans(), learning.plans(400)

    assert not {plan.seed for plan in measured} & {plan.seed for plan in learned}
    assert not {plan.name for plan in measured} & {plan.name for plan in learned}
    assert {plan.half for plan in learned} == {"learn"}


def test_instruments_are_none_that_only_the_held_half_has():
    tuned = {plan.soundfont for plan in plans() if plan.half == "tune"}

    assert {plan.soundfont for plan in learning.plans(200)} <= tuned


def test_the_first_are_the_same_however_many_there_are():
    assert learning.plans(20) == learning.plans(40)[:20]


def test_the_first_hundred_have_every_metre_and_key():
    first = learning.plans(100)

    assert {plan.metre for plan in first} == set(GROOVES)
    assert {plan.key.tonic for plan in first} == set(range(12))


def test_each_style_has_its_grooves():
    for style in learning.MORE_STYLES:
        for metre in style.metres:
            assert set(style.grooves) & set(GROOVES[metre]), (style.name, metre)
