"""Signed alerts: who signed them, and what they say."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import given
from hypothesis import strategies as st

from soundrack import ids
from soundrack.accounts import alerts, formats
from soundrack.accounts.leaks import Match
from soundrack.errors import Invalid, Malformed, NotAuthenticated, NotConfigured, TooLarge
from tests.accounts.signed import BODY, PRIVATE, pem, published, signature

# the sample of GitHub's documentation, "Secret scanning partner program"
PUBLISHED_BODY = b'[{"token":"some_token","type":"some_type","url":"some_url"}]'
PUBLISHED_IDENTIFIER = "90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a"
PUBLISHED_SIGNATURE = "MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc="
PUBLISHED_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq
kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==
-----END PUBLIC KEY-----
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    retired = ec.generate_private_key(ec.SECP256R1())
    return published(tmp_path / "keys.json", ("now", pem(PRIVATE), True), ("before", pem(retired), False))


def test_the_sample_of_the_documentation_is_verified(tmp_path: Path):
    file = published(tmp_path / "keys.json", (PUBLISHED_IDENTIFIER, PUBLISHED_KEY, True))

    alerts.verify(file, PUBLISHED_IDENTIFIER, PUBLISHED_SIGNATURE, PUBLISHED_BODY)
    with pytest.raises(NotAuthenticated):
        alerts.verify(file, PUBLISHED_IDENTIFIER, PUBLISHED_SIGNATURE, PUBLISHED_BODY + b"\n")


def test_an_alert_that_a_listed_key_signed_is_verified(file: Path):
    alerts.verify(file, "now", signature(), BODY)


@pytest.mark.parametrize(
    ("identifier", "signed", "body"),
    [
        ("now", signature(), BODY.replace(b"some_token", b"another")),
        ("now", signature(), BODY + b" "),
        ("now", signature(), b""),
        ("now", signature(private=ec.generate_private_key(ec.SECP256R1())), BODY),
        ("now", signature(digest=SHA384()), BODY),
        ("now", "", BODY),
        ("now", "é", BODY),
        ("now", "not base 64!", BODY),
        ("now", base64.b64encode(b"not DER").decode(), BODY),
        ("now", signature() + "=", BODY),
        ("before", signature(), BODY),
        ("unknown", signature(), BODY),
        ("", signature(), BODY),
    ],
    ids=[
        "another token",
        "a space more",
        "no body",
        "another key",
        "another digest",
        "no signature",
        "a letter",
        "not base 64",
        "not DER",
        "an equals sign more",
        "a former key",
        "an unknown key",
        "no key",
    ],
)
def test_an_alert_that_no_current_key_signed_is_refused_in_the_same_words(
    file: Path, identifier: str, signed: str, body: bytes
):
    with pytest.raises(NotAuthenticated) as refused:
        alerts.verify(file, identifier, signed, body)

    assert str(refused.value) == "The alert is not signed by a key that is known here."


def test_a_key_that_is_not_current_any_more_verifies_nothing(tmp_path: Path):
    file = published(tmp_path / "keys.json", ("now", pem(PRIVATE), False))

    with pytest.raises(NotAuthenticated):
        alerts.verify(file, "now", signature(), BODY)


def test_a_file_that_is_renewed_counts_from_then_on(tmp_path: Path):
    new = ec.generate_private_key(ec.SECP256R1())
    file = published(tmp_path / "keys.json", ("one", pem(PRIVATE), True))
    alerts.verify(file, "one", signature(), BODY)
    published(file, ("two", pem(new), True))

    alerts.verify(file, "two", signature(private=new), BODY)
    with pytest.raises(NotAuthenticated):
        alerts.verify(file, "one", signature(), BODY)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"public_keys": 1}',
        '{"public_keys": [1]}',
        '{"public_keys": [{"key_identifier": "now", "is_current": true}]}',
        '{"public_keys": [{"key_identifier": "now", "key": 1, "is_current": true}]}',
        '{"public_keys": [{"key_identifier": "now", "key": "no key", "is_current": true}]}',
        json.dumps(
            {
                "public_keys": [
                    {"key_identifier": "now", "key": pem(ec.generate_private_key(ec.SECP384R1())), "is_current": True}
                ]
            }
        ),
        json.dumps(
            {
                "public_keys": [
                    {"key_identifier": "now", "key": pem(ed25519.Ed25519PrivateKey.generate()), "is_current": True}
                ]
            }
        ),
        "[" * 100_000,
    ],
    ids=[
        "empty",
        "array",
        "object",
        "number",
        "numbers",
        "no key",
        "number as key",
        "no PEM",
        "P-384",
        "EdDSA",
        "deep",
    ],
)
def test_a_file_that_cannot_be_used_is_the_operators_fault(tmp_path: Path, content: str):
    (tmp_path / "keys.json").write_text(content)

    with pytest.raises(NotConfigured, match="published form"):
        alerts.verify(tmp_path / "keys.json", "now", signature(), BODY)


def test_a_file_that_is_not_there_is_the_operators_fault(tmp_path: Path):
    with pytest.raises(NotConfigured, match="cannot be read"):
        alerts.verify(tmp_path / "keys.json", "now", signature(), BODY)


def test_an_alert_is_read():
    body = '[{"token": "a", "type": "b", "url": null}, {"token": "ü", "type": "", "url": "c", "source": "d", "x": []}]'

    assert alerts.parse(body.encode()) == [Match("a", "b"), Match("ü", "", "c", "d")]
    assert alerts.parse(b"[]") == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"token"', b"\xff\xfe\xfd", b"[" * 500_000, b"9" * 100_000])
def test_what_is_not_json_is_malformed(body: bytes):
    with pytest.raises(Malformed):
        alerts.parse(body)


@pytest.mark.parametrize(
    "content",
    [
        *({}, "text", None, 1, [1], [None], [[]], [{}], [{"token": "a"}], [{"type": "b"}]),
        [{"token": 1, "type": "b"}],
        [{"token": "a", "type": []}],
        [{"token": "a", "type": "b", "url": {}}],
        [{"token": "a", "type": "b", "source": 1}],
    ],
)
def test_what_is_no_array_of_matches_is_refused(content: Any):
    with pytest.raises(Invalid):
        alerts.parse(json.dumps(content).encode())


def test_more_than_1000_matches_are_refused():
    one = {"token": "a", "type": "b"}

    assert len(alerts.parse(json.dumps([one] * 1000).encode())) == 1000
    with pytest.raises(TooLarge, match="1000"):
        alerts.parse(json.dumps([one] * 1001).encode())


@given(
    st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda it: json.dumps(it).encode())
)
def test_no_body_makes_reading_raise_anything_unexpected(body: bytes):
    with contextlib.suppress(Malformed, Invalid):
        assert isinstance(alerts.parse(body), list)


def test_the_answer_names_no_token_but_its_hash():
    answer = alerts.verdicts([Match("some_token", "some_type", "u"), Match("\ud800", "t")], [True, False])

    assert answer[0] == {
        "token_hash": "9a45520a1213f15016d2d768b5fb3d904492a44ee274b44d4de8803e00fb536a",
        "token_type": "some_type",
        "label": "true_positive",
    }
    assert answer[1]["label"] == "false_positive"
    assert "some_token" not in json.dumps(answer)


def test_of_other_secrets_the_answer_says_nothing():
    others = [ids.signing_secret(), *(form.mint() for form in formats.OAUTH)]

    assert alerts.verdicts([Match(text, "t") for text in others], [False] * len(others)) == []
