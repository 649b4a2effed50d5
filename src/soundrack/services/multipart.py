"""``multipart/form-data`` as it arrives (RFC 7578): part by part, each a stream, none ever whole in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from enum import Enum, auto

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from soundrack.errors import Invalid, Malformed
from soundrack.outbound import filename as filenames

CONTENT_TYPE = "Content-Type"
MOST_PARTS = 100
MOST_HEADERS = 8
MOST_HEADER_BYTES = 4096
MOST_TEXT_BYTES = 16 * 1024

_LONGEST_BOUNDARY = 70
"""RFC 2046, 5.1.1."""
_AS_IT_IS = {b"", b"7bit", b"8bit", b"binary"}
"""Other transfer encodings nobody sends any more (RFC 7578, 4.7), and they would not be undone here."""


class Part:
    """One part of a form, to be read until the next one is asked for.

    Parameters
    ----------
    name : str
        The field's.
    filename : str, optional
        What the sender calls the file, made harmless; None if there is no name that could be shown.
    """

    def __init__(self, name: str, filename: str | None, pieces: AsyncIterator[bytes]) -> None:
        self.name = name
        self.filename = filename
        self._pieces = pieces

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield its bytes, once."""
        return self._pieces

    async def text(self) -> str:
        """Return what it says.

        Raises
        ------
        Invalid
            If it is longer than `MOST_TEXT_BYTES`, not UTF-8, or holds U+0000.
        """
        content = b""
        async for chunk in self._pieces:
            content += chunk
            if len(content) > MOST_TEXT_BYTES:
                raise Invalid(f"{self.name} is longer than {MOST_TEXT_BYTES} bytes.", field=self.name)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise Invalid(f"{self.name} is not UTF-8.", field=self.name) from None
        if "\0" in text:
            raise Invalid(f"{self.name} may not hold the character U+0000.", field=self.name)
        return text


async def parts(body: AsyncIterator[bytes], content_type: str) -> AsyncIterator[Part]:
    """Yield each part of a form, and read the body to its end.

    Parameters
    ----------
    body : async iterator of bytes
        However it is cut into pieces. What it raises goes through.
    content_type : str
        The request's ``Content-Type``.

    Raises
    ------
    Malformed
        If it is not ``multipart/form-data``, not formed as that should be, ends before its last boundary, or has more
        than `MOST_PARTS`; `field` is ``Content-Type`` if that is at fault.
    """
    reader = _Reader(body, _boundary(content_type))
    while (heard := await reader.next()) is not None:
        if isinstance(heard, _Head):
            yield Part(*heard.named(), reader.rest_of_part())
    async for _ in body:  # what stands behind the last boundary says nothing (RFC 2046, 5.1.1)
        pass


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise Malformed("The body is not multipart/form-data.", field=CONTENT_TYPE)
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
        raise Malformed("The Content-Type has no boundary, or one that is too long.", field=CONTENT_TYPE)
    return boundary


class _Head:
    """The headers of a part."""

    def __init__(self) -> None:
        self.fields: list[tuple[bytearray, bytearray]] = []

    def named(self) -> tuple[str, str | None]:
        """Return the names of field and file."""
        disposition = self._one(b"content-disposition")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise Malformed("A part has no name.")
        if self._one(b"content-transfer-encoding").strip().lower() not in _AS_IT_IS:
            raise Malformed("A part comes in a transfer encoding, which no form has.")
        name = options[b"name"].decode("utf-8", "replace")
        return name, filenames.name_of(disposition.decode("utf-8", "replace"), "/")

    def _one(self, name: bytes) -> bytes:
        found = [bytes(value) for its_name, value in self.fields if its_name.lower() == name]
        if len(found) > 1:
            raise Malformed("A part has a header twice.")
        return found[0] if found else b""


class _End(Enum):
    """Where a part ends."""

    PART = auto()


_Heard = _Head | bytearray | _End


class _Reader:
    """Turns round the parser, which tells what it finds, into something that can be asked."""

    def __init__(self, body: AsyncIterator[bytes], boundary: bytes) -> None:
        self._body = body
        self._heard: deque[_Heard] = deque()
        self._head = _Head()
        self._count = 0
        self._is_over = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._header_begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_headers_finished": lambda: self._heard.append(self._head),
                "on_part_data": self._data,
                "on_part_end": lambda: self._heard.append(_End.PART),
                "on_end": self._over,
            },
            max_header_count=MOST_HEADERS,
            max_header_size=MOST_HEADER_BYTES,
        )

    async def next(self) -> _Heard | None:
        """Return what comes next; None once everything has."""
        while not self._heard:
            if self._is_over:
                return None
            chunk = await anext(self._body, None)
            if chunk is None:
                raise Malformed("The body ends before its last boundary.")
            try:
                self._parser.write(chunk)
            except FormParserError:
                raise Malformed("The body is not formed as multipart/form-data is.") from None
        return self._heard.popleft()

    async def rest_of_part(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the part whose head was returned last."""
        while isinstance(heard := await self.next(), bytearray):
            yield bytes(heard)

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise Malformed(f"The body has more than {MOST_PARTS} parts.")
        self._head = _Head()

    def _header_begin(self) -> None:
        self._head.fields.append((bytearray(), bytearray()))

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._head.fields[-1][0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._head.fields[-1][1].extend(data[start:end])

    def _data(self, data: bytes, start: int, end: int) -> None:
        """What looks like the beginning of a boundary comes in crumbs, of which each would be a step of its own."""
        last = self._heard[-1] if self._heard else None
        if isinstance(last, bytearray):
            last += data[start:end]
        elif end > start:
            self._heard.append(bytearray(data[start:end]))

    def _over(self) -> None:
        self._is_over = True
