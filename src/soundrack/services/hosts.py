"""Services by the name of the host that a client calls: ``api.blacklab.studio`` is BlackLab, with no prefix.

So a client that was written for a service's own address needs a DNS entry or another base URL, and no other path. A
host that is listed serves its service and nothing else; pages, documentation and storage links live at the public URL.

Of a target in absolute form (RFC 9112, 3.2.2) the ASGI server hands on the path alone, so the Host header selects. Who
lets the two differ misleads nobody else: whatever is selected asks for its own credentials.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from starlette.types import Scope

from soundrack.errors import Malformed, NotConfigured
from soundrack.services.address import Proxies
from soundrack.settings import Settings

_LONGEST = 260
"""A name has at most 253 characters (RFC 1035, 2.3.4), a port 6 with its colon."""
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.ASCII)
_PORT = re.compile(r":[0-9]{0,5}", re.ASCII)


class Hosts:
    """Which mount a request's host selects.

    Parameters
    ----------
    mounts : mapping of str to str
        From a host, as `read` returns it, to a mount's path.
    """

    def __init__(self, mounts: Mapping[str, str], proxies: Proxies) -> None:
        self._mounts = dict(mounts)
        self._proxies = proxies

    @classmethod
    def of(cls, settings: Settings, mounts: Collection[str], proxies: Proxies) -> Self:
        """Read the setting `hosts`.

        Parameters
        ----------
        mounts : collection of str
            The paths of everything that is mounted.

        Raises
        ------
        NotConfigured
            If a part of it is not ``host=mount``, names nothing that is mounted, gives a host to two mounts, or takes
            that of the public URL away from what lives there.
        """
        found: dict[str, str] = {}
        public = urlsplit(settings.public_url).hostname or ""
        for part in filter(None, (part.strip() for part in settings.hosts.split(","))):
            written, equals, mount = (text.strip() for text in part.partition("="))
            host, path = _bare(written), f"/{mount.strip('/')}"
            if not equals or host is None:
                raise _wrong(f"{part[:80]!r} is not host=service, the host without scheme, port or path")
            if path not in mounts:
                known = ", ".join(sorted(one.strip("/") for one in mounts))
                raise _wrong(f"nothing is served under {mount[:40]!r}; there is: {known}")
            if found.setdefault(host, path) != path:
                raise _wrong(f"{host} is given to two services")
            if host == _bare(f"[{public}]" if ":" in public else public):
                raise _wrong(f"{host} is the host of the public URL, where pages and storage links live")
        return cls(found, proxies)

    def __bool__(self) -> bool:
        return bool(self._mounts)

    def mount(self, scope: Scope) -> str | None:
        """Return the path of the mount that a request's host selects; None if its path is to select.

        A trusted proxy may say in ``X-Forwarded-Host`` what host it was called by; of several the last one counts,
        since that is what it wrote itself.

        Raises
        ------
        Malformed
            If there are two Host headers, or one that is none (RFC 9112, 3.2). Who guesses what was meant can be made
            to guess something else than what stands in front of the server.
        """
        asked: list[bytes] = []
        forwarded = b""
        for name, value in scope["headers"]:
            if name == b"host":
                asked.append(value)
            elif name == b"x-forwarded-host":
                forwarded = value
        if len(asked) > 1:
            raise Malformed("Send one Host header, not several.")
        named = asked[0] if asked else b""
        if forwarded and self._proxies.vouches(scope):
            named = forwarded.rpartition(b",")[2].strip()
        if not named:
            return None
        host = read(named)
        if host is None:
            raise Malformed("The Host header names no host.")
        return self._mounts.get(host)


@lru_cache(maxsize=1024)
def read(header: bytes) -> str | None:
    """Return the host that a Host header names: in lower case, without its port, IPv6 in brackets; None if it is none.

    >>> read(b"API.blacklab.studio.:8443")
    'api.blacklab.studio'
    >>> read(b"[2001:DB8:0::1]:80")
    '[2001:db8::1]'
    """
    if len(header) > _LONGEST:
        return None
    text = header.decode("latin-1")
    end = text.find("]") + 1 if text.startswith("[") else text.find(":")
    host, port = (text, "") if end < 0 else (text[:end], text[end:])
    if port and (_PORT.fullmatch(port) is None or int(port[1:] or "0") > 65_535):
        return None
    return _bare(host)


def _bare(text: str) -> str | None:
    """Return a host without a port in the one form in which it is compared."""
    if text.startswith("[") and text.endswith("]"):
        try:
            address = ip_address(text[1:-1])
        except ValueError:
            return None
        return f"[{address}]" if address.version == 6 and "%" not in text else None
    name = text.lower().removesuffix(".")
    return name if len(name) <= 253 and _NAME.fullmatch(name) else None


def _wrong(reason: str) -> NotConfigured:
    return NotConfigured(f"SOUNDRACK_HOSTS: {reason}.", field="hosts")
