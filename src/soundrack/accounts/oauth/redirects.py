"""Redirect URIs: which may be registered, and which of those that are asked for are one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from soundrack.errors import Invalid

MOST = 10
_MOST_CHARACTERS = 2000
# RFC 3986 without the delimiters that no part of a URI holds, and without the fragment's
_URI = re.compile(r"https?://[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ANY_PORT = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?([/?].*)?")


def require(uri: str) -> str:
    """Return a URI that an application may register.

    ``https`` with a host name, or ``http`` on this machine's loopback for an application that runs there (RFC 8252,
    7.3). No fragment (RFC 6749, 3.1.2), no user name, no pattern: what is registered is compared character by
    character.

    Raises
    ------
    Invalid
        If it is anything else.
    """
    if len(uri) > _MOST_CHARACTERS or not _URI.fullmatch(uri):
        raise _refusal(uri)
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal(uri) from None
    on_loopback = host in _LOOPBACK
    if (
        "@" in parts.netloc
        or parts.netloc != parts.netloc.lower()
        or port == 0
        or parts.netloc.endswith(":")
        or not (_HOST.fullmatch(host) or host == "::1")
        or (parts.scheme == "http" and not on_loopback)
    ):
        raise _refusal(uri)
    return uri


def match(registered: Iterable[str], asked: str) -> bool:
    """Return whether a URI is one of those registered, character by character (RFC 9700, 2.1).

    Only the port of ``http://127.0.0.1`` and ``http://[::1]`` may differ, since an application on somebody's machine
    takes whichever is free (RFC 8252, 7.3).
    """
    return any(uri == asked or _without_port(uri) == _without_port(asked) is not None for uri in registered)


def _without_port(uri: str) -> str | None:
    found = _ANY_PORT.fullmatch(uri)
    if found is None or int(found[2] or 80) > 65535:
        return None
    return f"{found[1]}{found[3] or ''}"


def _refusal(uri: str) -> Invalid:
    return Invalid(
        f"{uri[:100]!r} cannot be a redirect URI: give an https URL with a lower-case host and no fragment, or "
        "http://127.0.0.1 for an application that runs on its user's machine.",
        field="redirect_uris",
    )
