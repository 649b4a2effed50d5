from __future__ import annotations

from enum import StrEnum

import pytest

from soundrack.composition.fields import Fields
from soundrack.errors import Invalid


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_a_field_that_is_missing_unknown_or_of_another_kind_is_told_by_its_path() -> None:
    fields = Fields("house.plan", {"title": 3, "swing": [0.7, 0.5], "extra": 1, "colour": "green", "steps": [1, "x"]})
    for read, path in (
        (lambda: fields.text("title"), "house.plan.title"),
        (lambda: fields.text("name"), "house.plan.name"),
        (lambda: fields.span("swing", 0.5, 0.75), "house.plan.swing"),
        (lambda: fields.member("colour", Colour), "house.plan.colour"),
        (lambda: fields.numbers("steps", 0.0, 2.0), "house.plan.steps"),
        (fields.done, "house.plan.extra"),
    ):
        with pytest.raises(Invalid) as caught:
            read()
        assert caught.value.field == path


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "1", None, 11.0])
def test_a_number_is_finite_within_its_range_and_no_truth_value(value: object) -> None:
    with pytest.raises(Invalid):
        Fields("", {"n": value}).number("n", 0.0, 10.0)


def test_what_was_read_is_returned_and_leaves_nothing() -> None:
    table = {"a": 1, "b": [1, 2], "c": {"x": 2.0, "y": 0}, "d": [{"e": "blue"}], "f": None}
    fields = Fields("", table)
    assert fields.whole("a", 0, 3) == 1
    assert fields.span("b", 0, 3) == (1.0, 2.0)
    assert fields.weights("c", ("x", "y")) == {"x": 2.0, "y": 0.0}
    assert fields.tables("d")[0].member("e", Colour) is Colour.BLUE
    assert not fields.has("f")
    fields.skip("f")
    assert fields.flag("g", True) is True
    fields.done()


def test_weights_that_are_all_nothing_or_of_unknown_names_are_refused() -> None:
    with pytest.raises(Invalid):
        Fields("", {"w": {"x": 0}}).weights("w")
    with pytest.raises(Invalid) as caught:
        Fields("", {"w": {"x": 1}}).weights("w", ("y",))
    assert caught.value.field == "w.x"
