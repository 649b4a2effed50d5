"""A URL is read one way, and the library that sends the request reads it the same way."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.errors import Invalid
from soundrack.outbound import target

pieces = st.sampled_from([
    "http", "https", "://", ":", "/", "//", "\\", "@", "#", "?", "%", "%2F", "[", "]", "[::1]", "127.0.0.1", "0x7f",
    ".", "1", "80", "example.com", "localhost", "user", "ü", "１", "。", "ſ", "\t", " ", "\x00", "\u200b", "\u2044",
    "\u202e",
])  # fmt: skip


@given(st.one_of(st.lists(pieces, max_size=10).map("".join), st.text().map("http://example.com".__add__)))
def test_what_is_read_is_what_is_sent(text: str):
    try:
        read = target.read(text)
    except Invalid:
        return
    url = read.url

    assert (url.scheme, url.port) == (read.scheme, read.port)
    assert (url.raw_host or "").strip("[]") == read.host
    assert (url.raw_user, url.raw_password, url.raw_fragment) == (None, None, "")
    assert url.raw_path_qs == read.path or read.path.endswith("?")
    assert all(0x20 < ord(one) < 0x7F for one in str(url))
    assert target.read(str(url)).url == url


@given(st.ip_addresses())
def test_every_address_is_read_as_itself(address):
    host = f"[{address.exploded}]" if address.version == 6 else str(address)

    assert target.read(f"http://{host}:8080/").address == address


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("http://EXAMPLE.com", "example.com", "/"),
        ("http://münchen.example/", "xn--mnchen-3ya.example", "/"),
        ("http://example.com?a=b", "example.com", "/?a=b"),
        ("http://example.com/../a/./b", "example.com", "/../a/./b"),
        ("http://example.com/a%zz%2f+%2B;=&'", "example.com", "/a%zz%2f+%2B;=&'"),
        ('http://example.com/a b"<>^`{|}\\', "example.com", "/a%20b%22%3C%3E%5E%60%7B%7C%7D%5C"),
        ("http://example.com/@127.0.0.1", "example.com", "/@127.0.0.1"),
        ("http://example.com/#@127.0.0.1/", "example.com", "/"),
        ("http://[2606:4700::0:1]/", "2606:4700::1", "/"),
    ],
)
def test_host_and_path_are_read_as_browsers_do(text: str, host: str, path: str):
    read = target.read(text)

    assert (read.host, read.path) == (host, path)


def test_an_address_is_known_as_one():
    assert target.read("http://8.8.8.8/").address == ip_address("8.8.8.8")
    assert target.read("http://8.8.8.8.example/").address is None


def test_an_origin_has_no_path_and_no_query():
    assert target.read("https://[2606:4700::1]/a?b").origin == "https://[2606:4700::1]:443"
