"""The name that a sender gives to a file, made harmless."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote

MOST_CHARACTERS = 120

_SEPARATORS = re.compile(r"[/\\]")
_LONGEST_ENDING = 10


def name_of(disposition: str | None, path: str) -> str | None:
    """Return a file's name from its ``Content-Disposition`` (RFC 6266) or the last part of its URL's path.

    It is for showing and for its ending, never for opening: no separators, no control or direction characters, at most
    120 characters, of which the ending is kept. None if nothing is left.

    >>> name_of('attachment; filename="../../song.wav"', "/download?id=7")
    'song.wav'
    >>> name_of(None, "/mixes/My%20Song.flac?signature=x")
    'My Song.flac'
    """
    return _harmless(_given(disposition or "")) or _harmless(unquote(path.partition("?")[0]))


def _given(disposition: str) -> str:
    message = Message()
    message["Content-Disposition"] = _printable(disposition)
    try:
        names = [value for name, value in message.get_params([], "Content-Disposition") if name.lower() == "filename"]
        # ``filename*`` comes as a tuple and is preferred (RFC 6266 section 4.3)
        names.sort(key=lambda name: isinstance(name, str))
        return collapse_rfc2231_value(names[0]) if names else ""
    except (ValueError, LookupError, TypeError):  # RFC 2231 leaves a hostile header many ways to fail
        return ""


def _harmless(text: str) -> str | None:
    name = _printable(_SEPARATORS.split(text)[-1]).strip()
    if not name.strip("."):
        return None
    if len(name) <= MOST_CHARACTERS:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = dot + ending if stem and len(ending) <= _LONGEST_ENDING else ""
    return name[: MOST_CHARACTERS - len(kept)] + kept


def _printable(text: str) -> str:
    """Without what is no character to see: controls, directions, surrogates, line separators."""
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
