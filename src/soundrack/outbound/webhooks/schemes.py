"""How a delivery is signed: each service's headers, as its document and the published libraries verify them.

Every function here is pure: the moment of the attempt and the secrets come in, headers go out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from standardwebhooks import Webhook

from soundrack.outbound.webhooks import secrets
from soundrack.outbound.webhooks.secrets import Signing

NEXT = "-Next"
"""Ending of the header that carries the new secret's signature while a rotation's overlap lasts."""


@dataclass(frozen=True)
class Message:
    """One attempt at one delivery."""

    id: str
    """The delivery's, the same over retries."""
    event: str
    """In the service's words."""
    body: bytes
    at: datetime
    """Of this attempt, so that late retries verify."""


class Scheme(Protocol):
    """From a message and its secrets to the headers that prove it."""

    @property
    def id_prefix(self) -> str:
        """What the ids of deliveries begin with."""
        ...

    def headers(self, message: Message, signings: Sequence[Signing]) -> dict[str, str]:
        """Return the headers of one attempt.

        Parameters
        ----------
        signings : sequence of Signing
            As `secrets.of` returns them: at least one, the current one first.
        """
        ...


@dataclass(frozen=True)
class BodyDigest:
    """``sha256=`` and the hexadecimal HMAC-SHA-256 of the raw body under the secret's text: BlackLab, Masterify.

    BlackLab's document, "Verify webhook signature": there is no timestamp in what is signed.
    """

    signature: str
    event: str
    delivery: str
    id_prefix: str = "whd_"

    def headers(self, message: Message, signings: Sequence[Signing]) -> dict[str, str]:
        """Return the headers of one attempt."""
        signed = _in_one_header(self.signature, signings, lambda one: f"sha256={_hex(one, message.body)}")
        return {self.event: message.event, self.delivery: message.id} | signed


@dataclass(frozen=True)
class StampedDigest:
    """``t=<unix>,v1=<hex>``: HMAC-SHA-256 of ``{t}.{raw body}`` under the secret's text: SignalKey.

    Receivers are told to refuse what is older than 300 s, so `t` is the attempt's, not the event's.
    """

    signature: str
    event: str
    delivery: str
    id_prefix: str = "whd_"

    def headers(self, message: Message, signings: Sequence[Signing]) -> dict[str, str]:
        """Return the headers of one attempt."""
        stamp = int(message.at.timestamp())
        signed = f"{stamp}.".encode() + message.body
        signatures = _in_one_header(self.signature, signings, lambda one: f"t={stamp},v1={_hex(one, signed)}")
        return {self.event: message.event, self.delivery: message.id} | signatures


@dataclass(frozen=True)
class StandardWebhooks:
    """Standard Webhooks 1.0.0, by its published library: Soundpiece. Every valid secret signs in the one header."""

    id_prefix: str = "msg_"

    def headers(self, message: Message, signings: Sequence[Signing]) -> dict[str, str]:
        """Return the headers of one attempt."""
        text = message.body.decode()
        return {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(message.at.timestamp())),
            "webhook-signature": " ".join(Webhook(one.secret).sign(message.id, message.at, text) for one in signings),
        }


BLACKLAB = BodyDigest("X-BlackLab-Signature", "X-BlackLab-Event", "X-BlackLab-Delivery")
MASTERIFY = BodyDigest("X-Masterify-Signature", "X-Masterify-Event", "X-Masterify-Delivery")
SIGNALKEY = StampedDigest("X-SignalKey-Signature", "X-SignalKey-Event", "X-SignalKey-Delivery")
SOUNDPIECE = StandardWebhooks()


def _in_one_header(name: str, signings: Sequence[Signing], sign: Callable[[Signing], str]) -> dict[str, str]:
    """A header with room for one signature has the old secret's until the overlap ends, and a second the new one's."""
    who = secrets.for_one_header(signings)
    headers = {name: sign(who.documented)}
    if who.upcoming is not None:
        headers[name + NEXT] = sign(who.upcoming)
    return headers


def _hex(signing: Signing, signed: bytes) -> str:
    digest = signing.keyed.copy()
    digest.update(signed)
    return digest.hexdigest()
