"""Ids and tokens in the forms that the five services show."""

from __future__ import annotations

import base64
import secrets
import string
import time
import uuid
import zlib

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TWO_DIGITS = [first + second for first in BASE62 for second in BASE62]
_BASE36 = string.digits + string.ascii_lowercase
CHECKSUM_CHARACTERS = 6
SIGNING_SECRET_PREFIX = "whsec_"  # noqa: S105  a prefix, no secret
_SIGNING_SECRET_BYTES = 32
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ULID_CHARACTERS = 26
_ULID_RANDOM_BITS = 80


def short(prefix: str, length: int = 12) -> str:
    """Return `prefix` and `length` random characters of ``[a-z0-9]``."""
    return prefix + "".join(secrets.choice(_BASE36) for _ in range(length))


def uuid4() -> str:
    """Return a random UUID in its usual form (RFC 9562, 5.4)."""
    return str(uuid.uuid4())


def ulid(prefix: str) -> str:
    """Return `prefix` and a ULID in lower case: milliseconds since 1970 in 48 bits, then 80 random ones, in base 32.

    Those that are made later sort later, to the millisecond. The alphabet is Crockford's, without i, l, o and u.
    """
    number = time.time_ns() // 1_000_000 << _ULID_RANDOM_BITS | secrets.randbits(_ULID_RANDOM_BITS)
    return prefix + "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_ULID_CHARACTERS)))


def key(prefix: str, length: int = 32) -> str:
    """Return an API key: `prefix`, random base 62, and a checksum by which a scanner knows a real key offline.

    The last 6 characters are the CRC-32 of all before them, in base 62, most significant digit first.
    """
    body = prefix + "".join(secrets.choice(BASE62) for _ in range(length - CHECKSUM_CHARACTERS))
    return body + checksum(body)


def checksum(body: str) -> str:
    """Return the CRC-32 of an ASCII text as 6 base 62 digits.

    >>> checksum("sk_live_00000000000000000000000000")
    '1oP3jt'
    """
    high, low = divmod(zlib.crc32(body.encode()), len(_TWO_DIGITS))
    high, middle = divmod(high, len(_TWO_DIGITS))
    return _TWO_DIGITS[high] + _TWO_DIGITS[middle] + _TWO_DIGITS[low]


def signing_secret() -> str:
    """Return a new secret to sign webhooks with: ``whsec_`` and base 64 of 32 random bytes (Standard Webhooks)."""
    return SIGNING_SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SIGNING_SECRET_BYTES)).decode()
