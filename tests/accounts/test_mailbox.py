"""Mail addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.accounts import mailbox
from soundrack.errors import Invalid


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.B+x@Example.COM\n", "anna.b+x@example.com"),
        ("a@b.co", "a@b.co"),
        ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@XN--BCHER-KVA.example", "anna@xn--bcher-kva.example"),
        ("anna@example.한국", "anna@example.xn--3e0b707e"),
        ("owner@localhost", "owner@localhost"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_address_is_stored_in_one_form(text: str, stored: str):
    assert mailbox.normalise(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "anna",
        "anna@",
        "@example.com",
        "anna@example",
        "anna@@example.com",
        "anna@b@example.com",
        "an na@example.com",
        "anna@exa mple.com",
        ".anna@example.com",
        "anna.@example.com",
        "an..na@example.com",
        "anna@-example.com",
        "anna@example-.com",
        "anna@example..com",
        "anna@example.com.",
        "anna@[192.0.2.1]",
        "anna@192.0.2.1",
        '"anna"@example.com',
        "anna<x>@example.com",
        "anna@example.com\r\nBcc: all@example.com",
        "anna\r\nBcc:all@example.com",
        "anna@example.com\0",
        "änna@example.com",
        "anna@exa_mple.com",
        f"{'a' * 65}@example.com",
        f"anna@{'a' * 64}.com",
        f"anna@{'a.' * 130}com",
        "anna@\ud800.com",
        "anna@xn--.com\u0301",
    ],
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(Invalid) as refused:
        mailbox.normalise(text)

    assert refused.value.field == "email"


@given(st.text(max_size=80) | st.from_regex(r"\A.{1,20}@.{1,30}\Z"))
def test_whatever_is_taken_is_ascii_and_stays_as_it_is(text: str):
    try:
        stored = mailbox.normalise(text)
    except Invalid:
        return

    assert stored.isascii()
    assert stored.isprintable()
    assert " " not in stored
    assert mailbox.normalise(stored) == stored
