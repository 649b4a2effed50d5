"""The forms of keys and other secrets: how they are made, known again without a database, and found in text.

A key is a prefix that says whose it is and 32 characters. Wherever the service's document leaves room, the last 6 of
them are the CRC-32 of all before them in base 62, so that a scanner knows a real key offline.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from functools import cached_property

from soundrack import ids
from soundrack.service import Service

_BASE64URL = ids.BASE62 + "-_"
_BASE36 = string.digits + string.ascii_lowercase
_HEX = string.digits + "abcdef"
_CLASSES = {ids.BASE62: "[0-9A-Za-z]", _BASE64URL: "[0-9A-Za-z_-]", _BASE36: "[0-9a-z]", _HEX: "[0-9a-f]"}
_SHOWN_CHARACTERS = 4


@dataclass(frozen=True)
class Format:
    """One form of key.

    Attributes
    ----------
    name : str
        What a scanner calls it: the ``type`` of an alert.
    service : Service, optional
        Where it works; none for what is made alike for all.
    prefix : str
        How it begins.
    minted : str
        Characters of which its body is made.
    accepted : str
        Characters that its document allows in the body.
    has_checksum : bool
        Whether the last 6 characters are a checksum. Where they are, nothing else is taken for a key.
    must_hold : str
        Characters of which a body that is made here holds one at least, which tells it from another service's
        with the same prefix; empty if nothing is needed.
    length : int
        Characters of the body.
    """

    name: str
    service: Service | None
    prefix: str
    minted: str = ids.BASE62
    accepted: str = ids.BASE62
    has_checksum: bool = True
    must_hold: str = ""
    length: int = 32

    @cached_property
    def regex(self) -> str:
        """The published regular expression: of the whole key, with nothing said of what stands around it."""
        return f"{self.prefix}{_CLASSES[self.accepted]}{{{self.length}}}"

    @property
    def characters(self) -> int:
        """Characters of the whole key."""
        return len(self.prefix) + self.length

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(self.regex)

    def mint(self) -> str:
        """Return a new key. Its randomness is at least 128 bits."""
        drawn = self.length - (ids.CHECKSUM_CHARACTERS if self.has_checksum else 0)
        while True:
            body = "".join(secrets.choice(self.minted) for _ in range(drawn))
            if not self.must_hold or any(character in body for character in self.must_hold):
                return self.prefix + body + (ids.checksum(self.prefix + body) if self.has_checksum else "")

    def has_look(self, text: str) -> bool:
        """Return whether a text matches the published regular expression; any text may be asked about."""
        return self._whole.fullmatch(text) is not None

    def plausible(self, text: str) -> bool:
        """Return whether a text can be a key of this form; any text may be asked about."""
        if not self.has_look(text):
            return False
        if self.must_hold and not any(character in text[len(self.prefix) :] for character in self.must_hold):
            return False
        return not self.has_checksum or text[-ids.CHECKSUM_CHARACTERS :] == ids.checksum(
            text[: -ids.CHECKSUM_CHARACTERS]
        )

    def could_be_minted(self, text: str) -> bool:
        """Return whether a plausible text is one that could have been made here, where a document allows others."""
        return all(character in self.minted for character in text[len(self.prefix) :])

    def shown(self, token: str) -> str:
        """Return how a key is called once it is hidden: its prefix and four characters."""
        return token[: len(self.prefix) + _SHOWN_CHARACTERS]


BLACKLAB = Format("soundrack_blacklab_key", Service.BLACKLAB, "sk_live_")
BLACKLAB_SANDBOX = Format("soundrack_blacklab_sandbox_key", Service.BLACKLAB, "sk_test_")
# The printed example of a Masterify key is 32 characters that are not hexadecimal; the document's words are "32 hex".
MASTERIFY = Format("soundrack_masterify_key", Service.MASTERIFY, "aim_live_", _HEX, _BASE36, has_checksum=False)
SIGNALKEY = Format("soundrack_signalkey_key", Service.SIGNALKEY, "sk_live_", _BASE64URL, _BASE64URL, must_hold="-_")
AUDIOLIB = Format("soundrack_audiolib_key", Service.AUDIOLIB, "alp_")
SOUNDPIECE = Format("soundrack_soundpiece_key", Service.SOUNDPIECE, "spk_")

KEYS = {
    Service.BLACKLAB: BLACKLAB,
    Service.MASTERIFY: MASTERIFY,
    Service.SIGNALKEY: SIGNALKEY,
    Service.AUDIOLIB: AUDIOLIB,
    Service.SOUNDPIECE: SOUNDPIECE,
}
"""The form of each service's keys."""

SANDBOXES = {Service.BLACKLAB: BLACKLAB_SANDBOX}
"""The form of the keys of those services' sandboxes that have one."""

ALL = (*KEYS.values(), *SANDBOXES.values())
"""Every form of key. No text is plausible in two of them."""


@dataclass(frozen=True)
class SigningSecretFormat:
    """The form of the secrets that sign webhooks, at every service (Standard Webhooks). `ids` makes them."""

    name: str = "soundrack_webhook_signing_secret"
    service: None = None
    prefix: str = ids.SIGNING_SECRET_PREFIX
    regex: str = ids.SIGNING_SECRET_PREFIX + "[0-9A-Za-z+/]{42}[048AEIMQUYcgkosw]="  # of 256 bits, 4 are in the last
    characters: int = len(ids.SIGNING_SECRET_PREFIX) + 44
    has_checksum: bool = False

    def has_look(self, text: str) -> bool:
        """Return whether a text has the form; any text may be asked about."""
        return re.fullmatch(self.regex, text) is not None

    plausible = could_be_minted = has_look  # there is no more to know

    def shown(self, token: str) -> str:
        """Return how a secret is called once it is hidden."""
        return token[: len(self.prefix) + _SHOWN_CHARACTERS]


SIGNING_SECRET = SigningSecretFormat()

OAUTH = (
    Format("soundrack_oauth_access_token", None, "sat_"),
    Format("soundrack_oauth_refresh_token", None, "srt_"),
    Format("soundrack_oauth_client_secret", None, "scs_"),
)
"""Forms of what `accounts.oauth` makes and a scanner should find."""

OTHERS: tuple[Format | SigningSecretFormat, ...] = (*OAUTH, SIGNING_SECRET)
"""Every form of secret that is not a key."""

PUBLISHED: tuple[Format | SigningSecretFormat, ...] = (*ALL, *OTHERS)
"""Every form."""


def of(service: Service, *, sandbox: bool = False) -> Format:
    """Return the form of a service's keys; only BlackLab has a second one, its sandbox's.

    Raises
    ------
    ValueError
        If the sandbox of another service is asked for.
    """
    if not sandbox:
        return KEYS[service]
    if service not in SANDBOXES:
        raise ValueError(f"{service} has no sandbox")
    return SANDBOXES[service]


def mint(service: Service, *, sandbox: bool = False) -> str:
    """Return a new key for a service."""
    return of(service, sandbox=sandbox).mint()


def plausible(service: Service, token: str, *, sandbox: bool = False) -> bool:
    """Return whether a text can be a key of a service, without asking the database; no text makes this raise.

    Where there is a checksum, a text without the right one is no key, since no other was ever made. Masterify's
    form has none: any 32 of ``[0-9a-z]`` after the prefix are worth a look.
    """
    return of(service, sandbox=sandbox).plausible(token)


def regex(service: Service, *, sandbox: bool = False) -> str:
    """Return the published regular expression of a service's keys."""
    return of(service, sandbox=sandbox).regex


def identify(text: str) -> Format | None:
    """Return the one form in which a text can be a key, or None."""
    return next((form for form in ALL if form.plausible(text)), None)
