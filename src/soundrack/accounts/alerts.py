"""Signed alerts of leaked keys, in the form in which GitHub's secret scanning posts them to its partners.

The body is a JSON array of ``{"token", "type", "url", "source"}``. One header names the key that signed it, another
holds the signature over its bytes: ECDSA on P-256 with SHA-256, ASN.1 DER, in base 64.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from soundrack.accounts import formats
from soundrack.accounts.leaks import Match
from soundrack.errors import Invalid, Malformed, NotAuthenticated, NotConfigured, TooLarge

IDENTIFIER_HEADER = "Github-Public-Key-Identifier"
SIGNATURE_HEADER = "Github-Public-Key-Signature"
BODY_BYTES = 1024 * 1024
MOST_MATCHES = 1000


def verify(path: Path, identifier: str, signature: str, body: bytes) -> None:
    """Check that an alert comes from a holder of one of the operator's chosen keys.

    The file is read each time, so that a job that fetches it anew needs no restart. It has the form in which the
    keys are published: ``{"public_keys": [{"key_identifier", "key", "is_current"}]}``; a key that is not current
    verifies nothing.

    Raises
    ------
    NotAuthenticated
        If the key is unknown or not current, or the signature does not fit the body. Which of them is not said.
    NotConfigured
        If the file cannot be used.
    """
    key = _current(path).get(identifier)
    try:
        if key is None:
            raise InvalidSignature
        signed = base64.b64decode(signature, validate=True)
        if base64.b64encode(signed).decode() != signature:
            raise InvalidSignature  # one signature has one spelling
        key.verify(signed, body, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise NotAuthenticated("The alert is not signed by a key that is known here.") from None


def parse(body: bytes) -> list[Match]:
    """Return the matches of an alert.

    Raises
    ------
    Malformed
        If it is not JSON.
    Invalid
        If it is no array of matches.
    TooLarge
        If there are more than 1000.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The alert is not valid JSON.") from None
    if not isinstance(content, list):
        raise Invalid("An alert is an array of matches.")
    if len(content) > MOST_MATCHES:
        raise TooLarge(f"An alert holds at most {MOST_MATCHES} matches.")
    return [_match(entry) for entry in content]


def verdicts(matches: list[Match], are_keys: list[bool]) -> list[dict[str, str]]:
    """Return the answer to an alert: each token as its SHA-256, with its type and whether it is a key of ours.

    Of what has the form of another secret nothing is said, since only keys are looked for.
    """
    return [
        {
            "token_hash": sha256(match.token.encode(errors="surrogatepass")).hexdigest(),
            "token_type": match.type,
            "label": "true_positive" if is_key else "false_positive",
        }
        for match, is_key in zip(matches, are_keys, strict=True)
        if not any(form.plausible(match.token) for form in formats.OTHERS)
    ]


def _match(entry: Any) -> Match:
    if not isinstance(entry, dict):
        raise Invalid("A match is an object.")
    return Match(
        token=_text(entry, "token"),
        type=_text(entry, "type"),
        url=_text(entry, "url", ""),
        source=_text(entry, "source", ""),
    )


def _text(entry: dict[str, Any], name: str, default: str | None = None) -> str:
    value = entry.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise Invalid(f"The {name} of a match must be text.", field=name)
    return value


def _current(path: Path) -> dict[str, ec.EllipticCurvePublicKey]:
    try:
        content = json.loads(path.read_bytes())
        entries = [entry for entry in content["public_keys"] if entry["is_current"] is True]
        return {str(entry["key_identifier"]): _p256(entry["key"]) for entry in entries}
    except OSError as error:
        raise NotConfigured(f"The file of alert keys cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, RecursionError, UnsupportedAlgorithm) as error:
        raise NotConfigured(f"The file of alert keys is not in the published form ({type(error).__name__}).") from None


def _p256(pem: Any) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(str(pem).encode())
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("alerts are signed with ECDSA on P-256")
    return key
