"""Signed links: one method on one object until one moment.

A link says all that the server will allow (method, object, expiry, and for an upload the exact size and type), and an
HMAC-SHA-256 over all of it makes it impossible to guess or to change.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import quote, urlencode

from soundrack import clock
from soundrack.errors import NotAllowed
from soundrack.secret import Secret


@dataclass(frozen=True)
class Upload:
    """What one upload link allows: this object, this size, this type."""

    key: str
    size_bytes: int
    content_type: str
    expires_at: datetime


@dataclass(frozen=True)
class Download:
    """What one download link allows: reading this object."""

    key: str
    expires_at: datetime
    filename: str = ""
    """What it is to be called; empty: as its key says."""


class Links:
    """Makes links and checks them.

    Parameters
    ----------
    base_url : str
        URL of the storage door, without a slash at its end.
    """

    def __init__(self, secret: Secret, base_url: str) -> None:
        self._secret = secret
        self.base_url = base_url

    def upload(self, key: str, size_bytes: int, content_type: str, life: timedelta) -> tuple[str, datetime]:
        """Return a link for one PUT, and when it expires."""
        expires_at = _whole_seconds(clock.now() + life)
        terms = _Terms("PUT", key, int(expires_at.timestamp()), size_bytes, content_type)
        query = {"expires": terms.expires, "size": size_bytes, "type": content_type, "signature": self._sign(terms)}
        return f"{self.base_url}/{quote(key)}?{urlencode(query)}", expires_at

    def download(self, key: str, expires_at: datetime, *, filename: str = "") -> str:
        """Return a link for GET and HEAD until a moment; `filename` is what the file is called where it arrives."""
        terms = _Terms("GET", key, int(expires_at.timestamp()), filename=filename)
        name = f"&filename={quote(filename, safe='')}" if filename else ""
        return f"{self.base_url}/{quote(key)}?expires={terms.expires}{name}&signature={self._sign(terms)}"

    def check_upload(self, key: str, query: Mapping[str, str]) -> Upload:
        """Return what an upload link allows.

        Raises
        ------
        NotAllowed
            If it has expired or was not made here.
        """
        terms = _Terms.read("PUT", key, query)
        expires_at = self._check(terms, query)
        return Upload(key, terms.size_bytes, terms.content_type, expires_at)

    def check_download(self, key: str, query: Mapping[str, str]) -> Download:
        """Return what a download link allows.

        Raises
        ------
        NotAllowed
            If it has expired or was not made here.
        """
        terms = _Terms.read("GET", key, query)
        return Download(key, self._check(terms, query), terms.filename)

    def _sign(self, terms: _Terms) -> str:
        return self._secret.digest("signed links", terms.signed())

    def _check(self, terms: _Terms, query: Mapping[str, str]) -> datetime:
        if not hmac.compare_digest(self._sign(terms).encode(), query.get("signature", "").encode()):
            raise NotAllowed("The link's signature is not valid.")
        expires_at = datetime.fromtimestamp(terms.expires, tz=clock.now().tzinfo)
        if expires_at <= clock.now():
            raise NotAllowed("The link has expired.")
        return expires_at


@dataclass(frozen=True)
class _Terms:
    method: str
    key: str
    expires: int
    size_bytes: int = 0
    content_type: str = ""
    filename: str = ""

    @classmethod
    def read(cls, method: str, key: str, query: Mapping[str, str]) -> Self:
        try:
            return cls(
                method,
                key,
                int(query["expires"]),
                int(query.get("size", "0")),
                query.get("type", ""),
                query.get("filename", ""),
            )
        except (KeyError, ValueError):
            raise NotAllowed("The link is not complete.") from None

    def signed(self) -> str:
        fields = [self.method, self.key, str(self.expires), str(self.size_bytes), self.content_type]
        if self.filename:
            fields.append(self.filename)
        return "\n".join(fields)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
