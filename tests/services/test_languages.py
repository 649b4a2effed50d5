"""Which language an ``Accept-Language`` prefers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.services.languages import Language, preferred

KOREAN, ENGLISH = Language.KOREAN, Language.ENGLISH


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("en", ENGLISH),
        ("EN-us", ENGLISH),
        ("ko", KOREAN),
        ("ko-KR, en", KOREAN),
        ("en, ko", ENGLISH),
        ("ko;q=0.5, en;q=0.9", ENGLISH),
        ("ko;q=0.9 , en ; q=0.5", KOREAN),
        ("fr, de;q=0.8", KOREAN),
        ("fr, en;q=0.1", ENGLISH),
        ("*", KOREAN),
        ("en;q=0.5, *;q=0.1", ENGLISH),
        ("*, en;q=0.5", KOREAN),
        ("ko;q=0, *", ENGLISH),
        ("ko;q=0, en;q=0", KOREAN),
        ("en;q=0", KOREAN),
        ("en;q=2", KOREAN),
        ("eng", KOREAN),
        ("en_US", KOREAN),
        (",,,", KOREAN),
        ("x" * 10_000 + ",en", KOREAN),
    ],
)
def test_the_language_of_the_highest_quality_is_chosen_and_korean_where_none_is(header: str, expected: Language):
    assert preferred(header, KOREAN) is expected


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(Language))
def test_any_text_has_an_answer(header: str, usual: Language):
    assert preferred(header, usual) in Language


@settings(deadline=None)
@given(st.floats(0.001, 1), st.floats(0.001, 1))
def test_the_order_of_the_header_does_not_matter_where_qualities_differ(one: float, other: float):
    korean, english = f"ko;q={one:.3f}", f"en;q={other:.3f}"
    if f"{one:.3f}" != f"{other:.3f}":
        assert preferred(f"{korean},{english}", KOREAN) is preferred(f"{english},{korean}", KOREAN)
