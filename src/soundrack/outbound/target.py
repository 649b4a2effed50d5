"""A user's URL, read once and strictly, so that nobody after us reads it otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote

from yarl import URL

from soundrack.errors import Invalid
from soundrack.outbound.networks import Address

MOST_CHARACTERS = 8192
"""Longest URL: links signed with a session's token take about 2,000 characters."""

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^/?#@:%\\\[\]\s]+))"
    r"(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<rest>(?:[/?][^#]*)?)(?:#.*)?",
    re.IGNORECASE | re.DOTALL | re.ASCII,  # without ASCII, a long s would make a scheme of httpſ
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_AS_WRITTEN = "%/:?#[]@!$&'()*+,;=-._~"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """Where a URL leads, before anything is resolved."""

    scheme: str
    host: str
    """A name in lower-case ASCII, or an address in its shortest form, without brackets."""
    port: int
    address: Address | None
    """The address, if the host is one."""
    path: str
    """Path and query, byte for byte as they were given, for their signature's sake."""

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port: all of a URL that may be written into a log."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @cached_property
    def authority(self) -> str:
        """Host, and port unless it is the scheme's own, as in a URL or a ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> URL:
        """The URL to request."""
        return URL(f"{self.scheme}://{self.authority}{self.path}", encoded=True)


def read(text: str, field: str | None = None) -> Target:
    """Read a URL.

    It is ``http`` or ``https``, at most 8,192 characters, without credentials, control characters or a zone. An
    international name is put into ASCII (UTS 46); what comes out is judged, so full-width digits are digits. A host
    whose last label is a number is an IPv4 address in four decimal parts and nothing else, as in the WHATWG's URL
    standard but without its octal, hexadecimal and shortened forms, which resolvers read differently. A name has no
    dot at its end.

    Raises
    ------
    Invalid
        If it is none of that. The message does not repeat the URL.
    """
    if len(text) > MOST_CHARACTERS:
        raise Invalid(f"The URL is longer than {MOST_CHARACTERS} characters.", field=field)
    found = None if _CONTROL.search(text) else _URL.fullmatch(text)
    if found is None:
        raise Invalid("Not an absolute http or https URL of a host without credentials.", field=field)
    scheme = found["scheme"].lower()
    host, address = _literal(found["v6"], field) if found["v6"] else _host(found["name"], field)
    rest = quote(found["rest"], safe=_AS_WRITTEN)
    return Target(
        scheme=scheme,
        host=host,
        port=int(found["port"] or _PORTS[scheme]),
        address=address,
        path=rest if rest.startswith("/") else f"/{rest}",
    )


def _host(given: str, field: str | None) -> tuple[str, Address | None]:
    try:
        name = (given if given.isascii() else URL(f"http://{given}/").raw_host or "").lower()
    except ValueError:
        raise Invalid("The URL's host is not a valid name.", field=field) from None
    if _NUMBER.fullmatch(name):
        return _literal(name, field)
    if not _NAME.fullmatch(name):
        raise Invalid("The URL's host is not a valid name.", field=field)
    return name, None


def _literal(given: str, field: str | None) -> tuple[str, Address]:
    try:
        address = ip_address(given)
    except ValueError:
        raise Invalid("The URL's host is a number, but not an address in its usual form.", field=field) from None
    return address.compressed if isinstance(address, IPv6Address) else str(address), address
