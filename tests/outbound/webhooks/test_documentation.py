"""The functions that docs/webhooks.md gives to receivers accept what is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from soundrack import ids
from soundrack.outbound.webhooks import results, schemes
from soundrack.outbound.webhooks.schemes import Message
from soundrack.outbound.webhooks.secrets import Signing

pytestmark = pytest.mark.one_database
PAGE = (Path(__file__).parents[3] / "docs/webhooks.md").read_text()
BODY = b'{"event":"job.done"}'


def printed(heading: str) -> Any:
    """Return the function below a heading, as a reader would paste it."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n### ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  our own document
    return names["verify"]


def signed(scheme: schemes.Scheme, at: datetime | None = None) -> tuple[dict[str, str], str]:
    one = Signing("whs_1", ids.signing_secret(), datetime.now(UTC), None)
    return scheme.headers(Message("whd_1", "job.done", BODY, at or datetime.now(UTC)), [one]), one.secret


@pytest.mark.parametrize(
    ("scheme", "header"),
    [(schemes.BLACKLAB, "X-BlackLab-Signature"), (schemes.MASTERIFY, "X-Masterify-Signature")],
)
def test_blacklab_s_and_masterify_s_function(scheme: schemes.Scheme, header: str):
    verify = printed("BlackLab and Masterify")
    headers, secret = signed(scheme)

    assert verify(BODY, headers[header], secret)
    assert not verify(BODY + b" ", headers[header], secret)
    assert f"`{header}`" in PAGE


def test_signalkey_s_function_refuses_what_is_old():
    verify = printed("SignalKey")
    headers, secret = signed(schemes.SIGNALKEY)
    old, old_secret = signed(schemes.SIGNALKEY, datetime.now(UTC) - timedelta(seconds=310))

    assert verify(BODY, headers["X-SignalKey-Signature"], secret)
    assert not verify(BODY, old["X-SignalKey-Signature"], old_secret)
    assert not verify(BODY + b" ", headers["X-SignalKey-Signature"], secret)


def test_soundpiece_s_function():
    verify = printed("Soundpiece")
    headers, secret = signed(schemes.SOUNDPIECE)

    assert verify(BODY, headers, secret) == {"event": "job.done"}
    with pytest.raises(WebhookVerificationError):
        verify(b"{}", headers, secret)


def test_every_header_is_in_the_table():
    for scheme in (schemes.BLACKLAB, schemes.MASTERIFY, schemes.SIGNALKEY, schemes.SOUNDPIECE):
        for name in signed(scheme)[0]:
            assert f"`{name}`" in PAGE


def test_the_pauses_are_those_of_the_code():
    assert results.RETRY_AFTER_S == (2, 15, 2 * 60, 10 * 60, 3600)
    assert "about 2 seconds, 15 seconds, 2 minutes, 10 minutes and an hour" in PAGE.replace("\n", " ")
