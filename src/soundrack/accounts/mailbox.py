"""Mail addresses, in the one form in which they are stored and compared."""

from __future__ import annotations

import re

import idna

from soundrack.errors import Invalid

_MOST_CHARACTERS = 254
_MOST_LOCAL_CHARACTERS = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]|localhost")
_FORM = "A mail address looks like name@example.com."


def normalise(text: str) -> str:
    """Return a mail address as it is stored: without space around it, in lower case, its domain in ASCII.

    Taken is RFC 5321's ``Dot-string "@" Domain`` of at most 64 characters before and 254 in all, with a name of a
    host on the internet or ``localhost`` behind it; the domain may be international (IDNA 2008, UTS 46). Quoted names,
    address literals and names beyond ASCII are not taken: hardly a server delivers to them.

    Raises
    ------
    Invalid
        If it is anything else.

    >>> normalise(" Anna@Bücher.example ")
    'anna@xn--bcher-kva.example'
    """
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or len(local) > _MOST_LOCAL_CHARACTERS or not _LOCAL.fullmatch(local):
        raise Invalid(_FORM, field="email")
    address = f"{local}@{_ascii(domain)}"
    if len(address) > _MOST_CHARACTERS:
        raise Invalid(f"A mail address has at most {_MOST_CHARACTERS} characters.", field="email")
    return address


def _ascii(domain: str) -> str:
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            raise Invalid(_FORM, field="email") from None
    if not _DOMAIN.fullmatch(domain):
        raise Invalid(_FORM, field="email")
    return domain
