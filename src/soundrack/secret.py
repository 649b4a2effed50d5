"""The root secret, from which every other key of the house is derived."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

from soundrack.errors import NotConfigured
from soundrack.settings import Settings

_FILE = "secret"
_LEAST_CHARACTERS = 32
_BLOCK_BYTES = 64
_Hash = Any  # hashlib does not name the type of what it makes


class Secret:
    """Derives one key a purpose from the root secret, so that a leak of one says nothing of the others."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._keys: dict[str, bytes] = {}
        self._begun: dict[str, tuple[_Hash, _Hash]] = {}

    def key(self, purpose: str) -> bytes:
        """Return the 32-byte key of a purpose: HMAC-SHA-256 of its name under the root secret."""
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = hmac.digest(self._root, purpose.encode(), hashlib.sha256)
        return key

    def digest(self, purpose: str, text: str) -> str:
        """Return the HMAC-SHA-256 of a text under the key of a purpose, in hexadecimal; any text may be given.

        The key's part of both hashes (RFC 2104, 2) is taken once: it is half of the work on a text as short as a token,
        and one of these is computed for each request.
        """
        begun = self._begun.get(purpose) or self._begin(purpose)
        inner, outer = begun[0].copy(), begun[1].copy()
        inner.update(text.encode(errors="surrogatepass"))
        outer.update(inner.digest())
        digest: str = outer.hexdigest()
        return digest

    def _begin(self, purpose: str) -> tuple[_Hash, _Hash]:
        padded = self.key(purpose).ljust(_BLOCK_BYTES, b"\0")
        inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))
        self._begun[purpose] = inner, outer
        return inner, outer

    def __repr__(self) -> str:
        return "Secret(...)"


def load(settings: Settings) -> Secret:
    """Return the configured secret, or that of the data folder, which is made on first use (mode 600).

    Raises
    ------
    NotConfigured
        If the configured secret is shorter than 32 characters.
    """
    if settings.secret is not None:
        text = settings.secret.get_secret_value()
        if len(text) < _LEAST_CHARACTERS:
            raise NotConfigured(f"SOUNDRACK_SECRET must have at least {_LEAST_CHARACTERS} characters.", field="secret")
        return Secret(text.encode())
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Secret(_read_or_make(settings.data / _FILE))


def _read_or_make(path: Path) -> bytes:
    """The file appears whole or not at all: of two processes that start at once, the second reads the first's."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip().encode()
