"""In which of two languages a caller is answered."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from starlette.requests import Request

HEADER = "Accept-Language"

_RANGE = re.compile(r"(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=([01](?:\.[0-9]{0,3})?))?", re.ASCII)
_LONGEST = 500


class Language(StrEnum):
    """A language that there are words in."""

    KOREAN = "ko"
    ENGLISH = "en"


def wanted(request: Request, usual: Language) -> Language:
    """Return the language that a request asks for."""
    header = request.headers.get(HEADER)
    return preferred(header, usual) if header else usual


@lru_cache(maxsize=256)
def preferred(header: str, usual: Language) -> Language:
    """Return the language that an ``Accept-Language`` prefers (RFC 9110, 12.5.4; RFC 4647, 3.4).

    That with the highest quality; of two that are alike, the one that stands before the other. `usual` where neither is
    named, and where the header cannot be read.

    >>> preferred("fr, en-GB;q=0.8, ko;q=0.5", Language.KOREAN)
    <Language.ENGLISH: 'en'>
    >>> preferred("*", Language.KOREAN)
    <Language.KOREAN: 'ko'>
    """
    found: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(header[:_LONGEST].lower().split(",")):
        match = _RANGE.fullmatch(part.strip(" \t"))
        if match is not None:
            name = match[1].partition("-")[0]
            found[name] = max(found.get(name, (0.0, 0)), (min(1.0, float(match[2] or 1)), -place))
    anything = found.get("*", (0.0, 0))
    # what `*` stands for has no place of its own: the usual language then comes first
    ranked = {one: found.get(one.value, (anything[0], -_LONGEST - (one is not usual))) for one in Language}
    best = max(ranked, key=lambda one: ranked[one])
    return best if ranked[best][0] > 0 else usual
