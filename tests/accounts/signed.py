"""Alerts as a partner signs them, and the file in which it publishes its keys."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BODY = b'[{"token":"some_token","type":"some_type","url":"some_url","source":"content"}]'
PRIVATE = ec.generate_private_key(ec.SECP256R1())


def pem(private: Any) -> str:
    text: bytes = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def published(path: Path, *entries: tuple[str, str, bool]) -> Path:
    listed = [{"key_identifier": name, "key": key, "is_current": current} for name, key, current in entries]
    path.write_text(json.dumps({"public_keys": listed}))
    return path


def signature(body: bytes = BODY, private: ec.EllipticCurvePrivateKey = PRIVATE, digest: Any = None) -> str:
    return base64.b64encode(private.sign(body, ec.ECDSA(digest or SHA256()))).decode()
