"""Byte ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.storage.ranges import NotSatisfiable, Span, parse

SIZES = st.integers(0, 2000)


@given(SIZES, st.integers(0, 3000), st.integers(0, 3000))
def test_first_and_last_select_what_slicing_would(size: int, first: int, last: int):
    data = bytes(n % 251 for n in range(size))
    try:
        span = parse(f"bytes={first}-{last}", size)
    except NotSatisfiable:
        assert data[first : last + 1] == b""
        return
    if last < first:
        assert span is None
    else:
        assert span is not None
        assert data[span.start : span.end] == data[first : last + 1] != b""


@given(SIZES, st.integers(0, 3000))
def test_a_suffix_selects_the_last_bytes(size: int, length: int):
    try:
        span = parse(f"bytes=-{length}", size)
    except NotSatisfiable:
        assert min(size, length) == 0
        return
    assert span == Span(max(0, size - length), size, size)


@given(SIZES, st.text(max_size=40))
def test_no_header_whatever_leads_outside_the_object(size: int, text: str):
    for header in (text, f"bytes={text}"):
        try:
            span = parse(header, size)
        except NotSatisfiable:
            continue
        assert span is None or 0 <= span.start < span.end <= size


@pytest.mark.parametrize("header", [None, "", "bytes", "bytes=", "bytes=-", "bytes=1-2,4-5", "items=0-5", "bytes=a-b"])
def test_what_is_no_single_byte_range_is_ignored(header: str | None):
    assert parse(header, 100) is None


def test_content_range_names_the_last_byte_and_the_size():
    assert Span(2, 6, 10).content_range == "bytes 2-5/10"
