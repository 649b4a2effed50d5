"""Byte ranges: what part of an object a ``Range`` header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII)


class NotSatisfiable(Exception):
    """The range lies outside the object: status 416."""


@dataclass(frozen=True)
class Span:
    """The bytes ``[start, end)`` of an object of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        """The value of the ``Content-Range`` header."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def parse(header: str | None, size: int) -> Span | None:
    """Return the span that a ``Range`` header asks for, or None if the whole object is to be sent.

    A header that is absent, malformed, in another unit or with several ranges is ignored, as the standard allows.

    Raises
    ------
    NotSatisfiable
        If no byte of the object lies in the range.

    Examples
    --------
    >>> parse("bytes=2-5", 10)
    Span(start=2, end=6, size=10)
    >>> parse("bytes=-3", 10)
    Span(start=7, end=10, size=10)
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), size
        if last:
            if int(last) < start:
                return None
            end = min(size, int(last) + 1)
    if start >= end:
        raise NotSatisfiable
    return Span(start, end, size)
