"""Secrets that must be read back: encrypted where they are stored, bound to what they are for."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from soundrack.errors import Internal
from soundrack.secret import Secret

_FORM = "v1"
_NONCE_BYTES = 12


class Vault:
    """Seals short texts with AES-256-GCM (NIST SP 800-38D) under a key derived from the root secret."""

    def __init__(self, secret: Secret) -> None:
        self._cipher = AESGCM(secret.key("vault"))

    def seal(self, text: str, purpose: str) -> str:
        """Return `text` sealed: ``v1.`` and base 64 of nonce and ciphertext.

        Parameters
        ----------
        purpose : str
            What it is and whose (``signing secret whs_…``). It is authenticated, not stored: a sealed text that is
            moved to another row does not open there.
        """
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return f"{_FORM}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Return the text that was sealed for a purpose.

        Raises
        ------
        Internal
            If it was sealed under another root secret or for another purpose, or has been changed.
        """
        form, _, body = sealed.partition(".")
        try:
            if form != _FORM:
                raise ValueError(form)
            raw = base64.urlsafe_b64decode(body)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()).decode()
        except (ValueError, InvalidTag):
            raise Internal("A stored secret cannot be opened: was the root secret changed?") from None
