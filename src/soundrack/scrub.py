"""The last line of defence of the logs: takes out of an event whatever looks like a secret.

Code does not log secrets. Should some do it all the same, or a library quote a URL, a header or a statement in its
error, nothing of it is written: tokens of every form that is given out here, credentials and queries of URLs, the
headers ``Authorization`` and ``Cookie``, parameters of SQL, and every value whose name says that it is secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

GONE = "…"
"""Stands where something was taken out."""

MOST_CHARACTERS = 4096
"""Of one value; a traceback may be longer."""

_DEEPEST = 5
_TRACEBACKS = frozenset({"exception", "stack"})
_SECRET_NAME = re.compile(r"passw|secret|token|authorization|cookie|signature|api_?key|totp|credential", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_CONTROL_AND_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # keys, OAuth tokens and codes, client secrets; shown are at most the four characters of a key that the lists show
    (re.compile(r"((?:sk_live|sk_test|aim_live|alp|spk|sat|srt|sac|scs)_)[0-9A-Za-z_-]{5,}"), rf"\1{GONE}"),
    (re.compile(r"(whsec_)(?:[0-9A-Za-z+/=_-]|%[0-9A-Fa-f]{2})+"), rf"\1{GONE}"),
    # what browsers, mails and invitations carry: 32 random bytes in base64url. No word of English or Python has 43
    # letters and a capital, digit or hyphen among them.
    (re.compile(r"(?<![0-9A-Za-z_-])(?=[a-z_]*[0-9A-Z-])[0-9A-Za-z_-]{43}(?![0-9A-Za-z_-])"), GONE),
    # URLs: user and password, then query and fragment
    (re.compile(r"(://)[^\s/?#@\"'<>]*@"), rf"\1{GONE}@"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s?#\"'<>]*)[?#][^\s\"'<>]+"), rf"\1?{GONE}"),
    (
        re.compile(
            r"(?i)([?&;](?:signature|sig|token|code|state|secret|password|[a-z_]*(?:_token|_secret|_key)|x-amz-[a-z-]+)=)"
            r"[^&;\s\"'<>]+"
        ),
        rf"\1{GONE}",
    ),
    # headers, also as Python shows them: (b'cookie', b'…')
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=,]\s*(?:b?['\"])?)[^'\"\r\n]+"),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)[0-9a-z._~+/=-]{6,}"), rf"\1{GONE}"),
    # SQLAlchemy
    (re.compile(r"(\[parameters: )[^\n]*"), rf"\1{GONE}]"),
)


def text(value: str) -> str:
    """Return a text without secrets; in time proportional to its length, whoever wrote it."""
    for pattern, instead in _PATTERNS:
        value = pattern.sub(instead, value)
    return value


def event(_logger: object, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return an event without secrets, of plain values, in which nobody's text begins a line or moves a cursor.

    A processor for structlog: the last before the renderer.
    """
    return {_name(name): _value(str(name), value, _DEEPEST) for name, value in event_dict.items()}


def _name(name: object) -> str:
    return _flat(text(str(name)))


def _value(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name in _TRACEBACKS:
        return _CONTROL.sub(_escaped, text(str(value)))
    if _SECRET_NAME.search(name):
        return GONE
    if isinstance(value, Mapping) and depth:
        return {_name(key): _value(str(key), inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_value("", inner, depth - 1) for inner in value]
    return _flat(text(value if isinstance(value, str) else _shown(value)))


def _shown(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("latin-1")
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  a log line must not fail for what it shows
        return f"<{type(value).__name__}>"


def _flat(line: str) -> str:
    short = line if len(line) <= MOST_CHARACTERS else line[:MOST_CHARACTERS] + GONE
    return _CONTROL_AND_LINES.sub(_escaped, short)


def _escaped(match: re.Match[str]) -> str:
    return repr(match[0])[1:-1]
