"""``multipart/form-data`` as it arrives, against the standard library's own maker of it, and against hostile bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from email.message import EmailMessage
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.errors import Invalid, Malformed
from soundrack.services import multipart

BOUNDARY = "here"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()
CONTENT = st.binary(max_size=200).filter(lambda content: b"--here" not in content)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters='"\\\r\n'), min_size=1)


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + content + b"\r\n"


async def cut(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def read(pieces: Iterable[bytes], content_type: str = TYPE) -> list[tuple[str, str | None, bytes]]:
    async def run() -> list[tuple[str, str | None, bytes]]:
        return [
            (one.name, one.filename, b"".join([chunk async for chunk in one.chunks()]))
            async for one in multipart.parts(cut(pieces), content_type)
        ]

    return asyncio.run(run())


def text(content: bytes) -> str:
    async def run() -> str:
        async for one in multipart.parts(cut([part("a", content) + END]), TYPE):
            return await one.text()
        raise AssertionError("there is a part")

    return asyncio.run(run())


@settings(deadline=None)
@given(
    st.lists(st.tuples(NAMES, CONTENT), max_size=5), st.lists(st.integers(0, 2000), max_size=8), st.binary(max_size=9)
)
def test_parts_come_back_as_they_were_sent_however_the_body_is_cut(
    fields: list[tuple[str, bytes]], places: list[int], behind: bytes
):
    body = b"".join(part(name, content) for name, content in fields) + END + behind
    if not fields:
        body = b""
    edges = [0, *sorted(min(place, len(body)) for place in places), len(body)]
    pieces = [body[start:end] for start, end in pairwise(edges) if end > start]
    if not fields:
        with pytest.raises(Malformed):
            read(pieces)
        return

    assert [(name, content) for name, _, content in read(pieces)] == fields


def test_a_body_of_single_bytes_is_read():
    body = part("file", b"\r\n--her\r\n-- here", "노래.wav") + part("a", b"b") + END

    assert read(body[at : at + 1] for at in range(len(body))) == [
        ("file", "노래.wav", b"\r\n--her\r\n-- here"),
        ("a", None, b"b"),
    ]


def test_parts_that_are_not_read_are_passed_over():
    body = part("a", bytes(100_000), "x") + part("b", b"2") + END

    async def names() -> list[str]:
        return [one.name async for one in multipart.parts(cut([body[:500], body[500:]]), TYPE)]

    assert asyncio.run(names()) == ["a", "b"]


def test_what_the_standard_library_makes_of_a_quoted_name_is_understood():
    message = EmailMessage()
    message.add_header("Content-Disposition", "form-data", name="file", filename="a song.wav")
    head = f"--{BOUNDARY}\r\nContent-Disposition: {message['Content-Disposition']}\r\n\r\n".encode()

    assert read([head + b"x\r\n" + END]) == [("file", "a song.wav", b"x")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--here",
        b"here\r\n",
        part("a", b"b"),
        part("a", b"b") + b"--here-",
        part("a", b"b")[:-10],
        b"--there\r\n\r\n",
        part("a", b"b").replace(b'name="a"', b"") + END,
        part("a", b"b").replace(b"form-data", b"attachment") + END,
        part("a", b"b").replace(b"Content-Disposition", b"Content Disposition") + END,
        part("a", b"b").replace(b"\r\n\r\n", b"\r\nContent-Disposition: form-data; name=c\r\n\r\n") + END,
        part("a", b"b").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n") + END,
        part("a" * multipart.MOST_HEADER_BYTES, b"b") + END,
        part("a", b"b").replace(b"\r\n\r\n", b"\r\nX: y" * multipart.MOST_HEADERS + b"\r\n\r\n") + END,
        part("a", b"") * (multipart.MOST_PARTS + 1) + END,
    ],
)
def test_a_body_that_is_not_well_formed_is_refused(body: bytes):
    for pieces in ([body], [body[at : at + 1] for at in range(len(body))]):
        with pytest.raises(Malformed):
            read(pieces)


@pytest.mark.parametrize(
    "content_type",
    [
        "", "application/json", "multipart/mixed; boundary=here", "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={71 * 'b'}",
    ],
)  # fmt: skip
def test_another_content_type_is_refused_by_name(content_type: str):
    with pytest.raises(Malformed) as refused:
        read([part("a", b"b") + END], content_type)

    assert refused.value.field == "Content-Type"


def test_as_many_parts_as_are_allowed_are_read():
    assert len(read([part("a", b"") * multipart.MOST_PARTS + END])) == multipart.MOST_PARTS


def test_text_is_utf_8_of_a_bounded_length():
    assert text("멜론".encode()) == "멜론"
    assert len(text(b"a" * multipart.MOST_TEXT_BYTES)) == multipart.MOST_TEXT_BYTES
    for content in (b"a" * (multipart.MOST_TEXT_BYTES + 1), b"\xff", b"a\0b"):
        with pytest.raises(Invalid) as refused:
            text(content)
        assert refused.value.field == "a"


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=100), max_size=5))
def test_any_bytes_are_read_or_refused(pieces: list[bytes]):
    try:
        read([b"--here\r\n", *pieces])
    except Malformed:
        return
