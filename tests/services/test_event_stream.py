"""Events as they go over the wire, read back as a browser reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.services import event_stream


def read(block: bytes) -> dict[str, str]:
    """Return an event's fields (HTML Living Standard, 9.2.6); several lines of data are joined."""
    assert block.endswith(b"\n\n")
    found: dict[str, str] = {}
    for line in block.decode().split("\n")[:-2]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


@given(data=st.text(), event_id=st.none() | st.integers(0, 10**9))
def test_whatever_the_data_one_event_is_read_back(data: str, event_id: int | None):
    block = event_stream.event("note", data.encode(), event_id)

    lines = data.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    expected = {"event": "note", "data": lines}
    assert read(block) == expected | ({} if event_id is None else {"id": str(event_id)})


def test_a_comment_is_no_event():
    assert event_stream.SILENT.startswith(b":")
    assert event_stream.SILENT.endswith(b"\n\n")


def test_how_long_to_wait_is_told_in_milliseconds_with_an_event():
    assert read(event_stream.retry(2000) + event_stream.event("note", b"1")) == {
        "retry": "2000",
        "event": "note",
        "data": "1",
    }


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], None),
        ([(b"last-event-id", b"7")], "7"),
        ([(b"last-event-id", b"7"), (b"last-event-id", b"8")], "8"),
        ([(b"last-event-id", b"\xff")], "\xff"),
    ],
)
def test_the_last_event_is_what_the_client_says_it_is(headers: list[tuple[bytes, bytes]], said: str | None):
    assert event_stream.last_event_id({"type": "http", "headers": headers}) == said
