"""Signatures: what the services' documents print, and what the published library says, accepts ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from soundrack import ids
from soundrack.outbound.webhooks import schemes
from soundrack.outbound.webhooks.schemes import Message
from soundrack.outbound.webhooks.secrets import Signing

pytestmark = pytest.mark.one_database
BODY = '{"event":"job.done","data":{"title":"Für Élise"}}'.encode()
AT = datetime(2026, 11, 1, 12, 0, 0, 900_000, tzinfo=UTC)
EVERY = [schemes.BLACKLAB, schemes.MASTERIFY, schemes.SIGNALKEY, schemes.SOUNDPIECE]


def signing(retires: bool = False) -> Signing:
    return Signing("whs_1", ids.signing_secret(), AT, AT + timedelta(hours=24) if retires else None)


def message(body: bytes = BODY, at: datetime = AT) -> Message:
    return Message("whd_1", "job.done", body, at)


# BlackLab's document, "Verify webhook signature (Python)", as it is printed
def verify_webhook(payload_bytes: bytes, signature: str, secret: str) -> bool:
    expected = hmac.new(secret.encode(), payload_bytes, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)


# SignalKey's document, "Verify (Node)", in Python
def verify(raw_body: bytes, header: str, secret: str) -> bool:
    parts = dict(part.split("=") for part in header.split(","))
    expected = hmac.new(secret.encode(), f"{parts['t']}.".encode() + raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"])


@given(st.binary(max_size=500))
def test_the_function_that_blacklab_prints_accepts_ours(body: bytes):
    one = signing()

    headers = schemes.BLACKLAB.headers(message(body), [one])

    assert verify_webhook(body, headers["X-BlackLab-Signature"], one.secret)
    assert not verify_webhook(body + b" ", headers["X-BlackLab-Signature"], one.secret)
    assert not verify_webhook(body, headers["X-BlackLab-Signature"], signing().secret)


def test_blacklab_names_the_event_and_the_delivery():
    headers = schemes.BLACKLAB.headers(message(), [signing()])

    assert (headers["X-BlackLab-Event"], headers["X-BlackLab-Delivery"]) == ("job.done", "whd_1")
    assert set(headers) == {"X-BlackLab-Event", "X-BlackLab-Delivery", "X-BlackLab-Signature"}


def test_masterify_signs_the_raw_body_too():
    one = signing()

    headers = schemes.MASTERIFY.headers(message(), [one])

    assert verify_webhook(BODY, headers["X-Masterify-Signature"], one.secret)
    assert headers["X-Masterify-Delivery"] == "whd_1"


@given(st.binary(max_size=500))
def test_the_function_that_signalkey_prints_accepts_ours(body: bytes):
    one = signing()

    headers = schemes.SIGNALKEY.headers(message(body), [one])

    assert verify(body, headers["X-SignalKey-Signature"], one.secret)
    assert not verify(body + b" ", headers["X-SignalKey-Signature"], one.secret)
    assert headers["X-SignalKey-Signature"].startswith(f"t={int(AT.timestamp())},v1=")
    assert (headers["X-SignalKey-Event"], headers["X-SignalKey-Delivery"]) == ("job.done", "whd_1")


def test_the_published_library_accepts_what_soundpiece_is_sent():
    one, now = signing(), datetime.now(UTC)

    headers = schemes.SOUNDPIECE.headers(message(at=now), [one])

    assert Webhook(one.secret).verify(BODY, headers)["event"] == "job.done"
    assert headers["webhook-id"] == "whd_1"
    with pytest.raises(WebhookVerificationError):
        Webhook(signing().secret).verify(BODY, headers)


def test_a_late_retry_carries_its_own_moment_so_that_the_library_accepts_it():
    one, now = signing(), datetime.now(UTC)
    first = schemes.SOUNDPIECE.headers(message(at=now - timedelta(hours=1)), [one])
    late = schemes.SOUNDPIECE.headers(message(at=now), [one])

    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(one.secret).verify(BODY, first)
    Webhook(one.secret).verify(BODY, late)
    assert abs(int(late["webhook-timestamp"]) - time.time()) < 60
    assert first["webhook-id"] == late["webhook-id"]


def test_during_a_rotation_the_published_library_accepts_either_secret():
    new, old = signing(), signing(retires=True)

    headers = schemes.SOUNDPIECE.headers(message(at=datetime.now(UTC)), [new, old])

    for one in (new, old):
        Webhook(one.secret).verify(BODY, headers)
    assert len(headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize(
    ("scheme", "header", "accepts"),
    [
        (schemes.BLACKLAB, "X-BlackLab-Signature", verify_webhook),
        (schemes.MASTERIFY, "X-Masterify-Signature", verify_webhook),
        (schemes.SIGNALKEY, "X-SignalKey-Signature", verify),
    ],
)
def test_during_a_rotation_the_documented_header_is_the_old_secret_s_and_next_the_new_one_s(scheme, header, accepts):
    new, old = signing(), signing(retires=True)

    headers = scheme.headers(message(), [new, old])

    assert accepts(BODY, headers[header], old.secret)
    assert accepts(BODY, headers[f"{header}-Next"], new.secret)
    assert f"{header}-Next" not in scheme.headers(message(), [new])


@pytest.mark.parametrize("scheme", EVERY)
def test_no_header_holds_the_secret(scheme):
    new, old = signing(), signing(retires=True)

    told = "".join(scheme.headers(message(), [new, old]).values())

    for one in (new, old):
        assert one.secret not in told
        assert base64.b64decode(one.secret.removeprefix("whsec_")).hex() not in told
        assert one.secret not in repr(one)
